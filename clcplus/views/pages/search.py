"""The page of search results, and the suggestions under a search field."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from sqlalchemy import Connection

from analytics import queries
from analytics.queries import sets_named
from analytics.records import Found, TerritoryLink
from analytics.search import search_key
from clcplus.snapshots import Snapshot
from clcplus.views.published import published_page

LIMIT = 60
SUGGESTED = 10
SETS = 3
"""Sets of zones that are found by their own name."""
_LONGEST = 100


def _by_level(found: Iterable[Found]) -> list[dict[str, Any]]:
    groups: dict[str, dict[str, Any]] = {}
    for item in found:
        link = item.territory.link
        group = groups.setdefault(link.level, {"level_name": link.level_name, "members": []})
        group["members"].append(item)
    return list(groups.values())


def _exact(found: Iterable[Found], text: str) -> TerritoryLink | None:
    """The one territory of today that has the text for its code or its whole name; None where there
    is none, where there are several, and where an older territory has it too."""
    key = search_key(text)
    exact = [
        item
        for item in found
        if item.territory.link.code.upper() == text.upper()
        or key in {search_key(item.territory.link.name), search_key(item.former_name or "")} - {""}
    ]
    if len(exact) != 1 or exact[0].former_name is not None:
        return None
    link = exact[0].territory.link
    return link if link.current else None


def _answer(
    request: HttpRequest, connection: Connection, *, template: str, limit: int, leads: bool = False
) -> HttpResponse:
    """What was found for the text of the request; where it ``leads`` and one place has the text for
    its whole name or code, the way there."""
    text = request.GET.get("q", "").strip()[:_LONGEST]
    results = queries.search(connection, text=text, limit=limit)
    sets = sets_named(connection, text=text, limit=SETS)
    if leads and not sets and (link := _exact(results.found, text)) is not None:
        return redirect("territory", link.level, link.code)
    return render(
        request,
        template,
        {
            "query": text,
            "groups": _by_level(results.found),
            "near": _by_level(results.near),
            "total": len(results.found),
            "total_near": len(results.near),
            "more": results.more,
            "too_short": results.too_short and not sets,
            "sets": sets,
        },
    )


@published_page
def search(request: HttpRequest, snapshot: Snapshot) -> HttpResponse:
    """Places by code, by the beginning of their name's words, or by a name that is misspelt; a
    whole name or code that only one place has leads to that place."""
    return _answer(request, snapshot.connection, template="search.html", limit=LIMIT, leads=True)


@published_page
def suggestions(request: HttpRequest, snapshot: Snapshot) -> HttpResponse:
    """The best few of them, as options of the list under a search field."""
    return _answer(
        request, snapshot.connection, template="search/suggestions.html", limit=SUGGESTED
    )
