from django.apps import AppConfig


class FrontConfig(AppConfig):
    name = "kinweave.front"
    label = "front"

    def ready(self) -> None:
        from kinweave.front import parking
        from kinweave.house.worker import every

        every(600, "front.parked", parking.some_are_old)(parking.clear_old)
