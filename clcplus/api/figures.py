"""Records of the read side as the figures of a response: cells, square metres, shares, rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analytics import estimation, indicators, land_consumption
from analytics.nomenclature import BY_CODE
from analytics.records import Change, Edition, Level, Series, Statistics, Territory
from clcplus.citations import citation, doi_address
from clcplus.files import tidy

UNITS = {
    "cells": "cells of 100 m²",
    "m2": "m²",
    "share": "fraction of the observed area, 0..1",
}
CHANGE_UNITS = {
    **UNITS,
    "m2_per_year": "m² a year, between the middles of the observation windows",
    "share_change": "percentage points",
    "per_cent_change": "% of the earlier sealed area",
}


def area(cells: int | None) -> dict[str, int | None]:
    """A number of cells and its area."""
    return {"cells": cells, "m2": None if cells is None else indicators.square_metres(cells)}


def by_class(cells: Mapping[int, int]) -> list[dict[str, Any]]:
    """Cells by code, with the names of the classes."""
    return [{"code": code, "name": BY_CODE[code].name, **area(n)} for code, n in cells.items()]


def edition(record: Edition) -> dict[str, Any]:
    """An edition with its window, its accuracy and how to cite it."""
    middle = None
    if record.window_start is not None and record.window_end is not None:
        middle = indicators.window_middle(record.window_start, record.window_end)
    year, accuracy, stand_in = estimation.accuracy_of(record)
    return {
        "slug": record.slug,
        "name": record.name,
        "product": record.product,
        "year": record.year,
        "version": record.version,
        "origin": record.origin,
        "window_start": record.window_start,
        "window_end": record.window_end,
        "window_middle": middle,
        "doi": record.doi,
        "source": doi_address(record),
        "content_hash": record.content_hash,
        "published_at": record.published_at,
        "accuracy": None
        if stand_in
        else {
            "edition_year": year,
            "producers": accuracy.producers,
            "producers_half_width": accuracy.producers_half_width,
            "users": accuracy.users,
            "users_half_width": accuracy.users_half_width,
        },
        "citation": citation([record]),
    }


def level(record: Level) -> dict[str, Any]:
    """A level with the vintages of its boundaries."""
    return {
        "slug": record.slug,
        "name": record.name,
        "name_plural": record.name_plural,
        "rank": record.rank,
        "parent": record.parent,
        "vintage": record.vintage,
        "vintages": list(record.vintages),
        "territories": record.zones,
        "bounds": list(record.bounds),
    }


def territory(record: Territory) -> dict[str, Any]:
    """A territory without its shape and its addresses."""
    return {
        "level": record.level,
        "level_name": record.level_name,
        "code": record.code,
        "name": record.name,
        "vintage": record.vintage,
        "current": record.current,
        "area_m2": record.area_m2,
        "cells": record.cells,
        "bounds": list(record.bounds),
        "source": record.source,
        "parent": record.parent,
        "ancestors": list(record.ancestors),
        "successor": record.successor,
        "inhabitants": [
            {"year": year, "inhabitants": number} for year, number in record.inhabitants.items()
        ],
    }


def statistics(record: Statistics) -> dict[str, Any]:
    """Statistics of a territory in one edition. No interval is known for a single territory."""
    return {
        "edition": record.edition.slug,
        "status": record.status,
        "partly_observed": record.partly,
        "observed": area(record.observed),
        "not_observed": area(record.not_observed),
        "sealed": area(record.sealed),
        "sealed_share": indicators.sealed_share(record.sealed, record.observed),
        "ci_low": None,
        "ci_high": None,
        "by_class": by_class(record.by_class),
    }


def series(record: Series, *, cells: int) -> dict[str, Any]:
    """Sealed shares of editions like for like, of a territory of so many cells."""
    return {
        "product": record.editions[0].product,
        "origin": record.editions[0].origin,
        "observed_in_all": area(record.common),
        "observed_in_all_share": record.common / cells if cells else 0.0,
        "shares": [
            {
                "edition": edition.slug,
                "sealed": area(sealed if record.common else None),
                "sealed_share": indicators.sealed_share(sealed, record.common),
            }
            for edition, sealed in zip(record.editions, record.sealed, strict=True)
        ],
    }


def all_series(found: Sequence[Series] | None, *, cells: int) -> list[dict[str, Any]] | None:
    """Those series that compare editions; None where they are not counted yet."""
    if found is None:
        return None
    return [series(line, cells=cells) for line in found if len(line.editions) > 1]


def change(record: Change) -> dict[str, Any]:
    """Change of a territory between two editions, and whether it stands out of the map's noise."""
    before, after = record.sealed_before, record.sealed_after
    years = indicators.years_apart(record.earlier, record.later)
    shares = [indicators.sealed_share(sealed, record.observed) for sealed in (before, after)]
    return {
        "earlier": record.earlier.slug,
        "later": record.later.slug,
        "status": record.status,
        "across_origins": record.across_origins,
        "years": years,
        "observed_in_both": area(record.observed),
        "sealed_before": area(before),
        "sealed_after": area(after),
        "sealed_share_before": shares[0],
        "sealed_share_after": shares[1],
        "raw": {
            "gain": area(record.gain),
            "loss": area(record.loss),
            "net": area(record.net),
            "gain_by_former_class": by_class(record.gain_by_former_class),
            "loss_by_later_class": by_class(record.loss_by_later_class),
        },
        "filtered": None,
        "annualised": {
            "gain_m2_per_year": _a_year(record.gain, years),
            "loss_m2_per_year": _a_year(record.loss, years),
            "net_m2_per_year": _a_year(record.net, years),
        },
        "share_change": indicators.share_change(before, after, record.observed),
        "per_cent_change": {
            "value": indicators.per_cent_change(before, after),
            "status": indicators.per_cent_change_status(before),
        },
        "ci_low": None,
        "ci_high": None,
        "verdict": verdict(record),
        "matrix": [list(line) for line in record.matrix],
    }


def sdg_11_3_1(record: Change, inhabitants: Mapping[int, int]) -> dict[str, Any]:
    """SDG 11.3.1 of a change, or why there is none."""
    found = land_consumption.outcome(record, inhabitants)
    return {
        "status": found.reason,
        "land_consumption_rate": found.land_consumption_rate,
        "population_growth_rate": found.population_growth_rate,
        "ratio": found.ratio,
        "years": found.years,
        "inhabitants_before": found.inhabitants_before,
        "inhabitants_after": found.inhabitants_after,
    }


def _a_year(cells: int | None, years: float | None) -> float | None:
    metres = None if cells is None else indicators.square_metres(cells)
    return indicators.annualised(metres, years)


def verdict(record: Change) -> dict[str, Any] | None:
    """The verdict on a change, with what it rests on."""
    found = estimation.verdict(record)
    if found is None:
        return None
    note = (
        "A stress test that takes the editions' errors as independent, which they are not: it says "
        "what noise alone could make of gain, and as much of loss; it corrects nothing."
    )
    if found.stand_in:
        note += (
            " An edition of the pair has no published accuracy: that of "
            f"{estimation.STAND_IN_YEAR} stands in."
        )
    return {
        "text": "stands out of map noise"
        if found.distinguishable
        else "not distinguishable from map noise",
        "distinguishable": found.distinguishable,
        "noise_m2": indicators.square_metres(found.noise),
        "noise_ha": indicators.hectares(found.noise),
        "verdict": tidy.verdict_of(found),
        "accuracy_of": found.accuracy_year,
        "accuracy_stands_in": found.stand_in,
        "note": note,
    }
