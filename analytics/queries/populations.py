"""The population that a figure of an edition is read with."""

from __future__ import annotations

from sqlalchemy import ColumnElement, FromClause, ScalarSelect, func, select

from analytics.queries import tables


def nearest_population(zone: FromClause, year: ColumnElement[int] | int) -> ScalarSelect[int]:
    """Inhabitants of a zone in the year nearest to ``year``, the earlier of two that are as near;
    null where none is known. As :func:`analytics.figures.nearest_year`."""
    population = tables.population
    return (
        select(population.c.inhabitants)
        .where(population.c.zone_id == zone.c.id)
        .order_by(func.abs(population.c.year - year), population.c.year)
        .limit(1)
        .correlate_except(population)
        .scalar_subquery()
    )
