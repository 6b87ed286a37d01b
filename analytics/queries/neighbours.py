"""Territories near another of its level, and those most like it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection

from analytics.arrays import Float64Array, Int64Array
from analytics.queries.level_table import LevelTable
from analytics.queries.territories import placed_territories
from analytics.records import TerritoryLink

SHOWN = 5
_LEAST_SHARE = 0.001
_METRES = 1000


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A territory beside another, and how far their centroids are apart."""

    link: TerritoryLink
    kilometres: float


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The nearest first, and the most alike first."""

    nearest: tuple[Neighbour, ...]
    similar: tuple[Neighbour, ...]


def _smallest(apart: Float64Array, ties: Float64Array, shown: int) -> Int64Array:
    """Rows of the smallest distances that are known, in order; of equal ones by ``ties``."""
    known = np.flatnonzero(np.isfinite(apart))
    if len(known) > shown:
        bound = np.partition(apart[known], shown - 1)[shown - 1]
        known = known[apart[known] <= bound]
    found: Int64Array = known[np.lexsort((ties[known], apart[known]))][:shown]
    return found


def similar_ids(table: LevelTable, zone_id: int, *, shown: int = SHOWN) -> list[int]:
    """Zones whose number of inhabitants and sealed share are, as ratios, nearest to a zone's own.

    Twice the inhabitants are as far as twice the share; a share below 0.1 % counts as 0.1 %. Empty
    where the zone's own are not known or nobody lives there.
    """
    own = table.ids == zone_id
    if not own.any():
        return []
    people = np.where(table.inhabitants > 0, table.inhabitants, np.nan)
    shares = np.maximum(table.sealed / table.observed, _LEAST_SHARE)
    apart = np.abs(np.log(people / people[own])) + np.abs(np.log(shares / shares[own]))
    apart[own] = np.nan
    rows = _smallest(apart, np.arange(len(apart), dtype=np.float64), shown)
    found: list[int] = table.ids[rows].tolist()
    return found


def neighbours(
    connection: Connection, table: LevelTable, *, zone_id: int, shown: int = SHOWN
) -> Neighbours:
    """The zones of a level's table with the nearest centroids, of two at one distance by code; and
    the most similar ones. One statement."""
    own = table.ids == zone_id
    if not own.any():
        return Neighbours((), ())
    metres = np.hypot(table.east - table.east[own], table.north - table.north[own])
    nearest = table.ids[_smallest(np.where(own, np.nan, metres), table.place, shown)].tolist()
    similar = similar_ids(table, zone_id)
    if not nearest and not similar:
        return Neighbours((), ())
    rows = np.flatnonzero(np.isin(table.ids, [*nearest, *similar]))
    links = placed_territories(connection, ids=table.ids[rows].tolist())
    found = {}
    for row in rows:
        number = int(table.ids[row])
        found[number] = Neighbour(links[number].link, float(metres[row]) / _METRES)
    return Neighbours(
        nearest=tuple(found[number] for number in nearest),
        similar=tuple(found[number] for number in similar),
    )
