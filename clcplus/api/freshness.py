"""ETags and caching of published data: keyed by the data's identity, the address and the code."""

from __future__ import annotations

import functools
import hashlib
import os
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from sqlalchemy import Connection

from analytics import queries
from clcplus import site_address

REVALIDATE = "public, no-cache"
"""Whatever was published may be withdrawn: caches ask each time, and are told 304 cheaply."""


@functools.cache
def code_version() -> str:
    """What the code says of itself: CODE_VERSION, or a hash of the sources that make responses."""
    if named := os.environ.get("CODE_VERSION"):
        return named
    root = Path(settings.BASE_DIR)
    digest = hashlib.sha256()
    for folder in ("analytics", "clcplus"):
        for path in sorted((root / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    # Charts are in the reader's language.
    for path in sorted((root / "locale").rglob("*.mo")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


_VERSION = "clcplus.published"


def version(request: HttpRequest, connection: Connection) -> str:
    """The identity of the data that the request's snapshot holds; asked for once a request."""
    if _VERSION not in request.META:
        request.META[_VERSION] = queries.fingerprint(connection)
    return str(request.META[_VERSION])


def address(request: HttpRequest) -> str:
    """The address as asked, at the site's own host; dots in it stand as they came."""
    return f"{site_address.origin(request)}{request.get_full_path()}"


def etag(request: HttpRequest, connection: Connection, *variants: str) -> str:
    """Of a response: the published data, the address as asked, the code, its media type."""
    parts = (version(request, connection), code_version(), address(request), *variants)
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    # Weak, since compression changes the bytes.
    return f'W/"{digest[:32]}"'


def not_modified(request: HttpRequest, tag: str) -> HttpResponseBase | None:
    """The answer 304 where the reader has what ``tag`` stands for; else None."""
    response = get_conditional_response(request, etag=tag)
    return response if response is not None and response.status_code == 304 else None
