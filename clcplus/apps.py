"""The one Django application of the project."""

from django.apps import AppConfig


class ClcplusConfig(AppConfig):
    """Soil-sealing statistics."""

    name = "clcplus"
    verbose_name = "Soil sealing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have the checks registered."""
        from clcplus import checks  # noqa: F401
