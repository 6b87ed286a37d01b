"""The one Django application of the project, and what it checks at the start."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks

from analytics.counting import kernel_cache


class ClcplusConfig(AppConfig):
    """Soil-sealing statistics."""

    name = "clcplus"
    verbose_name = "Soil sealing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the check, and refuse to start where others could have laid code that is
        loaded."""
        checks.register(site_url, checks.Tags.security, deploy=True)
        kernel_cache.check()


def site_url(**_: Any) -> list[checks.CheckMessage]:
    """What ``manage.py check --deploy`` asks of a production system beyond Django's own: the site's
    address must not be what a request says it is."""
    if settings.SITE_URL or settings.DEBUG or settings.DEMONSTRATION:
        return []
    return [
        checks.Error(
            "SITE_URL is not set: absolute addresses would be made of the host that was asked.",
            hint="Set it to the site's address, such as https://sealing.example.",
            id="clcplus.E001",
        )
    ]
