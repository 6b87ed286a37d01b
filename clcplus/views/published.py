"""Pages of published data: read in one snapshot, kept by browsers until something is published."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.translation import get_language
from sqlalchemy import Connection

from analytics import queries
from clcplus import access, reading
from clcplus.api import freshness
from clcplus.views import kept_pages

P = ParamSpec("P")


@functools.cache
def release() -> str:
    """A name of what makes the pages: templates, views, and the built style sheets and scripts."""
    root = Path(settings.BASE_DIR)
    digest = hashlib.sha256()
    for folder, pattern in (
        ("templates", "**/*"),
        ("clcplus", "**/*.py"),
        ("analytics", "**/*.py"),
        ("clcplus/static", "**/*"),
        ("locale", "**/*.mo"),
    ):
        for path in sorted((root / folder).glob(pattern)):
            if path.is_file():
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


_VERSION = "clcplus.published"


def note_version(request: HttpRequest, connection: Connection) -> None:
    """Note the identity of the data that a snapshot holds, for :func:`version_of`."""
    request.META[_VERSION] = queries.fingerprint(connection)


def version_of(request: HttpRequest) -> str:
    """The identity of the data that a page is made of; addresses that carry it may be kept."""
    return str(request.META[_VERSION])


def _etag(request: HttpRequest) -> str:
    """Keyed by the identity of the data, the release, the language, who reads, the address, and the
    day, which citations name as that of the access: by all that a page may depend on."""
    who = _reader(request)
    parts = (
        version_of(request),
        release(),
        get_language() or "",
        who,
        str(settings.DEMONSTRATION),
        timezone.localdate().isoformat(),
        freshness.address(request),
    )
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return f'"{digest[:32]}"'


def _reader(request: HttpRequest) -> str:
    """Who reads, and what of it the pages show: the account, the links of staff, and the secret of
    the form to sign out."""
    user = request.user
    if not user.is_authenticated:
        return ""
    runs = user.is_staff and user.has_perm("clcplus.view_run")
    # Where there is no secret yet this makes one: no page is taken for that of an older secret.
    get_token(request)
    secret = request.META["CSRF_COOKIE"]
    return f"{user.pk} {user.get_username()} {user.is_staff} {runs} {secret}"


def published_page(
    view: Callable[Concatenate[HttpRequest, Connection, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Give a view the snapshot to read from; answer 304 where the reader has the page already."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        level = kwargs.get("level")
        showing = access.shown_layer(request, level if isinstance(level, str) else None)
        with reading.snapshot(showing=showing) as connection:
            note_version(request, connection)
            etag = _etag(request)
            response: Any = get_conditional_response(request, etag=etag)
            # What is shown to this reader alone is kept for nobody.
            kept = response is None and showing is None and kept_pages.may_be_kept(request)
            if kept and (page := kept_pages.pages.get(etag)) is not None:
                response = page.response(request)
            elif response is None:
                response = view(request, connection, *args, **kwargs)
                if kept:
                    response = kept_pages.keep(request, etag, response)
        if response.status_code in {200, 304}:
            response["ETag"] = etag
            patch_cache_control(response, private=True, no_cache=True)
            patch_vary_headers(response, ("Cookie",))
        if showing is not None:
            access.keep_private(request, response)
        return response

    return answer
