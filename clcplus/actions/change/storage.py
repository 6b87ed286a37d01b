"""Store filtered change, in place of what was stored of the pair before; part of the open
transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from django.db import connection

from analytics.arrays import Int64Array
from analytics.change import accounts
from analytics.counting import tiles
from analytics.grid import CELL_SIZE, EPSG
from analytics.nomenclature import OBSERVED_CODES
from analytics.patches import RAW
from clcplus.actions import audit, unused_files
from clcplus.actions.change.pairs import EditionPair
from clcplus.actions.editions import tile_plans
from clcplus.database.bulk_copy import copy_arrays, copy_rows
from clcplus.errors import BrokenInvariant
from clcplus.models import (
    ChangePatch,
    Edition,
    FilteredPair,
    Layer,
    Publication,
    TileFilteredSums,
    ZoneFilteredChange,
)

if TYPE_CHECKING:
    from clcplus.actions.change.filter_run import Filtered, PresetPatches

_BATCH = 10_000
"""Patches that are read at once."""

_SUM_CHILDREN = """
INSERT INTO clcplus_zonefilteredchange (earlier_id, later_id, zone_id, preset, gain, loss)
SELECT part.earlier_id, part.later_id, parent.id, part.preset, sum(part.gain), sum(part.loss)
FROM clcplus_zonefilteredchange part
JOIN clcplus_zone child ON child.id = part.zone_id
JOIN clcplus_zone parent ON parent.id = child.parent_id
WHERE part.earlier_id = %s AND part.later_id = %s AND parent.layer_id = %s
GROUP BY 1, 2, 3, 4
"""
_TOO_MUCH = """
SELECT zone.code, part.preset, part.gain, part.loss, change.gain, change.loss
FROM clcplus_zonefilteredchange part
JOIN clcplus_zone zone ON zone.id = part.zone_id
LEFT JOIN clcplus_zonechange change ON change.earlier_id = part.earlier_id
    AND change.later_id = part.later_id AND change.zone_id = part.zone_id
WHERE part.earlier_id = %s AND part.later_id = %s AND (change.zone_id IS NULL
    OR part.gain > change.gain OR part.loss > change.loss)
LIMIT 1
"""


def store(
    pair: EditionPair,
    found: Filtered,
    *,
    layers: Sequence[int],
    confidence: Sequence[str],
    by: Any = None,
) -> None:
    """Store what a pass found, and tell readers if they see both editions.

    Raises BrokenInvariant where it contradicts the change that was counted with the editions, and
    StoreError if the mask was removed from the store meanwhile.
    """
    earlier, later = pair
    unused_files.use([found.mask_key])
    former = FilteredPair.objects.filter(earlier=earlier, later=later).exclude(
        mask_key=found.mask_key
    )
    unused_files.note(former.values_list("mask_key", flat=True))
    FilteredPair.objects.update_or_create(
        earlier=earlier,
        later=later,
        defaults={
            "mask_key": found.mask_key,
            "layers": list(layers),
            "totals": _totals(found),
            "confidence": list(confidence),
        },
    )
    for model in (ZoneFilteredChange, TileFilteredSums, ChangePatch):
        model._default_manager.filter(earlier=earlier, later=later).delete()
    ids = (earlier.pk, later.pk)
    _store_zones(ids, found, layers=layers)
    copy_arrays(
        TileFilteredSums,
        ("earlier_id", "later_id", "preset", "tile", "row", "first_column", "tiles", "sums"),
        _sums(ids, found),
    )
    copy_rows(
        ChangePatch._meta.db_table,
        (
            *("earlier_id", "later_id", "number", "kind", "former_class", "later_class"),
            *("cells", "min_confidence", "confidence", "side", "geometry"),
        ),
        chain.from_iterable(_patches(ids, patches) for patches in found.patches),
    )
    published = Edition.objects.filter(pk__in=ids, status=Edition.Status.PUBLISHED)
    if published.count() == len(ids):
        audit.publish_data(
            Publication.Event.CHANGE, subject=f"{earlier.slug} → {later.slug}", by=by
        )


def _totals(found: Filtered) -> dict[str, dict[str, int]]:
    """Cells and patches of the whole raster, by filter."""
    raw = list(zip(found.totals.raw_cells, found.totals.patches, strict=True))
    return {
        name: {
            "gain_cells": gain_cells,
            "gain_patches": gain_patches,
            "loss_cells": loss_cells,
            "loss_patches": loss_patches,
        }
        for name, ((gain_cells, gain_patches), (loss_cells, loss_patches)) in (
            (RAW, raw),
            *zip(found.presets, found.of_filters.tolist(), strict=True),
        )
    }


def _store_zones(ids: tuple[int, int], found: Filtered, *, layers: Sequence[int]) -> None:
    """The cells of every zone whose change was counted."""
    counted = _transitions(ids, tile_plans.counted_layers(layers))
    accepted = dict(zip(found.zone_ids, np.moveaxis(found.accepted, 1, 0), strict=True))
    raw = dict(zip(found.zone_ids, found.raw, strict=True))
    zone_ids = list(counted)
    _check_uncounted(raw.keys() - counted.keys(), raw)
    nothing = np.zeros((len(found.presets), 2), dtype=np.int64)
    cells = np.stack([nothing, *(accepted.get(pk, nothing) for pk in zone_ids)])[1:]
    _check(
        zone_ids,
        np.stack([np.zeros((11, 11), np.int64), *counted.values()])[1:],
        raw=np.stack([nothing[0], *(raw.get(pk, nothing[0]) for pk in zone_ids)])[1:],
        accepted=dict(zip(found.presets, np.moveaxis(cells, 1, 0), strict=True)),
    )
    copy_rows(
        ZoneFilteredChange._meta.db_table,
        ("earlier_id", "later_id", "zone_id", "preset", "gain", "loss"),
        (
            (*ids, zone_id, preset, gain, loss)
            for zone_id, of_zone in zip(zone_ids, cells.tolist(), strict=True)
            for preset, (gain, loss) in zip(found.presets, of_zone, strict=True)
        ),
    )
    aggregated = Layer.objects.filter(pk__in=layers, aggregated=True).order_by("-level__rank")
    with connection.cursor() as cursor:
        for layer in aggregated:
            cursor.execute(_SUM_CHILDREN, [*ids, layer.pk])
        cursor.execute(_TOO_MUCH, list(ids))
        row = cursor.fetchone()
    if row is not None:
        code, preset, *cells_of = row
        raise BrokenInvariant(
            f"zone {code}",
            found="{} and {} cells of gain and loss after the filter".format(*cells_of[:2])
            + f" {preset}",
            expected="at most {} and {}".format(*cells_of[2:]),
        )


def _transitions(ids: tuple[int, int], layers: Sequence[int]) -> dict[int, Int64Array]:
    """Cells of zones by former and later class, shape (11, 11) each, as they were counted."""
    with connection.cursor() as cursor:
        # As text: lists of a driver take four times as long.
        cursor.execute(
            "SELECT change.zone_id, array_to_string(change.matrix, ' ')"
            " FROM clcplus_zonechange change JOIN clcplus_zone zone ON zone.id = change.zone_id"
            " WHERE change.earlier_id = %s AND change.later_id = %s AND zone.layer_id = ANY(%s)"
            " ORDER BY change.zone_id",
            [*ids, list(layers)],
        )
        side = len(OBSERVED_CODES)
        return {
            zone_id: np.fromstring(text, dtype=np.int64, sep=" ").reshape(side, side)
            for zone_id, text in cursor.fetchall()
        }


def _check_uncounted(zone_ids: set[int], raw: dict[int, Int64Array]) -> None:
    """Zones that no tile of both editions has touched have no change either."""
    for zone_id in zone_ids:
        if raw[zone_id].any():
            raise BrokenInvariant(
                f"zone {zone_id}",
                found=f"{raw[zone_id].sum()} cells of change",
                expected="none, since the editions were not compared there",
            )


def _check(
    zone_ids: Sequence[int],
    transitions: Int64Array,
    *,
    raw: Int64Array,
    accepted: Mapping[str, Int64Array],
) -> None:
    """The accounts of all zones balance, raw and filtered, and the pass found the raw change that
    was counted with the editions. ``accepted`` has the cells of each preset, shape (zones, 2)."""
    account = accounts.raw_account(transitions)
    wrong = np.flatnonzero((account.gain != raw[:, 0]) | (account.loss != raw[:, 1]))
    if len(wrong):
        first = int(wrong[0])
        raise BrokenInvariant(
            f"zone {zone_ids[first]}",
            found="{} and {} cells of gain and loss".format(*raw[first].tolist()),
            expected=f"{account.gain[first]} and {account.loss[first]}",
        )
    for preset, cells in accepted.items():
        try:
            accounts.filtered_account(account, accepted=cells)
        except ValueError as error:
            raise BrokenInvariant(
                f"filter {preset}", found=str(error), expected="an account that balances"
            ) from error


def _sums(ids: tuple[int, int], found: Filtered) -> Iterator[tuple[Any, ...]]:
    for name, window in found.windows.items():
        for preset, cells in zip(found.presets, found.squares[name], strict=True):
            sums = tiles.running_sums(cells, window=window)
            for row, line in zip(sums.rows, sums.sums, strict=True):
                yield (*ids, preset, name, row, sums.first_column, len(line) - 1, line)


def _patches(ids: tuple[int, int], patches: PresetPatches) -> Iterator[tuple[Any, ...]]:
    # Slow to load, and seldom needed.
    import pyarrow.parquet as pq

    kinds = {"gain": ChangePatch.Kind.GAIN.value, "loss": ChangePatch.Kind.LOSS.value}
    with pq.ParquetFile(patches.path) as file:
        for batch in file.iter_batches(_BATCH):
            columns = batch.to_pydict()
            shapes = shapely.from_wkb(np.asarray(columns["geometry"], dtype=object))
            texts = shapely.to_wkb(shapely.set_srid(shapes, EPSG), hex=True, include_srid=True)
            numbers = zip(
                columns["id"],
                columns["kind"],
                columns["former"],
                columns["later"],
                columns["cells"],
                columns["confidence"],
                columns["width"],
                texts.tolist(),
                strict=True,
            )
            for number, kind, former, later, cells, confidence, width, text in numbers:
                side, least = round(width / CELL_SIZE), patches.min_confidence
                yield (
                    *(*ids, number, kinds[kind], former, later),
                    *(cells, least, confidence, side, text),
                )
