"""Change of zones between two editions, from the counts of class pairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    and_,
    bindparam,
    select,
    true,
)

from analytics.figures import Change
from analytics.nomenclature import OBSERVED_CODES, SEALED
from analytics.queries import tables
from analytics.queries.evidence import (
    change_estimates,
    estimates_of,
    filtered_by_zone,
    filtered_of,
)
from analytics.queries.single_statements import made_once
from analytics.queries.statistics import AS_TAKEN
from analytics.queries.territories import named_zone, named_zones, of_level
from analytics.queries.visible import (
    counted,
    edition_columns,
    edition_of,
    visible_editions,
    visible_zones,
)
from analytics.records import Edition, NamedZone

_CLASSES = len(OBSERVED_CODES)
_SEALED = OBSERVED_CODES.index(SEALED)


def change_of_flows(
    earlier: Edition,
    later: Edition,
    *,
    observed: int,
    kept: int,
    gain: Mapping[int, int],
    loss: Mapping[int, int],
    matrix: tuple[tuple[int, ...], ...] = (),
) -> Change:
    """Change of any area, from its cells observed in both editions: those sealed in both, gain by
    former class and loss by later class."""
    if not observed:
        return Change(earlier=earlier, later=later)
    return Change(
        earlier=earlier,
        later=later,
        observed=observed,
        gain=sum(gain.values()),
        loss=sum(loss.values()),
        sealed_before=kept + sum(loss.values()),
        gain_by_former_class=gain,
        loss_by_later_class=loss,
        matrix=matrix,
    )


def change_of_matrix(earlier: Edition, later: Edition, cells: Sequence[int] | None) -> Change:
    """Change of any area, from its cells by former and later class, row by row; None for none."""
    if not cells:
        return Change(earlier=earlier, later=later)
    matrix = tuple(
        tuple(cells[start : start + _CLASSES]) for start in range(0, len(cells), _CLASSES)
    )
    others = [(i, code) for i, code in enumerate(OBSERVED_CODES) if i != _SEALED]
    return change_of_flows(
        earlier,
        later,
        observed=sum(cells),
        kept=matrix[_SEALED][_SEALED],
        gain={code: matrix[i][_SEALED] for i, code in others},
        loss={code: matrix[_SEALED][i] for i, code in others},
        matrix=matrix,
    )


def sealed_before(counts: FromClause) -> ColumnElement[int]:
    """Cells sealed in the earlier edition, of those observed in both: the sum of the first row of
    the matrix."""
    matrix = counts.c.matrix
    return sum((matrix[i] for i in range(2, _CLASSES + 1)), matrix[1])


def of_pair(
    counts: FromClause, zone: FromClause, earlier: FromClause, later: FromClause
) -> ColumnElement[bool]:
    """Whether rows, such as those of ``zone_change``, are of a zone and a pair of editions."""
    return and_(
        counts.c.zone_id == zone.c.id,
        counts.c.earlier_id == earlier.c.id,
        counts.c.later_id == later.c.id,
    )


@made_once
def _of_zones(*, every_pair: bool) -> Select[Any]:
    """Change of visible zones for each pair of published editions of one product, or for one."""
    earlier, later = visible_editions("earlier"), visible_editions("later")
    zone, counts = visible_zones(), tables.zone_change
    filtered, estimates = filtered_by_zone(chosen=True), change_estimates(chosen=True)
    pairs = (
        select(
            zone.c.id.label("zone_id"),
            *edition_columns(earlier, "earlier_"),
            *edition_columns(later, "later_"),
            counts.c.matrix,
            filtered.c.filtered,
            estimates.c.estimates,
        )
        .select_from(zone)
        .join(earlier, true())
        .join(later, and_(earlier.c.product == later.c.product, earlier.c.year < later.c.year))
        .outerjoin(counts, of_pair(counts, zone, earlier, later))
        .outerjoin(filtered, of_pair(filtered, zone, earlier, later))
        .outerjoin(estimates, of_pair(estimates, zone, earlier, later))
        .where(zone.c.id.in_(bindparam("ids", expanding=True)), counted(zone, counts))
        .order_by(earlier.c.year, later.c.year, earlier.c.slug, later.c.slug)
    )
    if every_pair:
        return pairs
    return pairs.where(earlier.c.id == bindparam("first"), later.c.id == bindparam("last"))


def _change(row: Row[*tuple[Any, ...]]) -> Change:
    found = change_of_matrix(edition_of(row, "earlier_"), edition_of(row, "later_"), row.matrix)
    return _with_evidence(found, row)


def _with_evidence(change: Change, row: Row[*tuple[Any, ...]]) -> Change:
    """With the row's filtered change and estimates; where nothing is observed there are none."""
    if not change.observed or not (row.filtered or row.estimates):
        return change
    return replace(
        change, filtered=filtered_of(row.filtered), estimates=estimates_of(row.estimates)
    )


def changes(connection: Connection, *, zone_id: int) -> list[Change]:
    """Change of a visible zone for all pairs of published editions of a product. One statement."""
    rows = connection.execute(_of_zones(every_pair=True), {"ids": [zone_id]})
    return [_change(row) for row in rows]


def change_of(
    connection: Connection, *, ids: Sequence[int], earlier: int, later: int
) -> dict[int, Change]:
    """Change of visible zones, by id, between two editions given by their ids; nothing where they
    are not two published editions of one product in this order. One statement."""
    rows = connection.execute(
        _of_zones(every_pair=False), {"ids": list(ids), "first": earlier, "last": later}
    )
    return {row.zone_id: _change(row) for row in rows}


def change(connection: Connection, *, zone_id: int, earlier: int, later: int) -> Change | None:
    """As :func:`change_of`, of one zone; None for nothing. One statement."""
    return change_of(connection, ids=[zone_id], earlier=earlier, later=later).get(zone_id)


def bulk_change(
    connection: Connection,
    *,
    level: str,
    earlier: Edition,
    later: Edition,
    within: tuple[str, str] | None = None,
) -> Iterator[tuple[NamedZone, Change]]:
    """Change of the territories of a level's newest layer between two published editions, by code;
    without their classes, with filtered change and estimates.

    ``within`` is the level and code of a territory that holds those that are wanted. One statement,
    read as the rows are taken.
    """
    zone, counts = visible_zones(), tables.zone_change
    filtered, estimates = filtered_by_zone(chosen=False), change_estimates(chosen=False)
    first, second = visible_editions("earlier"), visible_editions("later")
    statement = (
        named_zones(zone)
        .add_columns(
            counts.c.observed,
            counts.c.gain,
            counts.c.loss,
            sealed_before(counts).label("before"),
            filtered.c.filtered,
            estimates.c.estimates,
        )
        .join(first, first.c.id == earlier.id)
        .join(second, second.c.id == later.id)
        .outerjoin(counts, of_pair(counts, zone, first, second))
        .outerjoin(filtered, of_pair(filtered, zone, first, second))
        .outerjoin(estimates, of_pair(estimates, zone, first, second))
        .where(*of_level(zone, level, within), counted(zone, counts))
        .order_by(zone.c.code)
    )
    with connection.execute(statement, execution_options=AS_TAKEN) as rows:
        for row in rows:
            change = Change(earlier=earlier, later=later)
            if row.observed:
                change = Change(
                    earlier=earlier,
                    later=later,
                    observed=row.observed,
                    gain=row.gain,
                    loss=row.loss,
                    sealed_before=row.before,
                    filtered=filtered_of(row.filtered),
                    estimates=estimates_of(row.estimates),
                )
            yield named_zone(row), change
