"""How files of strangers are confined, as the platform is configured."""

from __future__ import annotations

from django.conf import settings

from analytics.uploads import confinement


def configured() -> confinement.Sandbox:
    """Whether a file may be read where the kernel cannot confine its reader."""
    if settings.UPLOADS_WITHOUT_SANDBOX:
        return confinement.Sandbox.WHERE_POSSIBLE
    return confinement.Sandbox.REQUIRED
