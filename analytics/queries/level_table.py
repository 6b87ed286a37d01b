"""All territories of a level as columns: what ranks are told from, read once and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, Subquery, func, null, select
from sqlalchemy.dialects.postgresql import distinct_on

from analytics import indicators
from analytics.arrays import BoolArray, Float64Array, Int64Array
from analytics.figures import StatusFigures
from analytics.queries import tables
from analytics.queries.changes import sealed_before
from analytics.queries.evidence import (
    change_estimates,
    estimate_of,
    estimates_of,
    status_estimates,
)
from analytics.queries.flicker import flicker_of_line
from analytics.queries.statistics import COUNTS, counts_in
from analytics.queries.visible import counted, most_observed, visible_editions, visible_zones
from analytics.records import Edition

_OF_CHANGE = ("common", "gain", "loss", "before")
_OF_ESTIMATE = ("net_estimate", "net_low", "net_high")
_OF_FLICKER = ("flickering", "ever_sealed")

Names = npt.NDArray[np.object_]
"""Texts, or None."""


@dataclass(frozen=True, slots=True)
class ShareIntervals:
    """What published samples say of the sealed share of each row of a table."""

    low: Float64Array
    """Lower end of its 95 % interval, 0..1; NaN where there is none to show, or where it is of
    other ground than the edition has observed."""
    high: Float64Array
    basis: Names
    """Where the interval comes from (:data:`analytics.figures.Basis`)."""
    method: Names
    """Name of the estimator."""
    sampled: BoolArray
    """Whether a sample tells the share at all, also where that is suppressed."""


@dataclass(frozen=True, slots=True)
class LevelTable:
    """Territories of a level's newest layer by name, a row each; what is not known is NaN.

    Counts are of cells: whole numbers, exact as doubles.
    """

    ids: Int64Array
    sealed: Float64Array
    observed: Float64Array
    not_observed: Float64Array
    inhabitants: Float64Array
    """The newest that are known."""
    common: Float64Array
    """Cells observed in both editions of the pair; NaN where there are none, or no pair."""
    gain: Float64Array
    loss: Float64Array
    before: Float64Array
    """Cells sealed in the earlier edition, of those observed in both."""
    east: Float64Array
    north: Float64Array
    """Of the centroid, in metres of EPSG:3035."""
    place: Float64Array
    """Number of the row in the order of codes."""
    cells: Float64Array
    """Of the whole territory, observed or not."""
    most: Float64Array
    """Cells observed in the edition that observes most of the territory."""
    net_estimate: Float64Array
    """Net change by the published samples of the pair, in square metres; NaN where none tells it,
    or what it tells is suppressed."""
    net_low: Float64Array
    """Lower end of its 95 % interval."""
    net_high: Float64Array
    share: ShareIntervals
    flickering: Float64Array
    """Cells that flicker in the line of editions that was asked for
    (:class:`analytics.change.flicker.Flicker`); NaN where none was, or no cell is seen by all."""
    ever_sealed: Float64Array
    """Cells that the whole line has observed and any of its editions shows as sealed."""

    def is_partly_observed(self, row: int) -> bool:
        """:func:`analytics.indicators.is_partly_observed` of a row."""
        observed, most = (int(np.nan_to_num(one[row])) for one in (self.observed, self.most))
        return indicators.is_partly_observed(observed, most)


def _change(earlier: int, later: int) -> Subquery:
    counts = tables.zone_change
    first, second = visible_editions("earlier"), visible_editions("later")
    return (
        select(
            counts.c.zone_id,
            counts.c.observed.label("common"),
            counts.c.gain,
            counts.c.loss,
            sealed_before(counts).label("before"),
        )
        .join(first, first.c.id == counts.c.earlier_id)
        .join(second, second.c.id == counts.c.later_id)
        .where(first.c.id == earlier, second.c.id == later, counts.c.observed > 0)
        .subquery("change")
    )


def _net_estimates(earlier: int, later: int) -> Subquery:
    found = change_estimates(chosen=False)
    pair = found.c.earlier_id == earlier, found.c.later_id == later
    return select(found.c.zone_id, found.c.estimates).where(*pair).subquery("net_estimates")


def _net(found: Sequence[Mapping[str, Any]] | None) -> tuple[float | None, ...]:
    """The net change that is shown of a row's estimates, and its interval."""
    net = estimates_of(found).get("net")
    if net is None or net.interval_m2 is None:
        return None, None, None
    return net.value_m2, *net.interval_m2


def _share_intervals(rows: Sequence[Any]) -> ShareIntervals:
    number = len(rows)
    low, high = np.full(number, np.nan), np.full(number, np.nan)
    basis, method = np.full(number, None, dtype=object), np.full(number, None, dtype=object)
    sampled = np.zeros(number, dtype=np.bool_)
    for place, row in enumerate(rows):
        if row.status_estimates is None:
            continue
        sampled[place] = True
        found = StatusFigures(
            sealed=row.sealed,
            observed=row.observed or 0,
            not_observed=0,
            estimate=estimate_of(row.status_estimates),
        )
        if found.share_interval is not None:
            low[place], high[place] = found.share_interval
            basis[place], method[place] = found.basis, found.method
    return ShareIntervals(low, high, basis, method, sampled)


def _newest_population() -> Subquery:
    population = tables.population
    return (
        select(population.c.zone_id, population.c.inhabitants)
        .ext(distinct_on(population.c.zone_id))
        .order_by(population.c.zone_id, population.c.year.desc())
        .subquery("people")
    )


def level_table(
    connection: Connection,
    *,
    level: str,
    edition_id: int,
    pair: tuple[int, int] | None,
    line: Sequence[Edition] = (),
) -> LevelTable:
    """The table of a level in an edition, with change over ``pair`` (ids of the earlier and the
    later edition); of a set of custom zones those that are counted. One statement.

    Flicker is of a ``line`` of three editions or more of one product and origin; without one, the
    counts by pattern are not read."""
    zone, counts, people = visible_zones(), counts_in(edition_id), _newest_population()
    source = zone.outerjoin(counts, counts.c.zone_id == zone.c.id).outerjoin(
        people, people.c.zone_id == zone.c.id
    )
    columns: dict[str, Any] = {name: counts.c[name] for name in COUNTS}
    columns["inhabitants"] = people.c.inhabitants
    if pair is None:
        columns |= dict.fromkeys(_OF_CHANGE, null())
    else:
        change = _change(*pair)
        source = source.outerjoin(change, change.c.zone_id == zone.c.id)
        columns |= {name: change.c[name] for name in _OF_CHANGE}
        estimates = _net_estimates(*pair)
        source = source.outerjoin(estimates, estimates.c.zone_id == zone.c.id)
    columns |= {
        "east": func.ST_X(zone.c.centroid),
        "north": func.ST_Y(zone.c.centroid),
        "place": func.row_number().over(order_by=zone.c.code),
        "cells": zone.c.cells,
        "most": most_observed(zone),
    }
    if line:
        cells = flicker_of_line(line)
        source = source.outerjoin(cells, cells.c.zone_id == zone.c.id)
        columns |= {
            "flickering": cells.c.from_unsealed + cells.c.from_sealed,
            "ever_sealed": cells.c.ever_sealed,
        }
    else:
        columns |= dict.fromkeys(_OF_FLICKER, null())
    told = null() if pair is None else estimates.c.estimates
    shares = status_estimates(chosen=False)
    source = source.outerjoin(
        shares, (shares.c.zone_id == zone.c.id) & (shares.c.edition_id == edition_id)
    )
    rows = connection.execute(
        select(
            zone.c.id,
            *columns.values(),
            told.label("estimates"),
            shares.c.estimates.label("status_estimates"),
        )
        .select_from(source)
        .where(zone.c.level == level, zone.c.current, counted(zone, counts))
        .order_by(zone.c.search_name, zone.c.code)
    ).all()
    # None becomes NaN; no rows, an empty table of as many columns.
    values = np.array([row[1:-2] for row in rows], dtype=np.float64).reshape(-1, len(columns))
    intervals = np.array([_net(row.estimates) for row in rows], dtype=np.float64).reshape(-1, 3)
    return LevelTable(
        ids=np.array([row[0] for row in rows], dtype=np.int64),
        **{name: values[:, i].copy() for i, name in enumerate(columns)},
        **{name: intervals[:, i].copy() for i, name in enumerate(_OF_ESTIMATE)},
        share=_share_intervals(rows),
    )
