"""The one Django application of the project."""

from django.apps import AppConfig

from analytics import kernel_cache


class ClcplusConfig(AppConfig):
    """Soil-sealing statistics."""

    name = "clcplus"
    verbose_name = "Soil sealing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Refuse to start where others could have laid code that is loaded."""
        kernel_cache.check()
