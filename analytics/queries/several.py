"""Several territories at once, in as many statements as one of them takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, select, true, tuple_

from analytics.figures import Change, Statistics
from analytics.queries import tables
from analytics.queries.changes import _change
from analytics.queries.populations import nearest_population
from analytics.queries.statistics import by_class, mark_partly_observed
from analytics.queries.visible import (
    EDITION_COLUMNS,
    LINK_COLUMNS,
    counted,
    edition_of,
    link_of,
    visible_editions,
    visible_zones,
)
from analytics.records import TerritoryLink


@dataclass(frozen=True, slots=True)
class Several:
    """A territory among several: cells of 100 m², the territory that holds it."""

    link: TerritoryLink
    cells: int
    parent_name: str | None


def several(
    connection: Connection, *, places: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], Several]:
    """Territories by level and code, each of the newest layer that has it. One statement."""
    if not places:
        return {}
    zone, parent = visible_zones(), tables.zone.alias("parent")
    rows = connection.execute(
        select(
            *(zone.c[name] for name in LINK_COLUMNS),
            zone.c.cells,
            parent.c.name.label("parent_name"),
        )
        .outerjoin_from(zone, parent, parent.c.id == zone.c.parent_id)
        .where(tuple_(zone.c.level, zone.c.code).in_(list(places)))
        .order_by(zone.c.vintage)
    )
    # A newer vintage replaces an older one.
    return {
        (row.level, row.code): Several(
            link=link_of(row), cells=row.cells, parent_name=row.parent_name
        )
        for row in rows
    }


def populations_of(connection: Connection, *, ids: Sequence[int]) -> dict[int, dict[int, int]]:
    """Inhabitants by year, by zone. One statement."""
    zone, population = visible_zones(), tables.population
    rows = connection.execute(
        select(population.c.zone_id, population.c.year, population.c.inhabitants)
        .join(zone, zone.c.id == population.c.zone_id)
        .where(population.c.zone_id.in_(ids))
        .order_by(population.c.zone_id, population.c.year)
    )
    found: dict[int, dict[int, int]] = {}
    for row in rows:
        found.setdefault(row.zone_id, {})[row.year] = row.inhabitants
    return found


def statistics_of(connection: Connection, *, ids: Sequence[int]) -> dict[int, list[Statistics]]:
    """As :func:`analytics.queries.statistics`, of several zones by id; without those of which
    nothing is counted yet. One statement."""
    edition, zone, counts = visible_editions(), visible_zones(), tables.zone_statistics
    rows = connection.execute(
        select(
            *(edition.c[column] for column in EDITION_COLUMNS),
            zone.c.id.label("zone_id"),
            zone.c.cells.label("zone_cells"),
            counts.c.cells,
            counts.c.sealed,
            counts.c.observed,
            counts.c.not_observed,
            nearest_population(zone, edition.c.year).label("inhabitants"),
        )
        .select_from(edition)
        .join(zone, true())
        .outerjoin(counts, and_(counts.c.edition_id == edition.c.id, counts.c.zone_id == zone.c.id))
        .where(zone.c.id.in_(ids), counted(zone, counts))
        .order_by(zone.c.id, edition.c.year, edition.c.slug)
    )
    found: dict[int, list[Statistics]] = {}
    for row in rows:
        seen = bool(row.observed)
        missing = row.zone_cells if row.not_observed is None else row.not_observed
        found.setdefault(row.zone_id, []).append(
            Statistics(
                edition=edition_of(row),
                status="ok" if seen else "not_observed",
                by_class=by_class(row.cells) if seen else {},
                sealed=row.sealed if seen else None,
                observed=row.observed if seen else 0,
                not_observed=missing,
                inhabitants=row.inhabitants,
            )
        )
    return {zone_id: mark_partly_observed(records) for zone_id, records in found.items()}


def change_of(
    connection: Connection, *, ids: Sequence[int], earlier: int, later: int
) -> dict[int, Change]:
    """Change of several visible zones between two published editions, by zone. One statement."""
    first, second = visible_editions("earlier"), visible_editions("later")
    zone, counts = visible_zones(), tables.zone_change
    rows = connection.execute(
        select(
            zone.c.id.label("zone_id"),
            *(first.c[column].label(f"earlier_{column}") for column in EDITION_COLUMNS),
            *(second.c[column].label(f"later_{column}") for column in EDITION_COLUMNS),
            counts.c.matrix,
        )
        .select_from(zone)
        .join(first, first.c.id == earlier)
        .join(second, second.c.id == later)
        .outerjoin(
            counts,
            and_(
                counts.c.earlier_id == first.c.id,
                counts.c.later_id == second.c.id,
                counts.c.zone_id == zone.c.id,
            ),
        )
        .where(zone.c.id.in_(ids), counted(zone, counts))
    )
    return {row.zone_id: _change(row) for row in rows}
