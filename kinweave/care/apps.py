from django.apps import AppConfig


class CareConfig(AppConfig):
    name = "kinweave.care"
    label = "care"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kinweave.care import actions  # noqa: F401  registers the actions
