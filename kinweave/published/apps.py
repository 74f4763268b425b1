"""The shelf of frozen releases as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class PublishedConfig(AppConfig):
    name = "kinweave.published"
    label = "published"

    def ready(self) -> None:
        import_module("kinweave.published.actions")
