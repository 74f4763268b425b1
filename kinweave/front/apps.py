from django.apps import AppConfig


class FrontConfig(AppConfig):
    name = "kinweave.front"
    label = "front"
