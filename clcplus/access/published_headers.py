"""Headers of responses with published data: files, tiles, reports."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from analytics.queries import ShownLayer
from clcplus import access
from clcplus.http.cors import open_to_other_sites
from clcplus.snapshots import freshness


def set_published_headers(
    request: HttpRequest, response: HttpResponseBase, *, tag: str, showing: ShownLayer | None
) -> None:
    """Let caches keep a response and ask by its ETag, and pages of other sites read it.

    A response with an unpublished layer (``showing``) is for its reader alone.
    """
    freshness.revalidate(response, tag)
    open_to_other_sites(response)
    if showing is not None:
        access.keep_private(request, response)
