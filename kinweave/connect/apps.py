from django.apps import AppConfig


class ConnectConfig(AppConfig):
    name = "kinweave.connect"
    label = "connect"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kinweave.connect import actions  # noqa: F401  registers the actions
