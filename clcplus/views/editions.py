"""The page of the data: each published edition with what its producer says about it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from analytics import queries
from analytics.products import published_edition
from analytics.queries import originations
from analytics.records import MODELLED, Origination
from clcplus.presentation.model_quality import Areas, Quality, areas, quality, training_quality
from clcplus.snapshots import Snapshot
from clcplus.views.published import published_page


@dataclass(frozen=True, slots=True)
class Modelled:
    """What the page says of a modelled edition beyond what it says of all."""

    origination: Origination
    trained: Quality | None
    """Where the network was not trained."""
    nearest: Quality | None
    """Against the nearest edition that is not modelled."""
    areas: Areas | None


def _modelled(found: Origination | None) -> Modelled | None:
    if found is None:
        return None
    return Modelled(
        origination=found,
        trained=training_quality(found.metrics),
        nearest=quality(found.evaluation.get("metrics", {})),
        areas=areas(found.areas),
    )


@published_page
def editions(request: HttpRequest, snapshot: Snapshot) -> HttpResponse:
    """The editions."""
    connection = snapshot.connection
    found, levels = queries.editions(connection), queries.levels(connection)
    shares: dict[str, tuple[int, int]] = {}
    if levels:
        for _zone, row in queries.bulk_statistics(connection, level=levels[0].slug, editions=found):
            missing, cells = shares.get(row.edition.slug, (0, 0))
            shares[row.edition.slug] = (
                missing + row.not_observed,
                cells + row.not_observed + row.observed,
            )
    made = originations(connection)
    shown = []
    # What was predicted comes after what was mapped.
    ordered = sorted(reversed(found), key=lambda edition: edition.origin == MODELLED)
    for edition in ordered:
        missing, cells = shares.get(edition.slug, (0, 0))
        published = published_edition(edition.product, edition.year)
        shown.append(
            {
                "edition": edition,
                "published": published if edition.origin == "official" else None,
                "not_observed_share": missing / cells if cells else None,
                "modelled": _modelled(made.get(edition.id)),
            }
        )
    return render(
        request, "editions.html", {"section": "editions", "shown": shown, "levels": levels}
    )
