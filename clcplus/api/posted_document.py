"""The body of a request as JSON, read so that no body can hold a web process for long."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from clcplus.api.errors import BadDocument, BodyTooLarge, WrongMediaType

MEDIA_TYPES = ("application/geo+json", "application/json")
_SHOWN = 60


def read(request: HttpRequest) -> Any:
    """The document of a body; numbers are floats.

    Raises WrongMediaType, BodyTooLarge or BadDocument.
    """
    return _parsed(_text(_body(request)))


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


def _text(body: bytes) -> str:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadDocument(
            f"body: found bytes that are not UTF-8 at byte {error.start}; expected JSON in UTF-8"
        ) from error
    if not text.strip():
        raise BadDocument("body: found nothing; expected a GeoJSON document")
    return text


class _Refused(ValueError):
    """What JSON, or good use of it, does not have."""


def _parsed(text: str) -> Any:
    try:
        return json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            # Whole numbers of any length, read in a time that grows with their length only.
            parse_int=float,
        )
    except _Refused as error:
        raise BadDocument(f"body: found {error}") from error
    except json.JSONDecodeError as error:
        raise BadDocument(
            f"body: found text that is not JSON in line {error.lineno}, column {error.colno} "
            f"({error.msg}); expected a GeoJSON document",
            line=error.lineno,
            column=error.colno,
        ) from error
    except RecursionError as error:
        raise BadDocument(
            "body: found arrays or objects within each other, hundreds deep; expected GeoJSON, "
            "which has ten levels at most"
        ) from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise _Refused(f"the member {twice[:_SHOWN]!r} twice in one object; expected it once")
    return members


def _no_constant(name: str) -> Any:
    raise _Refused(f"{name}, which JSON does not have; expected numbers")
