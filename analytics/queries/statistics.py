"""Cells of zones by class, edition by edition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    null,
    select,
    true,
)

from analytics import indicators
from analytics.figures import Statistics
from analytics.nomenclature import CODES, OBSERVED_CODES, SEALED
from analytics.queries import tables
from analytics.queries.editions import editions as published_editions
from analytics.queries.evidence import estimate_of, status_estimates
from analytics.queries.flicker import FLICKER, flicker_by_zone, flicker_of
from analytics.queries.populations import nearest_population
from analytics.queries.single_statements import made_once
from analytics.queries.territories import named_zone, named_zones, of_level
from analytics.queries.visible import (
    counted,
    edition_columns,
    edition_of,
    most_observed,
    visible_editions,
    visible_zones,
)
from analytics.records import MODELLED, Edition, NamedZone

AS_TAKEN = {"yield_per": 2_000}
"""Execution options of bulk tables: a cursor on the server hands on rows as they are taken."""
COUNTS = ("sealed", "observed", "not_observed")


def statistics_of_cells(edition: Edition, cells: Sequence[int]) -> Statistics:
    """Statistics of any area, from its cells by class in the order of CODES."""
    classes = len(OBSERVED_CODES)
    observed = sum(cells[:classes])
    return Statistics(
        edition=edition,
        by_class=dict(zip(CODES, cells, strict=True)) if observed else {},
        sealed=cells[OBSERVED_CODES.index(SEALED)] if observed else None,
        observed=observed,
        not_observed=sum(cells[classes:]),
    )


def mark_partly_observed(records: Iterable[Statistics]) -> list[Statistics]:
    """The same statistics of one area, an edition each, where those that observe clearly less of it
    than another are ``partly``. Modelled editions are held against the others too, and
    no edition against a modelled one."""
    found = list(records)
    most = max((r.observed for r in found if r.edition.origin != MODELLED), default=0)
    return [replace(r, partly=indicators.is_partly_observed(r.observed, most)) for r in found]


def counts_in(edition_id: int) -> Subquery:
    """Counts of a published edition by zone; null where nothing is observed, which is not the same
    as no row."""
    counts, edition = tables.zone_statistics, visible_editions()
    seen = counts.c.observed > 0
    return (
        select(counts.c.zone_id, *(case((seen, counts.c[name])).label(name) for name in COUNTS))
        .join(edition, edition.c.id == counts.c.edition_id)
        .where(edition.c.id == edition_id)
        .subquery("counts")
    )


def _with_counts(
    rows: Select[Any], zone: FromClause, edition: FromClause, *, chosen: bool
) -> Select[Any]:
    """Rows of zones and editions with the counts and estimates that :func:`_statistics` reads;
    ``chosen`` says that they are zones of the parameter ``ids``."""
    counts, estimates = tables.zone_statistics, status_estimates(chosen=chosen)

    def of_both(source: FromClause) -> ColumnElement[bool]:
        return and_(source.c.edition_id == edition.c.id, source.c.zone_id == zone.c.id)

    return (
        rows.add_columns(
            zone.c.cells.label("zone_cells"),
            counts.c.cells,
            *(counts.c[name] for name in COUNTS),
            estimates.c.estimates,
        )
        .outerjoin(counts, of_both(counts))
        .outerjoin(estimates, of_both(estimates))
        .where(counted(zone, counts))
    )


def _statistics(row: Row[*tuple[Any, ...]], edition: Edition, *, partly: bool) -> Statistics:
    seen = bool(row.observed)
    return Statistics(
        edition=edition,
        by_class=dict(zip(CODES, row.cells, strict=True)) if seen else {},
        sealed=row.sealed if seen else None,
        observed=row.observed or 0,
        not_observed=row.zone_cells if row.not_observed is None else row.not_observed,
        inhabitants=row.inhabitants,
        partly=partly,
        estimate=estimate_of(row.estimates) if seen else None,
    )


@made_once
def _of_zones() -> Select[Any]:
    zone, edition = visible_zones(), visible_editions()
    rows = (
        select(
            zone.c.id.label("zone_id"),
            *edition_columns(edition),
            nearest_population(zone, edition.c.year).label("inhabitants"),
        )
        .select_from(zone)
        .join(edition, true())
        .where(zone.c.id.in_(bindparam("ids", expanding=True)))
        .order_by(zone.c.id, edition.c.year, edition.c.slug)
    )
    return _with_counts(rows, zone, edition, chosen=True)


def statistics_of(connection: Connection, *, ids: Sequence[int]) -> dict[int, list[Statistics]]:
    """Statistics of visible zones by id, one for each published edition, in the order of years.

    An edition without a row for a territory has observed none of its cells; one without a row for a
    custom zone has not been counted for it yet, and is left out. A zone of which nothing is counted
    has no entry. One statement.
    """
    found: dict[int, list[Statistics]] = {}
    for row in connection.execute(_of_zones(), {"ids": list(ids)}):
        found.setdefault(row.zone_id, []).append(_statistics(row, edition_of(row), partly=False))
    return {zone_id: mark_partly_observed(records) for zone_id, records in found.items()}


def statistics(connection: Connection, *, zone_id: int) -> list[Statistics]:
    """As :func:`statistics_of`, of one zone. One statement."""
    return statistics_of(connection, ids=[zone_id]).get(zone_id, [])


def bulk_statistics(
    connection: Connection,
    *,
    level: str,
    editions: Sequence[Edition],
    within: tuple[str, str] | None = None,
    inhabitants: bool = False,
    flicker: bool = False,
) -> Iterator[tuple[NamedZone, Statistics]]:
    """Statistics of the territories of a level's newest layer, by code, then by year; of
    a zone set those that are counted so far.

    ``within`` is the level and code of a territory that holds those that are wanted. Without
    ``inhabitants`` their number is not read, which saves a sixth of the time. One statement,
    whose rows are read as they are taken; with ``flicker``, one more before it.
    """
    zone, edition = visible_zones(), visible_editions()
    by_id = {item.id: item for item in editions}
    people = nearest_population(zone, edition.c.year) if inhabitants else null()
    rows = (
        named_zones(zone)
        .add_columns(
            edition.c.id.label("edition_id"),
            most_observed(zone).label("most"),
            people.label("inhabitants"),
        )
        .join(edition, edition.c.id.in_(by_id))
        .where(*of_level(zone, level, within))
        .order_by(zone.c.code, edition.c.year, edition.c.slug)
    )
    statement = _with_counts(rows, zone, edition, chosen=False)
    cells = flicker_by_zone(published_editions(connection)) if flicker else None
    if cells is not None:
        statement = statement.add_columns(*(cells.c[name] for name in FLICKER)).outerjoin(
            cells, and_(cells.c.zone_id == zone.c.id, cells.c.edition_id == edition.c.id)
        )
    with connection.execute(statement, execution_options=AS_TAKEN) as found:
        for row in found:
            partly = indicators.is_partly_observed(row.observed, row.most)
            record = _statistics(row, by_id[row.edition_id], partly=partly)
            if cells is not None:
                record = replace(record, flicker=flicker_of(row))
            yield named_zone(row), record
