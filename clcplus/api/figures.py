"""Records of the read side as the figures of a response: cells, square metres, shares, rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analytics import estimation, indicators, land_consumption
from analytics.figures import Change, Statistics
from analytics.nomenclature import BY_CODE
from analytics.products import CLCPLUS
from analytics.records import Edition, Interval, Level, Series, Territory
from clcplus.citations import citation, doi_address
from clcplus.files import tidy
from clcplus.presentation import indicators as registry
from clcplus.presentation.indicators import Indicator, Record, Value

_UNITS = {
    "cells": "cells of 100 m²",
    "m2": "m²",
    "share": "fraction of the observed area, 0..1",
}
_CHANGE_UNITS = {
    **_UNITS,
    "m2_per_year": "m² a year, between the middles of the observation windows",
    "share_change": "percentage points",
    "per_cent_change": "% of the earlier sealed area",
}


def units() -> dict[str, str]:
    """Units of an answer about status."""
    return _UNITS | {entry.name: entry.unit for entry in registry.listed(registry.STATUS)}


def change_units() -> dict[str, str]:
    """Units of an answer about change, or about both."""
    of_change = {entry.name: entry.unit for entry in registry.listed(registry.CHANGE)}
    return {**_CHANGE_UNITS, **units(), **of_change}


def area(cells: int | None) -> dict[str, int | None]:
    """A number of cells and its area."""
    return {"cells": cells, "m2": None if cells is None else indicators.square_metres(cells)}


def ends(interval: Interval | None) -> dict[str, float | None]:
    """The ends of an interval; both None where none is known."""
    low, high = (None, None) if interval is None else interval
    return {"ci_low": low, "ci_high": high}


def listed(entries: Mapping[str, Indicator[Record]], record: Record) -> dict[str, Value]:
    """The indicators that the answer has no place of their own for, by name."""
    return {entry.name: entry.value(record) for entry in registry.listed(entries)}


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
        "sealed_share": record.share,
        **ends(record.interval),
        "by_class": by_class(record.by_class),
        **listed(registry.STATUS, record),
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
    return {
        "earlier": record.earlier.slug,
        "later": record.later.slug,
        "status": record.status,
        "across_origins": record.across_origins,
        "years": record.years,
        "observed_in_both": area(record.observed),
        "sealed_before": area(record.sealed_before),
        "sealed_after": area(record.sealed_after),
        "sealed_share_before": record.share_before,
        "sealed_share_after": record.share_after,
        "raw": {
            "gain": area(record.gain),
            "loss": area(record.loss),
            "net": area(record.net),
            "gain_by_former_class": by_class(record.gain_by_former_class),
            "loss_by_later_class": by_class(record.loss_by_later_class),
        },
        "filtered": None,
        "annualised": {
            "gain_m2_per_year": record.gain_m2_a_year,
            "loss_m2_per_year": record.loss_m2_a_year,
            "net_m2_per_year": record.net_m2_a_year,
        },
        "share_change": record.net_points,
        "per_cent_change": {
            "value": record.per_cent,
            "status": record.per_cent_status,
        },
        **ends(record.interval),
        "verdict": verdict(record),
        "matrix": [list(line) for line in record.matrix],
        **listed(registry.CHANGE, record),
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


def verdict(record: Change) -> dict[str, Any] | None:
    """The verdict on a change, with what it rests on."""
    found = record.verdict
    if found is None:
        return None
    note = (
        "A stress test that takes the editions' errors as independent, which they are not: it says "
        "what noise alone could make of gain, and as much of loss; it corrects nothing."
    )
    if found.stand_in:
        note += (
            " An edition of the pair has no published accuracy: that of "
            f"{CLCPLUS.stand_in_year} stands in."
        )
    return {
        "text": "stands out of map noise"
        if found.distinguishable
        else "not distinguishable from map noise",
        "distinguishable": found.distinguishable,
        "noise_m2": record.noise_m2,
        "noise_ha": record.noise_ha,
        "verdict": tidy.verdict_of(found),
        "accuracy_of": found.accuracy_year,
        "accuracy_stands_in": found.stand_in,
        "note": note,
    }
