"""Pages of published data: read in one snapshot, kept by browsers until something is published."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe
from sqlalchemy import Connection

from analytics import queries
from analytics.records import Territory
from clcplus import access, freshness, snapshots
from clcplus.snapshots import Snapshot
from clcplus.views import kept_pages

P = ParamSpec("P")


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
            kept = response is None and showing is None and kept_pages.may_be_kept(request)
            if kept and (page := kept_pages.pages.get(etag)) is not None:
                response = page.response(request)
            elif response is None:
                response = view(request, snapshot, *args, **kwargs)
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
