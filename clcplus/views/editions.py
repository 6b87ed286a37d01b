"""The page of the data: each published edition with what its producer says about it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from sqlalchemy import Connection

from analytics import queries
from analytics.products import CLCPLUS
from clcplus.views.published import published_page


@published_page
def editions(request: HttpRequest, connection: Connection) -> HttpResponse:
    """The editions."""
    found, levels = queries.editions(connection), queries.levels(connection)
    shares: dict[str, tuple[int, int]] = {}
    if levels:
        ids = [edition.id for edition in found]
        for row in queries.bulk_statistics(connection, level=levels[0].slug, edition_ids=ids):
            missing, cells = shares.get(row.edition, (0, 0))
            shares[row.edition] = (
                missing + row.not_observed,
                cells + row.not_observed + row.observed,
            )
    shown = []
    for edition in reversed(found):
        missing, cells = shares.get(edition.slug, (0, 0))
        published = CLCPLUS.get(edition.year) if edition.product == "clcplus" else None
        shown.append(
            {
                "edition": edition,
                "published": published if edition.origin == "official" else None,
                "not_observed_share": missing / cells if cells else None,
            }
        )
    return render(
        request, "editions.html", {"section": "editions", "shown": shown, "levels": levels}
    )
