"""ETags, names of kept pages and tiles, ids of reports: all of them derive from the snapshot."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language

from clcplus.http import site_address
from clcplus.snapshots import Snapshot

_REVALIDATE = "public, no-cache"
"""Published data may be withdrawn: caches ask each time, and a 304 is cheap."""


def address(request: HttpRequest) -> str:
    """The address as asked, at the site's own host; dots in it stand as they came."""
    return f"{site_address.origin(request)}{request.get_full_path()}"


def page_tag(request: HttpRequest, snapshot: Snapshot) -> str:
    """The ETag of a page, which is also its name among the kept pages. Citations name the day."""
    day = timezone.localdate().isoformat()
    parts = (get_language() or "", _reader(request), day, address(request))
    return f'"{snapshot.digest(*parts)}"'


def data_tag(request: HttpRequest, snapshot: Snapshot, *variants: str) -> str:
    """The ETag of a file, a document or a tile; ``variants`` are its language or media type."""
    # Weak, since compression changes the bytes.
    return f'W/"{snapshot.digest(address(request), *variants)}"'


def not_modified(request: HttpRequest, tag: str) -> HttpResponseBase | None:
    """The answer 304 where the reader has what ``tag`` stands for; else None."""
    response = get_conditional_response(request, etag=tag)
    return response if response is not None and response.status_code == 304 else None


def revalidate(response: HttpResponseBase, tag: str) -> None:
    """Let caches keep a response, and ask by its ETag each time whether it still holds."""
    response["ETag"] = tag
    response["Cache-Control"] = _REVALIDATE


def tile_key(snapshot: Snapshot, *parts: object) -> str:
    """The name of a tile in the cache."""
    return ":".join(("tile", snapshot.release, str(snapshot.data), *map(str, parts)))


def report_id(made_of: Mapping[str, object]) -> uuid.UUID:
    """The id of a report: the same request leads to the same report."""
    names = ("data", "release", "site", "level", "code", "vintage", "earlier", "later", "language")
    return uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(str(made_of[name]) for name in names))


def _reader(request: HttpRequest) -> str:
    """Who reads, and what the pages show of it: the account, the links of staff, and the secret of
    the form to sign out."""
    user = request.user
    if not user.is_authenticated:
        return ""
    runs = user.is_staff and user.has_perm("clcplus.view_run")
    # Where there is no secret yet this makes one: no page is taken for that of an older secret.
    get_token(request)
    secret = request.META["CSRF_COOKIE"]
    return f"{user.pk} {user.get_username()} {user.is_staff} {runs} {secret}"
