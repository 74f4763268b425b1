from django.apps import AppConfig


class FlowsConfig(AppConfig):
    """No tables: the stories that cross rooms."""

    name = "kinweave.flows"
    label = "flows"

    def ready(self) -> None:
        import importlib
        import pkgutil

        import kinweave.flows

        for module in pkgutil.iter_modules(kinweave.flows.__path__):  # every story registers its actions
            importlib.import_module(f"kinweave.flows.{module.name}")
