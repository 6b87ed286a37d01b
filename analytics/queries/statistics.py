"""Cells by class of one territory, edition by edition."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, select, true

from analytics import indicators
from analytics.figures import Statistics
from analytics.nomenclature import CODES, OBSERVED_CODES, SEALED
from analytics.queries import tables
from analytics.queries.populations import nearest_population
from analytics.queries.visible import (
    EDITION_COLUMNS,
    counted,
    edition_of,
    visible_editions,
    visible_zones,
)
from analytics.records import MODELLED, Edition


def by_class(cells: Sequence[int]) -> Mapping[int, int]:
    """Stored counts as cells by code."""
    return dict(zip(CODES, cells, strict=True))


def statistics_of_cells(edition: Edition, cells: Sequence[int]) -> Statistics:
    """Statistics of any area, from its cells by class in the order of CODES."""
    classes = len(OBSERVED_CODES)
    observed = sum(cells[:classes])
    return Statistics(
        edition=edition,
        status=indicators.observed_status(observed),
        by_class=by_class(cells) if observed else {},
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


@functools.cache
def _of_zone() -> Select[Any]:
    edition, zone, counts = visible_editions(), visible_zones(), tables.zone_statistics
    return (
        select(
            *(edition.c[column] for column in EDITION_COLUMNS),
            zone.c.cells.label("zone_cells"),
            counts.c.cells,
            counts.c.sealed,
            counts.c.observed,
            counts.c.not_observed,
            nearest_population(zone, edition.c.year).label("inhabitants"),
        )
        .select_from(edition)
        .join(zone, true())
        .outerjoin(
            counts,
            and_(counts.c.edition_id == edition.c.id, counts.c.zone_id == zone.c.id),
        )
        .where(zone.c.id == bindparam("wanted"), counted(zone, counts))
        .order_by(edition.c.year, edition.c.slug)
    )


def statistics(connection: Connection, *, zone_id: int) -> list[Statistics]:
    """Statistics of a visible zone, one for each published edition, in the order of years.

    An edition without a row for a territory has observed none of its cells; one without a row for a
    custom zone has not been counted for it yet, and is left out. One statement.
    """
    rows = connection.execute(_of_zone(), {"wanted": zone_id})
    found = []
    for row in rows:
        if row.observed:
            found.append(
                Statistics(
                    edition=edition_of(row),
                    status="ok",
                    by_class=by_class(row.cells),
                    sealed=row.sealed,
                    observed=row.observed,
                    not_observed=row.not_observed,
                    inhabitants=row.inhabitants,
                )
            )
        else:
            missing = row.zone_cells if row.not_observed is None else row.not_observed
            found.append(
                Statistics(
                    edition=edition_of(row),
                    status="not_observed",
                    by_class={},
                    sealed=None,
                    observed=0,
                    not_observed=missing,
                    inhabitants=row.inhabitants,
                )
            )
    return mark_partly_observed(found)
