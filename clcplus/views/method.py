"""The page of the method."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from analytics.estimation import WORST_RATE, noise_alone
from analytics.nomenclature import MISSING_CLASSES
from analytics.products import CLCPLUS, PRODUCTS, stand_in
from clcplus.presentation.class_names import class_name
from clcplus.presentation.numbers import habit
from clcplus.snapshots import Snapshot
from clcplus.views.published import published_page

_SHARE = 0.10
"""Mapped share of the worked example."""


def _example() -> dict[str, float]:
    """The formula of the noise with numbers in it."""
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
        },
    )
