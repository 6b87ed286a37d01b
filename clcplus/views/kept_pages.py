"""Whole pages that a process keeps, compressed, under the ETag that names all they are made of.

A page changes with the published data, the release, the language and the reader: with its ETag, so
that nothing in here grows stale. Only what every anonymous reader gets alike is kept.
"""

from __future__ import annotations

import threading

from cachetools import LRUCache
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from clcplus.http.compression import Compressed

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


def may_be_kept(request: HttpRequest) -> bool:
    """Whether this reader gets what every anonymous reader gets: nothing says who it is."""
    known = bool(request.COOKIES) or "Authorization" in request.headers
    return settings.PAGES_KEPT_MB > 0 and not settings.DEBUG and not known


def keep(request: HttpRequest, key: str, response: HttpResponse) -> HttpResponse:
    """The response, kept where all readers get it alike; compressed already where they take that.

    A page with a form has a token of its reader's own: it is never kept.
    """
    private = bool(response.cookies) or "CSRF_COOKIE" in request.META
    if private or response.status_code != 200 or response.streaming:
        return response
    page = Compressed.of(response.content, response["Content-Type"], level=_LEVEL)
    pages.put(key, page)
    return page.response(request)
