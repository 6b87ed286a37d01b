"""Change of one territory between two editions, from the counts of class pairs."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, select, true

from analytics.figures import Change
from analytics.nomenclature import OBSERVED_CODES, SEALED
from analytics.queries import tables
from analytics.queries.visible import (
    EDITION_COLUMNS,
    counted,
    edition_of,
    visible_editions,
    visible_zones,
)
from analytics.records import Edition

_CLASSES = len(OBSERVED_CODES)
_SEALED = OBSERVED_CODES.index(SEALED)


@functools.cache
def _pairs(*, all_of_them: bool) -> Select[Any]:
    """Change of a visible zone for each pair of published editions of one product, or for one."""
    earlier, later = visible_editions("earlier"), visible_editions("later")
    zone, counts = visible_zones(), tables.zone_change
    pairs = (
        select(
            *(earlier.c[column].label(f"earlier_{column}") for column in EDITION_COLUMNS),
            *(later.c[column].label(f"later_{column}") for column in EDITION_COLUMNS),
            counts.c.matrix,
        )
        .select_from(earlier)
        .join(
            later,
            and_(earlier.c.product == later.c.product, earlier.c.year < later.c.year),
        )
        .join(zone, true())
        .outerjoin(
            counts,
            and_(
                counts.c.earlier_id == earlier.c.id,
                counts.c.later_id == later.c.id,
                counts.c.zone_id == zone.c.id,
            ),
        )
        .where(zone.c.id == bindparam("wanted"), counted(zone, counts))
        .order_by(earlier.c.year, later.c.year, earlier.c.slug, later.c.slug)
    )
    if all_of_them:
        return pairs
    return pairs.where(earlier.c.id == bindparam("first"), later.c.id == bindparam("last"))


def _change(row: Row[*tuple[Any, ...]]) -> Change:
    return change_of_matrix(edition_of(row, "earlier_"), edition_of(row, "later_"), row.matrix)


def change_of_matrix(earlier: Edition, later: Edition, cells: Sequence[int] | None) -> Change:
    """Change of any area, from its cells by former and later class, row by row; None for none."""
    matrix = square(cells) if cells else ()
    observed = sum(map(sum, matrix))
    if not observed:
        return Change(
            earlier=earlier,
            later=later,
            status="not_observed",
            observed=0,
            gain=None,
            loss=None,
            sealed_before=None,
            sealed_after=None,
            gain_by_former_class={},
            loss_by_later_class={},
            matrix=(),
        )
    others = [(i, code) for i, code in enumerate(OBSERVED_CODES) if i != _SEALED]
    gain = {code: matrix[i][_SEALED] for i, code in others}
    loss = {code: matrix[_SEALED][i] for i, code in others}
    return Change(
        earlier=earlier,
        later=later,
        status="indicative",
        observed=observed,
        gain=sum(gain.values()),
        loss=sum(loss.values()),
        sealed_before=sum(matrix[_SEALED]),
        sealed_after=sum(line[_SEALED] for line in matrix),
        gain_by_former_class=gain,
        loss_by_later_class=loss,
        matrix=matrix,
    )


def square(cells: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """The stored matrix as rows of former classes."""
    return tuple(
        tuple(cells[start : start + _CLASSES]) for start in range(0, _CLASSES**2, _CLASSES)
    )


def changes(connection: Connection, *, zone_id: int) -> list[Change]:
    """Change of a visible zone for all pairs of published editions of a product. One statement."""
    rows = connection.execute(_pairs(all_of_them=True), {"wanted": zone_id})
    return [_change(row) for row in rows]


def change(connection: Connection, *, zone_id: int, earlier: int, later: int) -> Change | None:
    """Change of a visible zone between two editions, given by their ids; None where they are not
    two published editions of one product in this order, or the zone is not visible."""
    row = connection.execute(
        _pairs(all_of_them=False), {"wanted": zone_id, "first": earlier, "last": later}
    ).one_or_none()
    return None if row is None else _change(row)
