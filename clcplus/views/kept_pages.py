"""Whole pages that a process keeps, compressed, under the ETag that names all they are made of.

A page changes with the published data, the release, the language and the reader: with its ETag, so
that nothing in here grows stale. Bounded by bytes; what was not asked for longest goes first. Only
what every anonymous reader gets alike is kept.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from clcplus.compressed import Compressed

_LEVEL = 5
"""Of compression: a tenth larger than the best and twice as fast."""


class KeptPages:
    """Pages by key, up to a number of bytes."""

    def __init__(self) -> None:
        self._pages: OrderedDict[str, Compressed] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: str) -> Compressed | None:
        """The page of a key, which becomes the last to go."""
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
            return page

    def put(self, key: str, page: Compressed, *, most: int) -> None:
        """Keep a page; what exceeds ``most`` bytes goes, the longest unasked first."""
        with self._lock:
            if key in self._pages:
                return
            self._pages[key] = page
            self._bytes += len(page.body)
            while self._bytes > most and self._pages:
                _, gone = self._pages.popitem(last=False)
                self._bytes -= len(gone.body)

    def clear(self) -> None:
        """Keep nothing."""
        with self._lock:
            self._pages.clear()
            self._bytes = 0


pages = KeptPages()


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
    pages.put(key, page, most=settings.PAGES_KEPT_MB << 20)
    return page.response(request)
