"""What the checks of an edition look at, read set by set. The edition need not be published."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from django.db import connection

from analytics.arrays import Int64Array
from analytics.checks import ChangeSquares, CountedEdition, Flows, LayerCounts
from analytics.nomenclature import CODES, NO_DATA, OBSERVED_CODES, SEALED
from clcplus.models import Edition, Layer

_CLASSES = len(OBSERVED_CODES)
_FIRST = OBSERVED_CODES.index(SEALED) + 1
_NOT_OBSERVED = CODES.index(NO_DATA)


def _matrix(*positions: int) -> str:
    """The sum of elements of the matrix of a change, counted from 1."""
    return " + ".join(f"change.matrix[{n}]" for n in positions)


_BEFORE = _matrix(*((_FIRST - 1) * _CLASSES + n for n in range(1, _CLASSES + 1)))
_AFTER = _matrix(*(_FIRST + n * _CLASSES for n in range(_CLASSES)))
_KEPT = _matrix(*(1 + n * (_CLASSES + 1) for n in range(_CLASSES)))
_ZONES = f"""
SELECT zone.id, coalesce(zone.parent_id, 0), zone.code, zone.name, zone.cells, now.cells,
    former.cells, change.observed, {_KEPT}, {_BEFORE}, {_AFTER}, change.gain, change.loss
FROM clcplus_zone zone
LEFT JOIN clcplus_zonestatistics now ON now.zone_id = zone.id AND now.edition_id = %(edition)s
LEFT JOIN clcplus_zonestatistics former
    ON former.zone_id = zone.id AND former.edition_id = %(against)s
LEFT JOIN clcplus_zonechange change ON change.zone_id = zone.id
    AND change.earlier_id = %(earlier)s AND change.later_id = %(later)s
WHERE zone.layer_id = %(layer)s AND (now.zone_id IS NOT NULL OR former.zone_id IS NOT NULL)
ORDER BY zone.id
"""
_OF_PAIR = "FROM clcplus_tilechangesums WHERE earlier_id = %(earlier)s AND later_id = %(later)s"
_EXTENT = f"""
SELECT min("row"), max("row"), min(first_column), max(first_column + tiles) {_OF_PAIR}
"""
_SQUARES = f'SELECT "row", first_column, changed {_OF_PAIR}'
_ROWS = 500
"""Rows of squares that are read at once: 100 squares each."""


def last_edition(edition: Edition) -> Edition | None:
    """The published edition that an edition is compared with: of its product and of another year,
    not modelled; the newest of those before it, or else the first after it."""
    others = Edition.objects.filter(
        product=edition.product, status=Edition.Status.PUBLISHED, loaded_at__isnull=False
    ).exclude(origin=Edition.Origin.MODELLED)
    before = others.filter(year__lt=edition.year).order_by("-year", "-version").first()
    return before or others.filter(year__gt=edition.year).order_by("year", "-version").first()


def counted_edition(edition: Edition, *, against: Edition | None) -> CountedEdition:
    """The counts of an edition, beside those of the last one, on the newest boundaries."""
    return CountedEdition(
        layers=[_layer(layer, edition, against) for layer in _layers()],
        squares=None if against is None else _squares(edition, against),
    )


def _layers() -> list[Layer]:
    """The newest layer of each level of territories, from the highest down. One that is still being
    counted has counts of a part."""
    layers = Layer.objects.filter(level__custom=False, active=True).select_related("level")
    newest: dict[int, Layer] = {}
    for layer in layers.order_by("level__rank", "level__slug", "vintage"):
        newest[layer.level_id] = layer
    return list(newest.values())


def _pair(edition: Edition, against: Edition | None) -> dict[str, Any]:
    """Numbers of the two editions, in the order in which their change is kept."""
    if against is None:
        return {"earlier": None, "later": None}
    first, second = sorted((edition, against), key=lambda one: one.order)
    return {"earlier": first.pk, "later": second.pk}


def _layer(layer: Layer, edition: Edition, against: Edition | None) -> LayerCounts:
    numbers = {
        "edition": edition.pk,
        "against": None if against is None else against.pk,
        "layer": layer.pk,
        **_pair(edition, against),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ZONES, numbers)
        rows = cursor.fetchall()
    size = _numbers([row[4] for row in rows])
    flows = None
    if against is not None:
        columns = [_numbers([row[n] for row in rows]) for n in range(7, 13)]
        common, kept, before, after, gain, loss = columns
        if against.order > edition.order:
            # The last edition is the later one: time runs backwards.
            before, after, gain, loss = after, before, loss, gain
        flows = Flows(common=common, kept=kept, before=before, after=after, gain=gain, loss=loss)
    return LayerCounts(
        level=layer.level.slug,
        aggregated=layer.aggregated,
        ids=_numbers([row[0] for row in rows]),
        parents=_numbers([row[1] for row in rows]),
        codes=[row[2] for row in rows],
        names=[row[3] for row in rows],
        size=size,
        cells=_counts([row[5] for row in rows], size),
        former=None if against is None else _counts([row[6] for row in rows], size),
        flows=flows,
    )


def _numbers(values: list[int | None]) -> Int64Array:
    return np.array([value or 0 for value in values], dtype=np.int64)


def _counts(rows: list[list[int] | None], size: Int64Array) -> Int64Array:
    """Cells by class; a territory without a row was not observed."""
    found: Int64Array = np.zeros((len(rows), len(CODES)), dtype=np.int64)
    for place, row in enumerate(rows):
        if row is None:
            found[place, _NOT_OBSERVED] = size[place]
        else:
            found[place] = row
    return found


def _squares(edition: Edition, against: Edition) -> ChangeSquares | None:
    pair = _pair(edition, against)
    with connection.cursor() as cursor:
        cursor.execute(_EXTENT, pair)
        top, bottom, west, east = cursor.fetchone()
    if top is None:
        return None
    observed = np.zeros((bottom - top + 1, east - west), dtype=np.int64)
    changed = np.zeros_like(observed)
    for row, column, sums in _rows_of_squares(pair):
        squares = np.diff(np.array(sums, dtype=np.int64), axis=0)
        place = slice(column - west, column - west + len(squares))
        observed[row - top, place] += squares[:, 0]
        changed[row - top, place] += squares[:, 1] + squares[:, 2]
    return ChangeSquares(row=top, column=west, observed=observed, changed=changed)


def _rows_of_squares(pair: dict[str, Any]) -> Iterator[tuple[int, int, list[list[int]]]]:
    # All of a continent at once would fill the memory with numbers of Python.
    with connection.chunked_cursor() as cursor:
        cursor.execute(_SQUARES, pair)
        while rows := cursor.fetchmany(_ROWS):
            yield from rows
