from django.apps import AppConfig


class HouseConfig(AppConfig):
    name = "kinweave.house"
    label = "house"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kinweave.house import accounts, actions, quarantine, recovery, rota, tokens  # noqa: F401  they register
