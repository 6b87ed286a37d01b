"""What every page's template is given."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from clcplus.http import site_address
from clcplus.http.languages import languages_of


def site(request: HttpRequest) -> dict[str, Any]:
    """Whether the data are synthetic, so that each page can say so; the languages it is in; what
    absolute addresses begin with."""
    return {
        "demonstration": settings.DEMONSTRATION,
        "languages": SimpleLazyObject(lambda: languages_of(request.get_full_path())),
        "site_address": SimpleLazyObject(lambda: site_address.origin(request)),
    }
