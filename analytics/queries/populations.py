"""Inhabitants of zones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    ScalarSelect,
    Select,
    bindparam,
    func,
    select,
)

from analytics.queries import tables
from analytics.queries.single_statements import made_once
from analytics.queries.visible import visible_zones


def _first(zone_id: ColumnElement[Any], *order: ColumnElement[Any]) -> ScalarSelect[int]:
    population = tables.population
    return (
        select(population.c.inhabitants)
        .where(population.c.zone_id == zone_id)
        .order_by(*order)
        .limit(1)
        .correlate_except(population)
        .scalar_subquery()
    )


def nearest_population(zone: FromClause, year: ColumnElement[int] | int) -> ScalarSelect[int]:
    """Inhabitants of a zone in the year nearest to ``year``, the earlier of two that are as near;
    null where none is known. As :func:`analytics.figures.nearest_year`."""
    known = tables.population.c.year
    return _first(zone.c.id, func.abs(known - year), known)


def latest_inhabitants(zone_id: ColumnElement[Any]) -> ColumnElement[int]:
    """The newest number of inhabitants of a zone, as a column."""
    return _first(zone_id, tables.population.c.year.desc()).label("inhabitants")


@made_once
def _by_year() -> Select[Any]:
    zone, population = visible_zones(), tables.population
    return (
        select(population.c.zone_id, population.c.year, population.c.inhabitants)
        .join(zone, zone.c.id == population.c.zone_id)
        .where(population.c.zone_id.in_(bindparam("ids", expanding=True)))
        .order_by(population.c.zone_id, population.c.year)
    )


def populations_of(connection: Connection, *, ids: Sequence[int]) -> dict[int, dict[int, int]]:
    """Inhabitants by year, by zone. One statement."""
    found: dict[int, dict[int, int]] = {}
    for row in connection.execute(_by_year(), {"ids": list(ids)}):
        found.setdefault(row.zone_id, {})[row.year] = row.inhabitants
    return found
