"""Cells of zones over several editions, like for like: those that all of them have observed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    Row,
    Subquery,
    and_,
    column,
    func,
    select,
    true,
)

from analytics.change import patterns
from analytics.change.patterns import Pattern
from analytics.queries import tables
from analytics.queries.visible import (
    edition_columns,
    edition_of,
    visible_editions,
    visible_zones,
)
from analytics.records import Edition, Series


def series(
    connection: Connection, *, zone_ids: Sequence[int], edition_ids: Sequence[int] | None = None
) -> dict[int, tuple[Series, ...] | None]:
    """Series of visible zones by id, from published editions, or those of them that are named.

    Editions of one product and origin make a series; an edition that has observed nothing of a zone
    is left out of the zone's, and a series without any edition is not there. None says that the
    zone's cells are not counted over all of these editions yet. One statement.
    """
    edition, zone, counts = visible_editions(), visible_zones(), tables.zone_statistics
    cells = _cells_by_pattern(zone_ids)
    statement = (
        select(
            *edition_columns(edition),
            zone.c.id.label("zone_id"),
            zone.c.custom,
            counts.c.observed,
            cells.c.by_pattern,
        )
        .select_from(zone)
        .join(edition, true())
        .outerjoin(counts, and_(counts.c.edition_id == edition.c.id, counts.c.zone_id == zone.c.id))
        .outerjoin(cells, cells.c.zone_id == zone.c.id)
        .where(zone.c.id.in_(zone_ids))
        .order_by(zone.c.id, edition.c.year, edition.c.slug)
    )
    if edition_ids is not None:
        statement = statement.where(edition.c.id.in_(edition_ids))
    rows = connection.execute(statement).all()
    return {
        zone_id: _of_zone(list(some)) for zone_id, some in groupby(rows, key=lambda r: r.zone_id)
    }


def _cells_by_pattern(zone_ids: Sequence[int]) -> Subquery:
    """Cells of zones as objects, by pattern written as numbers with spaces between; patterns hold
    published editions only."""
    stored, edition = tables.zone_series, visible_editions("seen_edition")
    seen = (
        func.unnest(stored.c.pattern)
        .table_valued(column("number", BigInteger), with_ordinality="place", name="seen")
        .render_derived()
    )
    published = (
        select(seen.c.number)
        .join_from(seen, edition, edition.c.id == func.abs(seen.c.number))
        .order_by(seen.c.place)
        .correlate(stored)
        .scalar_subquery()
    )
    pattern = func.array_to_string(func.array(published, type_=ARRAY(BigInteger)), " ")
    summed = (
        select(
            stored.c.zone_id,
            pattern.label("published"),
            # A sum of bigint is a numeric otherwise.
            func.sum(stored.c.cells).cast(BigInteger).label("cells"),
        )
        .where(stored.c.zone_id.in_(zone_ids))
        .group_by(stored.c.zone_id, "published")
        .subquery("summed")
    )
    return (
        select(
            summed.c.zone_id,
            func.jsonb_object_agg(summed.c.published, summed.c.cells).label("by_pattern"),
        )
        .group_by(summed.c.zone_id)
        .subquery("by_zone")
    )


def _of_zone(rows: Sequence[Row[*tuple[Any, ...]]]) -> tuple[Series, ...] | None:
    if any(row.observed is None and row.custom for row in rows):
        return None
    by_pattern = rows[0].by_pattern or {}
    return series_of_cells(
        {tuple(map(int, key.split())): count for key, count in by_pattern.items()},
        observed={edition_of(row): row.observed or 0 for row in rows},
    )


def series_of_cells(
    cells: Mapping[Pattern, int], *, observed: Mapping[Edition, int]
) -> tuple[Series, ...] | None:
    """Series of any area, from its cells by pattern and the cells that each edition has observed,
    in the order of the years.

    None where these are not all of the cells: they are not counted by pattern yet.
    """
    if any(patterns.observed(cells, edition.id) != seen for edition, seen in observed.items()):
        return None
    return tuple(
        Series(
            editions=tuple(line),
            observed=tuple(observed[edition] for edition in line),
            courses=patterns.courses(cells, [edition.id for edition in line]),
        )
        for line in patterns.lines(edition for edition, seen in observed.items() if seen)
    )
