"""The pages of the method and of the data, with what its producers say about it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from analytics import estimation, indicators, queries
from analytics.estimation import WORST_RATE, noise_alone
from analytics.nomenclature import MISSING_CLASSES
from analytics.products import CLCPLUS, PRODUCTS, published_edition, stand_in
from analytics.queries import originations
from analytics.records import MODELLED, Origination
from clcplus.presentation.certainty import BASIS_WORDS
from clcplus.presentation.classes import class_name
from clcplus.presentation.formulas import formulas
from clcplus.presentation.indicators import FILTER_NAMES
from clcplus.presentation.model_quality import areas, quality, training_quality
from clcplus.presentation.numbers import habit
from clcplus.snapshots import Snapshot
from clcplus.views.published import published_page

_SHARE = 0.10
"""Mapped share of the worked example."""


def _example() -> dict[str, float]:
    year, accuracy = stand_in("clcplus")
    noise = noise_alone(_SHARE, accuracy)
    return {
        "year": year,
        "share": _SHARE,
        "sensitivity": noise.sensitivity,
        "users": accuracy.users,
        "prevalence": noise.prevalence,
        "rate": noise.false_positive_rate,
        "noise": noise.apparent_gain,
    }


@published_page
def method(request: HttpRequest, snapshot: Snapshot) -> HttpResponse:
    """What is counted, how, and what the figures cannot say."""
    return render(
        request,
        "method.html",
        {
            "section": "method",
            "missing_classes": [
                {"code": c.code, "name": class_name(c.code)} for c in MISSING_CLASSES
            ],
            "published": [
                (product.name, year, edition.accuracy)
                for product in PRODUCTS.values()
                for year, edition in product.editions.items()
            ],
            "worst_rate": WORST_RATE,
            # Where a comma begins the decimals, a semicolon stands between arguments.
            "separator": ";" if habit().point == "," else ",",
            "stand_in_year": CLCPLUS.stand_in_year,
            "noise_example": _example(),
            "bases": tuple(BASIS_WORDS.items()),
            "least_points": estimation.LEAST_POINTS,
            "least_sealed_points": estimation.LEAST_SEALED_POINTS,
            "least_points_of_change": estimation.LEAST_POINTS_OF_CHANGE,
            "flagged_from": estimation.FLAGGED_FROM,
            "suppressed_above": estimation.SUPPRESSED_ABOVE,
            "small_stock": indicators.hectares(indicators.SMALL_STOCK),
            "filters": tuple(FILTER_NAMES.values()),
            "formulas": formulas(),
        },
    )


def _modelled(found: Origination | None) -> dict[str, Any] | None:
    """What the page says of a modelled edition beyond what it says of all: how well its network did
    where it was not trained, and against the nearest edition that is not modelled."""
    if found is None:
        return None
    return {
        "origination": found,
        "trained": training_quality(found.metrics),
        "nearest": quality(found.evaluation.get("metrics", {})),
        "areas": areas(found.areas),
    }


@published_page
def editions(request: HttpRequest, snapshot: Snapshot) -> HttpResponse:
    """The editions."""
    connection = snapshot.connection
    found, levels = queries.editions(connection), queries.levels(connection)
    shares: dict[str, tuple[int, int]] = {}
    if levels:
        for _zone, row in queries.bulk_statistics(connection, level=levels[0].slug, editions=found):
            missing, cells = shares.get(row.edition.slug, (0, 0))
            shares[row.edition.slug] = missing + row.not_observed, cells + row.cells
    made = originations(connection)
    shown = []
    # What was predicted comes after what was mapped.
    for edition in sorted(reversed(found), key=lambda edition: edition.origin == MODELLED):
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
    context = {"section": "editions", "shown": shown, "levels": levels}
    return render(request, "editions.html", context)
