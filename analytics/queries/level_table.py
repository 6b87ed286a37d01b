"""All territories of a level as columns: what ranks are told from, read once and kept."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, Select, Subquery, bindparam, case, func, null, select
from sqlalchemy.dialects.postgresql import distinct_on

from analytics import indicators
from analytics.arrays import Float64Array, Int64Array
from analytics.nomenclature import OBSERVED_CODES
from analytics.queries import tables
from analytics.queries.visible import (
    LINK_COLUMNS,
    counted,
    link_of,
    most_observed,
    visible_editions,
    visible_zones,
)
from analytics.records import TerritoryLink

_CLASSES = len(OBSERVED_CODES)
_COLUMNS = (
    "sealed",
    "observed",
    "not_observed",
    "inhabitants",
    "common",
    "gain",
    "loss",
    "before",
    "east",
    "north",
    "place",
    "cells",
    "most",
)


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

    def is_partly_observed(self, row: int) -> bool:
        """:func:`analytics.indicators.is_partly_observed` of a row."""
        observed, most = (int(np.nan_to_num(one[row])) for one in (self.observed, self.most))
        return indicators.is_partly_observed(observed, most)


def _counts(edition_id: int) -> Subquery:
    """Counts by zone; null where nothing is observed, which is not the same as no row."""
    counts, edition = tables.zone_statistics, visible_editions()
    names = ("sealed", "observed", "not_observed")
    seen = counts.c.observed > 0
    return (
        select(counts.c.zone_id, *(case((seen, counts.c[name])).label(name) for name in names))
        .join(edition, edition.c.id == counts.c.edition_id)
        .where(edition.c.id == edition_id)
        .subquery("counts")
    )


def _change(earlier: int, later: int) -> Subquery:
    counts = tables.zone_change
    first, second = visible_editions("earlier"), visible_editions("later")
    before = sum((counts.c.matrix[i] for i in range(2, _CLASSES + 1)), counts.c.matrix[1])
    return (
        select(
            counts.c.zone_id,
            counts.c.observed.label("common"),
            counts.c.gain,
            counts.c.loss,
            before.label("before"),
        )
        .join(first, first.c.id == counts.c.earlier_id)
        .join(second, second.c.id == counts.c.later_id)
        .where(first.c.id == earlier, second.c.id == later, counts.c.observed > 0)
        .subquery("change")
    )


def _newest_population() -> Subquery:
    population = tables.population
    return (
        select(population.c.zone_id, population.c.inhabitants)
        .ext(distinct_on(population.c.zone_id))
        .order_by(population.c.zone_id, population.c.year.desc())
        .subquery("people")
    )


def level_table(
    connection: Connection, *, level: str, edition_id: int, pair: tuple[int, int] | None
) -> LevelTable:
    """The table of a level in an edition, with change over ``pair`` (ids of the earlier and the
    later edition); of a set of custom zones those that are counted. One statement."""
    zone, counts, people = visible_zones(), _counts(edition_id), _newest_population()
    change = None if pair is None else _change(*pair)
    columns: list[Any] = [
        counts.c.sealed,
        counts.c.observed,
        counts.c.not_observed,
        people.c.inhabitants,
    ]
    for name in ("common", "gain", "loss", "before"):
        columns.append(null().label(name) if change is None else change.c[name])
    columns += [
        func.ST_X(zone.c.centroid),
        func.ST_Y(zone.c.centroid),
        func.row_number().over(order_by=zone.c.code),
        zone.c.cells,
        most_observed(zone),
    ]
    source = zone.outerjoin(counts, counts.c.zone_id == zone.c.id).outerjoin(
        people, people.c.zone_id == zone.c.id
    )
    if change is not None:
        source = source.outerjoin(change, change.c.zone_id == zone.c.id)
    rows = connection.execute(
        select(zone.c.id, *columns)
        .select_from(source)
        .where(zone.c.level == level, zone.c.current, counted(zone, counts))
        .order_by(zone.c.search_name, zone.c.code)
    ).all()
    # None becomes NaN; no rows, an empty table of as many columns.
    values = np.array([row[1:] for row in rows], dtype=np.float64).reshape(-1, len(_COLUMNS))
    return LevelTable(
        ids=np.array([row[0] for row in rows], dtype=np.int64),
        **{name: values[:, i].copy() for i, name in enumerate(_COLUMNS)},
    )


@dataclass(frozen=True, slots=True)
class PlacedLink:
    """A territory, the name of the one that holds it, and its own number of cells."""

    link: TerritoryLink
    parent_name: str | None
    cells: int


@functools.cache
def _placed() -> Select[Any]:
    zone, parent = visible_zones(), tables.zone.alias("parent")
    return (
        select(
            *(zone.c[name] for name in LINK_COLUMNS),
            zone.c.cells,
            parent.c.name.label("parent_name"),
        )
        .outerjoin_from(zone, parent, parent.c.id == zone.c.parent_id)
        .where(zone.c.id.in_(bindparam("wanted", expanding=True)))
    )


def placed_links(connection: Connection, *, ids: Sequence[int]) -> dict[int, PlacedLink]:
    """Visible territories by id. One statement."""
    rows = connection.execute(_placed(), {"wanted": ids})
    return {
        row.id: PlacedLink(link=link_of(row), parent_name=row.parent_name, cells=row.cells)
        for row in rows
    }


def links_of_levels(connection: Connection, *, levels: Sequence[str]) -> list[TerritoryLink]:
    """Territories of some levels' newest layers, by level and name. One statement."""
    zone = visible_zones()
    rows = connection.execute(
        select(*(zone.c[name] for name in LINK_COLUMNS))
        .where(zone.c.level.in_(levels), zone.c.current)
        .order_by(zone.c.level_rank, zone.c.search_name, zone.c.code)
    )
    return [link_of(row) for row in rows]
