"""The page of search results."""

from __future__ import annotations

from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from sqlalchemy import Connection

from analytics import queries
from analytics.records import TerritorySummary
from clcplus.views.published import published_page

LIMIT = 60
_LONGEST = 100


def _by_level(items: list[TerritorySummary]) -> list[dict[str, object]]:
    """Results by level, in the order in which levels first appear."""
    order = {item.link.level: number for number, item in reversed(list(enumerate(items)))}
    ordered = sorted(items, key=lambda item: order[item.link.level])
    return [
        {"level_name": members[0].link.level_name, "members": members}
        for _level, group in groupby(ordered, key=lambda item: item.link.level)
        if (members := list(group))
    ]


@published_page
def search(request: HttpRequest, connection: Connection) -> HttpResponse:
    """Places by the beginning of their name's words, or by code."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:_LONGEST]
    found = queries.search(connection, text=text, limit=LIMIT + 1) if text else []
    return render(
        request,
        "search.html",
        {
            "query": text,
            "groups": _by_level(found[:LIMIT]),
            "total": min(len(found), LIMIT),
            "more": len(found) > LIMIT,
        },
    )
