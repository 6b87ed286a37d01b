"""What every page's template is given."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from clcplus.languages import languages_of


def site(request: HttpRequest) -> dict[str, Any]:
    """Whether the data are synthetic, so that each page can say so; the languages it is in."""
    return {
        "demonstration": settings.DEMONSTRATION,
        "languages": SimpleLazyObject(lambda: languages_of(request.get_full_path())),
    }
