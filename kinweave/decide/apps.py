from django.apps import AppConfig


class DecideConfig(AppConfig):
    name = "kinweave.decide"
    label = "decide"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kinweave.decide import actions  # noqa: F401  registers the actions
