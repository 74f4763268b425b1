from importlib import import_module
from pkgutil import iter_modules

from django.apps import AppConfig


class FlowsConfig(AppConfig):
    name = "kinweave.flows"
    label = "flows"

    def ready(self) -> None:
        from kinweave import flows

        for module in iter_modules(flows.__path__):  # every flow registers its actions and how they apply
            import_module(f"{flows.__name__}.{module.name}")
