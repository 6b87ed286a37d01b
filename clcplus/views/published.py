"""Pages of published data: read in one snapshot, kept by browsers until something is published.

The process keeps what every anonymous reader gets alike, compressed, under its ETag. The ETag names
all that a page is made of (published data, release, language, reader): nothing kept grows stale.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Mapping
from typing import Any, Concatenate, ParamSpec

from cachetools import LRUCache
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe
from sqlalchemy import Connection

from analytics import queries
from analytics.records import Territory
from clcplus import access, freshness, snapshots
from clcplus.compressed import Compressed
from clcplus.snapshots import Snapshot

P = ParamSpec("P")
_LEVEL = 5
"""Of compression: a tenth larger than the best and twice as fast."""


class KeptPages:
    """Pages by key, up to a number of bytes; what was not asked for longest goes first."""

    def __init__(self, *, most_bytes: int) -> None:
        self._pages: LRUCache[str, Compressed] = LRUCache(
            maxsize=most_bytes, getsizeof=lambda page: len(page.body)
        )
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._pages)

    def get(self, key: str) -> Compressed | None:
        """The page of a key, which becomes the last to go."""
        with self._lock:
            return self._pages.get(key)

    def put(self, key: str, page: Compressed) -> None:
        """Keep a page; one that is larger than all that may be kept is not."""
        if len(page.body) <= self._pages.maxsize:
            with self._lock:
                self._pages[key] = page

    def clear(self) -> None:
        """Keep nothing."""
        with self._lock:
            self._pages.clear()


pages = KeptPages(most_bytes=settings.PAGES_KEPT_MB << 20)


def _may_be_kept(request: HttpRequest) -> bool:
    """Whether this reader gets what every anonymous reader gets: nothing says who it is."""
    known = bool(request.COOKIES) or "Authorization" in request.headers
    return settings.PAGES_KEPT_MB > 0 and not settings.DEBUG and not known


def _keep(request: HttpRequest, key: str, response: HttpResponse) -> HttpResponse:
    """The response, kept where all readers get it alike; compressed already where they take that.

    A page with a form has a token of its reader's own: it is never kept.
    """
    private = bool(response.cookies) or "CSRF_COOKIE" in request.META
    if private or response.status_code != 200 or response.streaming:
        return response
    page = Compressed.of(response.content, response["Content-Type"], level=_LEVEL)
    pages.put(key, page)
    return page.response(request)


def published_page(
    view: Callable[Concatenate[HttpRequest, Snapshot, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Give a view the snapshot to read from; answer 304 where the reader has the page already."""

    @require_safe
    @functools.wraps(view)
    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        level = kwargs.get("level")
        showing = access.shown_layer(request, level if isinstance(level, str) else None)
        with snapshots.opened(showing=showing) as snapshot:
            etag = freshness.page_tag(request, snapshot)
            response: Any = get_conditional_response(request, etag=etag)
            # What is shown to this reader alone is kept for nobody.
            kept = response is None and showing is None and _may_be_kept(request)
            if kept and (page := pages.get(etag)) is not None:
                response = page.response(request)
            elif response is None:
                response = view(request, snapshot, *args, **kwargs)
                if kept:
                    response = _keep(request, etag, response)
        if response.status_code in {200, 304}:
            response["ETag"] = etag
            patch_cache_control(response, private=True, no_cache=True)
            patch_vary_headers(response, ("Cookie",))
        if showing is not None:
            access.keep_private(request, response)
        return response

    return answer


def territory_of(
    connection: Connection, asked: Mapping[str, str], level: str, code: str
) -> Territory:
    """The territory of a page, in the boundaries of the year that is ``asked`` for, if any. Raises
    Http404."""
    text = asked.get("vintage", "")
    vintage = int(text) if text.isdecimal() and len(text) == 4 else None
    found = queries.territory(connection, level=level, code=code, vintage=vintage)
    if found is None:
        raise Http404
    return found
