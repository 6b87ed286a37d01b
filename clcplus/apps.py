"""The one Django application of the project."""

from django.apps import AppConfig

from analytics.counting import kernel_cache


class ClcplusConfig(AppConfig):
    """Soil-sealing statistics."""

    name = "clcplus"
    verbose_name = "Soil sealing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have the checks registered; refuse to start where others could have laid code that is
        loaded."""
        from clcplus import checks  # noqa: F401

        kernel_cache.check()
