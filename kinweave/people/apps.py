from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "kinweave.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kinweave.people import actions, quarantine  # noqa: F401  registers the actions and the door to what is held
