"""Files of published data: one snapshot, the same for everybody, kept until something changes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, Concatenate, ParamSpec

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from sqlalchemy import Connection

from analytics import queries
from analytics.records import Edition, Territory
from clcplus import access, snapshots
from clcplus.access.published_headers import set_published_headers
from clcplus.citations import citation
from clcplus.http import parameters, site_address
from clcplus.http.problems import reading_only
from clcplus.presentation.level_names import level_name
from clcplus.snapshots import Snapshot, freshness

P = ParamSpec("P")


def published_file(
    view: Callable[Concatenate[HttpRequest, Snapshot, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Give a view the snapshot to read from; answer 304 where the reader has the file already, and
    a problem document where there is an error: who asks is often a program."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        level = kwargs.get("level")
        showing = access.shown_layer(request, level if isinstance(level, str) else None)
        with snapshots.opened(showing=showing) as snapshot:
            tag = freshness.data_tag(request, snapshot, get_language() or "")
            response: Any = freshness.not_modified(request, tag)
            if response is None:
                response = view(request, snapshot, *args, **kwargs)
        set_published_headers(request, response, tag=tag, showing=showing)
        return response

    return reading_only(answer)


def territory_of(request: HttpRequest, connection: Connection, level: str, code: str) -> Territory:
    """The territory of an address."""
    vintage = parameters.vintage(request)
    found = queries.territory(connection, level=level, code=code, vintage=vintage)
    if found is None:
        raise Http404(f"no territory of level {level!r} has the code {code!r}")
    return found


def permanent_address(request: HttpRequest, territory: Territory) -> str:
    """The page of a territory in these boundaries, for good."""
    path = reverse("territory", args=(territory.level, territory.code))
    return f"{site_address.absolute(request, path)}?vintage={territory.vintage}"


def described(territory: Territory) -> str:
    """A territory in a line of a file of data."""
    return (
        f"{territory.name} ({territory.level_name} {territory.code}), "
        f"boundary of {territory.vintage}"
    )


def attribution(request: HttpRequest, territory: Territory, editions: Sequence[Edition]) -> str:
    """What a file says of where its figures are from, and on what terms."""
    said = [citation(editions)]
    if any(edition.origin == "official" for edition in editions):
        said.append(_("Free to use with the source named."))
    words = {
        "name": territory.name,
        "level": level_name(territory.level_name),
        "code": territory.code,
        "year": territory.vintage,
    }
    said.append(_("%(name)s (%(level)s %(code)s), boundary of %(year)s.") % words)
    return " ".join([*said, permanent_address(request, territory)])
