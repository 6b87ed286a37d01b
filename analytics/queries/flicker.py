"""Flicker of zones: of single ones from their series, of a level in the database."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Double,
    FromClause,
    Integer,
    Row,
    Select,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)

from analytics.change import patterns
from analytics.change.flicker import FEWEST, Flicker, flicker_of_courses
from analytics.figures import Statistics
from analytics.queries import tables
from analytics.records import Edition, Series

FLICKER = ("from_unsealed", "from_sealed", "ever_sealed", "common")


def lines_of(editions: Iterable[Edition]) -> list[list[Edition]]:
    """Editions of one product and origin in the order of their years, where they are enough for
    flicker."""
    return [line for line in patterns.lines(editions) if len(line) >= FEWEST]


def with_flicker(
    records: Sequence[Statistics], series: Sequence[Series] | None
) -> list[Statistics]:
    """The statistics of a zone, one for each published edition, with the flicker of each line of
    editions beside the newest of them.

    None where an edition of the line has observed nothing of the zone, or where nothing is counted
    over all editions yet (``series`` is None).
    """
    found: dict[int, Flicker] = {}
    for line in lines_of(record.edition for record in records):
        for one in series or ():
            if list(one.editions) == line:
                found[line[-1].id] = flicker_of_courses(one.courses)
    return [replace(record, flicker=found.get(record.edition.id)) for record in records]


def _contains(pattern: ColumnElement[Any], number: int) -> ColumnElement[bool]:
    return pattern.op("@>", is_comparison=True)(_array(number))


def _array(*numbers: int) -> ColumnElement[Any]:
    return literal(list(numbers), ARRAY(BigInteger))


def _cells(line: Sequence[Edition]) -> tuple[dict[str, ColumnElement[int]], list[Any]]:
    """Sums over cells by pattern: the columns :data:`FLICKER` of a line, and the condition that
    each of its editions has seen the cells."""
    stored = tables.zone_series
    pattern = stored.c.pattern
    sealed = [_contains(pattern, edition.id) for edition in line]
    # Each has observed the cell: as sealed, or as not.
    seen = [
        pattern.op("&&", is_comparison=True)(_array(edition.id, -edition.id)) for edition in line
    ]
    turns = sum(
        (case((former != later, 1), else_=0) for former, later in itertools.pairwise(sealed)),
        literal(0, Integer),
    )
    back = turns > 1

    def cells(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
        counted = func.sum(stored.c.cells).filter(and_(*conditions))
        return cast(func.coalesce(counted, 0), BigInteger)

    sums = (
        cells(back, ~sealed[0]),
        cells(back, sealed[0]),
        cells(or_(*sealed)),
        cast(func.sum(stored.c.cells), BigInteger),
    )
    return dict(zip(FLICKER, sums, strict=True)), seen


def _of_line(line: Sequence[Edition]) -> Select[Any]:
    """Cells of each zone that flicker in a line, from its cells by pattern."""
    stored, (sums, seen) = tables.zone_series, _cells(line)
    return (
        select(
            stored.c.zone_id,
            literal(line[-1].id, BigInteger).label("edition_id"),
            *(cells.label(name) for name, cells in sums.items()),
        )
        .where(*seen)
        .group_by(stored.c.zone_id)
    )


def flicker_rate(zone: FromClause, line: Sequence[Edition]) -> ColumnElement[float]:
    """The flicker rate of each zone of a statement, in per cent; null where none of its cells is
    seen by all editions of the line, or ever sealed."""
    stored, (sums, seen) = tables.zone_series, _cells(line)
    flickering = cast(sums["from_unsealed"] + sums["from_sealed"], Double)
    rate: ColumnElement[float] = (
        select(flickering * 100 / func.nullif(sums["ever_sealed"], 0))
        .where(*seen, stored.c.zone_id == zone.c.id)
        .correlate(zone)
        .scalar_subquery()
    )
    return rate


def flicker_by_zone(editions: Sequence[Edition]) -> Subquery | None:
    """Cells that flicker, for each zone and the newest edition of each line of ``editions``, which
    are all that are published; None where no line has editions enough."""
    lines = lines_of(editions)
    if not lines:
        return None
    return union_all(*(_of_line(line) for line in lines)).subquery("flicker")


def flicker_of_line(line: Sequence[Edition]) -> Subquery:
    """The same for one line of three editions or more."""
    return _of_line(line).subquery("flicker")


def flicker_of(row: Row[*tuple[Any, ...]]) -> Flicker | None:
    """The flicker of a row that has the columns :data:`FLICKER`."""
    if row.common is None:
        return None
    return Flicker(
        from_unsealed=row.from_unsealed,
        from_sealed=row.from_sealed,
        ever_sealed=row.ever_sealed,
        observed=row.common,
    )
