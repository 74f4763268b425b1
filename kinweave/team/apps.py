from django.apps import AppConfig


class TeamConfig(AppConfig):
    name = "kinweave.team"
    label = "team"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kinweave.team import actions  # noqa: F401  registers the actions
