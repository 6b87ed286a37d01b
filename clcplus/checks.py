"""What `manage.py check --deploy` asks of a production system beyond Django's own."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security, deploy=True)
def site_url(**_: Any) -> list[CheckMessage]:
    """The site's address must not be what a request says it is."""
    if settings.SITE_URL or settings.DEBUG or settings.DEMONSTRATION:
        return []
    return [
        Error(
            "SITE_URL is not set: absolute addresses would be made of the host that was asked.",
            hint="Set it to the site's address, such as https://sealing.example.",
            id="clcplus.E001",
        )
    ]
