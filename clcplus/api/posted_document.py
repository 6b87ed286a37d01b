"""The body of a request as JSON, read so that no body can hold a web process for long."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from clcplus.http import json_text
from clcplus.http.errors import BodyTooLarge, WrongMediaType

MEDIA_TYPES = ("application/geo+json", "application/json")
_SHOWN = 60


def read(request: HttpRequest) -> Any:
    """The document of a body; numbers are floats.

    Raises WrongMediaType, BodyTooLarge or BadDocument.
    """
    return json_text.document(_body(request), expected="a GeoJSON document")


def check_headers(request: HttpRequest) -> None:
    """Refuse by its headers what would not be read. Raises WrongMediaType or BodyTooLarge."""
    media_type = request.content_type or ""
    if media_type not in MEDIA_TYPES:
        raise WrongMediaType(
            f"Content-Type: found {media_type[:_SHOWN] or 'none'}; "
            f"expected {' or '.join(MEDIA_TYPES)}",
            allowed=list(MEDIA_TYPES),
        )
    encoding = request.headers.get("Content-Encoding", "identity")
    if encoding.lower() != "identity":
        raise WrongMediaType(
            f"Content-Encoding: found {encoding[:_SHOWN]}; expected none. Send the text as it is"
        )
    length = request.headers.get("Content-Length", "")
    if length.isascii() and length.isdigit():
        _check_length(length, longest=settings.POSTED_ZONE_KILOBYTES * 1000)


def _check_length(length: str, *, longest: int) -> None:
    # Compared as text first: a number of thousands of digits is not worth reading.
    if len(length) > len(str(longest)) or int(length) > longest:
        raise _too_large(f"{length[:_SHOWN]} bytes")


def _too_large(found: str) -> BodyTooLarge:
    kilobytes = settings.POSTED_ZONE_KILOBYTES
    return BodyTooLarge(
        f"body: found {found}; expected at most {kilobytes} kB. Round coordinates to six or seven "
        "decimals, or simplify the border",
        largest_bytes=kilobytes * 1000,
    )


def _body(request: HttpRequest) -> bytes:
    longest = settings.POSTED_ZONE_KILOBYTES * 1000
    body: bytes = request.read(longest + 1)
    if len(body) > longest:
        raise _too_large(f"more than {longest} bytes")
    return body
