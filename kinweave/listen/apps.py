from django.apps import AppConfig


class ListenConfig(AppConfig):
    name = "kinweave.listen"
    label = "listen"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kinweave.listen import actions, actions_forms, actions_stories, actions_stories_shown  # noqa: F401  registers the actions
