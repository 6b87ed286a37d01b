"""``Accept-Encoding`` without what it excludes: those who read it after this (WhiteNoise, the
framework's compression, kept pages) look for names alone, and would send gzip for ``gzip;q=0``."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

_HEADER = "HTTP_ACCEPT_ENCODING"
_EXCLUDED = re.compile(r";\s*q\s*=\s*0?(\.0*)?\s*(;|$)", re.IGNORECASE)


def without_excluded(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: drop encodings of quality 0 (RFC 9110, section 12.5.3)."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        header = request.META.get(_HEADER, "")
        if "=" in header:
            kept = [one.strip() for one in header.split(",") if not _EXCLUDED.search(one)]
            request.META[_HEADER] = ", ".join(kept)
        return get_response(request)

    return answer
