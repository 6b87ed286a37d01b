"""What every page's template is given."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """Whether the data are synthetic, so that each page can say so."""
    return {"demonstration": settings.DEMONSTRATION}
