"""Bulk tables: rows are handed on as they come from a cursor on the server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, and_, select

from analytics import indicators
from analytics.figures import BulkChange, BulkStatistics
from analytics.nomenclature import OBSERVED_CODES
from analytics.queries import tables
from analytics.queries.parents import parent_of
from analytics.queries.populations import nearest_population
from analytics.queries.statistics import by_class
from analytics.queries.territories import of_level
from analytics.queries.visible import counted, most_observed, visible_editions, visible_zones

_AT_ONCE = 2_000
_CLASSES = len(OBSERVED_CODES)


def bulk_statistics(
    connection: Connection,
    *,
    level: str,
    edition_ids: Sequence[int],
    within: tuple[str, str] | None = None,
) -> Iterator[BulkStatistics]:
    """Statistics of the territories of a level's newest layer, by code, then by year; of
    a zone set those that are counted so far.

    ``edition_ids`` are of published editions; ``within`` is the level and code of a territory that
    holds those that are wanted. One statement, read as the rows are taken.
    """
    zone, edition, counts = visible_zones(), visible_editions(), tables.zone_statistics
    parent = visible_zones("parent")
    statement = (
        select(
            zone.c.code,
            zone.c.name,
            zone.c.level,
            zone.c.vintage,
            zone.c.cells.label("zone_cells"),
            parent.c.level.label("parent_level"),
            parent.c.code.label("parent_code"),
            edition.c.slug,
            counts.c.cells,
            counts.c.sealed,
            counts.c.observed,
            counts.c.not_observed,
            most_observed(zone).label("most"),
            nearest_population(zone, edition.c.year).label("inhabitants"),
        )
        .select_from(zone)
        .join(edition, edition.c.id.in_(edition_ids))
        .outerjoin(parent, parent.c.id == zone.c.parent_id)
        .outerjoin(
            counts,
            and_(counts.c.edition_id == edition.c.id, counts.c.zone_id == zone.c.id),
        )
        .where(*of_level(zone, level, within), counted(zone, counts))
        .order_by(zone.c.code, edition.c.year, edition.c.slug)
    )
    with connection.execute(statement, execution_options={"yield_per": _AT_ONCE}) as rows:
        for row in rows:
            seen = bool(row.observed)
            missing = row.zone_cells if row.not_observed is None else row.not_observed
            yield BulkStatistics(
                code=row.code,
                name=row.name,
                level=row.level,
                vintage=row.vintage,
                edition=row.slug,
                status=indicators.observed_status(row.observed),
                by_class=by_class(row.cells) if seen else {},
                sealed=row.sealed if seen else None,
                observed=row.observed if seen else 0,
                not_observed=missing,
                parent=parent_of(row),
                partly=indicators.is_partly_observed(row.observed, row.most),
                inhabitants=row.inhabitants,
            )


def bulk_change(
    connection: Connection,
    *,
    level: str,
    earlier: int,
    later: int,
    within: tuple[str, str] | None = None,
) -> Iterator[BulkChange]:
    """Change of the territories of a level's newest layer between two published editions, by code.

    ``earlier`` and ``later`` are ids; ``within`` is the level and code of a territory that holds
    those that are wanted. One statement, read as the rows are taken.
    """
    zone, parent, counts = visible_zones(), visible_zones("parent"), tables.zone_change
    first, second = visible_editions("earlier"), visible_editions("later")
    before = sum((counts.c.matrix[i] for i in range(2, _CLASSES + 1)), counts.c.matrix[1])
    statement = (
        select(
            zone.c.code,
            zone.c.name,
            zone.c.level,
            zone.c.vintage,
            parent.c.level.label("parent_level"),
            parent.c.code.label("parent_code"),
            counts.c.observed,
            counts.c.gain,
            counts.c.loss,
            before.label("sealed_before"),
        )
        .select_from(zone)
        .join(first, first.c.id == earlier)
        .join(second, second.c.id == later)
        .outerjoin(parent, parent.c.id == zone.c.parent_id)
        .outerjoin(
            counts,
            and_(
                counts.c.zone_id == zone.c.id,
                counts.c.earlier_id == first.c.id,
                counts.c.later_id == second.c.id,
            ),
        )
        .where(*of_level(zone, level, within), counted(zone, counts))
        .order_by(zone.c.code)
    )
    with connection.execute(statement, execution_options={"yield_per": _AT_ONCE}) as rows:
        for row in rows:
            seen = bool(row.observed)
            yield BulkChange(
                code=row.code,
                name=row.name,
                level=row.level,
                vintage=row.vintage,
                status="indicative" if seen else "not_observed",
                observed=row.observed if seen else 0,
                gain=row.gain if seen else None,
                loss=row.loss if seen else None,
                sealed_before=row.sealed_before if seen else None,
                sealed_after=row.sealed_before + row.gain - row.loss if seen else None,
                parent=parent_of(row),
            )
