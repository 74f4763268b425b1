from django.apps import AppConfig


class HouseConfig(AppConfig):
    name = "kinweave.house"
    label = "house"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kinweave.house import actions  # noqa: F401  registers the actions
