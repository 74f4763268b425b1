from django.apps import AppConfig


class GatherConfig(AppConfig):
    name = "kinweave.gather"
    label = "gather"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kinweave.gather import actions  # noqa: F401  registers the actions
