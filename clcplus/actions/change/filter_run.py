"""Filter the change between two editions: one pass over their stored tiles for all presets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.db import transaction

from analytics.arrays import Int64Array
from analytics.grid import Window
from analytics.patches import (
    PRESETS,
    accepted_change,
    filter_sets,
    set_mask,
    set_squares,
    set_zones,
    vector_files,
)
from analytics.rasters import Progress, file_hash, open_store
from clcplus.actions import unused_files
from clcplus.actions.change import pairs, storage
from clcplus.actions.change.pairs import EditionPair
from clcplus.actions.editions import stored_tiles, zone_edges
from clcplus.actions.editions.mosaics import tiles_as_one
from clcplus.actions.zone_sets import computation
from clcplus.database import locks
from clcplus.errors import UnknownEdition
from clcplus.jobs import runs
from clcplus.jobs.kinds import Attempt
from clcplus.models import Edition, EditionTile, Run

FILTERS = filter_sets.FilterSet(PRESETS)
_THREADS = 2
"""Threads that decode: each holds a strip of both editions, 150 MB for those of a large country."""


def work(attempt: Attempt) -> bool:
    """Filter the pair of a run; everything is stored in one transaction at the end, and replaces
    what was stored before. Raises UnknownEdition, BrokenInvariant, StoreError, EndedRun."""
    run = Run.objects.select_related("edition").get(pk=attempt.number)
    pair = _pair(run)
    progress = runs.Progress(run).go_on
    while True:
        layers = pairs.shown_layers()
        with TemporaryDirectory(prefix="clcplus-filter-") as folder:
            found = filter_pair(pair, layers=layers, folder=Path(folder), progress=progress)
            with transaction.atomic():
                # No layer of territories is shown, and no edition loaded, meanwhile.
                locks.lock_until_commit(locks.Kind.FINALISE)
                if not runs.hold_open(run.pk):
                    return False
                if pairs.shown_layers() == layers:
                    storage.store(pair, found, layers=layers, by=run.requested_by)
                    # Zones of sets have lost what was filtered of the pair before.
                    transaction.on_commit(computation.after_publication, robust=True)
                    runs.succeed(run.pk, message=run.message)
                    return True
        # A layer came while the pass was under way: once more, with its zones.


@dataclass(frozen=True, slots=True)
class Filtered:
    """What a pass found.

    ``totals`` are of the whole raster, ``of_filters`` too: of gain and of loss, the cells and
    patches that each filter accepts, shape (filters, 2, 2).
    ``raw`` has shape (zones, 2), cells of gain and of loss, ``accepted`` shape (filters, zones, 2).
    ``windows`` are the cells of 100 km tiles by name, ``squares`` those of the same names by 1 km
    square, row by row: shape (filters, squares, 2). ``patches`` is a GeoParquet file, and
    ``mask_key`` a raster in the store.
    """

    totals: accepted_change.Totals
    of_filters: Int64Array
    zone_ids: list[int]
    raw: Int64Array
    accepted: Int64Array
    windows: dict[str, Window]
    squares: dict[str, Int64Array]
    patches: Path
    mask_key: str


def filter_pair(
    pair: EditionPair, *, layers: list[int], folder: Path, progress: Progress
) -> Filtered:
    """Filter the change of a pair; ``progress`` is called with cells done and cells in all. Files
    lie in ``folder``, but for the mask, which goes into the store. Raises StoreError."""
    store = open_store(settings.RASTER_STORE)
    tiles = [
        {tile.name: tile for tile in EditionTile.objects.filter(edition=edition)}
        for edition in pair
    ]
    windows = _common(*tiles)
    extent = reduce(Window.union, windows.values())
    zone_ids, edges = zone_edges.in_window(extent, layers=layers)
    zones = set_zones.SetZones(
        FILTERS, edges, width=extent.width, corner=(extent.row, extent.column)
    )
    squares = set_squares.SetSquares(FILTERS, height=extent.height, width=extent.width)
    mask_file, patches = folder / "mask.tif", folder / "patches.parquet"
    with store.names() as name_of:
        earlier, later = (
            tiles_as_one(
                [of_edition[name] for name in windows if name in of_edition],
                window=extent,
                path=folder / file,
                name_of=name_of,
            )
            for of_edition, file in zip(tiles, ("earlier.vrt", "later.vrt"), strict=True)
        )
        with (
            set_mask.set_mask(mask_file, earlier) as mask,
            vector_files.geoparquet(patches, earlier) as outlines,
        ):
            receiver = filter_sets.FilteredChange(
                FILTERS, earlier.cell_width, counters=(zones, squares, mask), others=(outlines,)
            )
            totals = accepted_change.accept_change(
                earlier,
                later,
                FILTERS.most_generous,
                receiver,
                jobs=_THREADS,
                progress=lambda done, strips: progress(extent.cells * done // strips, extent.cells),
            )
    key = f"change/{pair[0].slug}-{pair[1].slug}-{file_hash([mask_file])[:16]}.tif"
    unused_files.note([key])
    store.put(mask_file, key)
    return Filtered(
        totals=totals,
        of_filters=receiver.totals,
        zone_ids=zone_ids,
        raw=zones.raw,
        accepted=zones.accepted,
        windows=windows,
        squares={
            name: squares.cells(
                Window(
                    window.row - extent.row,
                    window.column - extent.column,
                    window.height,
                    window.width,
                )
            )
            for name, window in windows.items()
        },
        patches=patches,
        mask_key=key,
    )


def _common(earlier: dict[str, EditionTile], later: dict[str, EditionTile]) -> dict[str, Window]:
    """The cells of the 100 km tiles that both editions have: elsewhere nothing can change. Of all
    tiles where they have none in common."""
    names = sorted(earlier.keys() & later.keys()) or sorted(earlier.keys() | later.keys())
    return {
        name: reduce(
            Window.union,
            (stored_tiles.window_of(tiles[name]) for tiles in (earlier, later) if name in tiles),
        )
        for name in names
    }


def _pair(run: Run) -> EditionPair:
    earlier = Edition.objects.filter(pk=run.parameters["earlier"]).first()
    if earlier is None or run.edition is None:
        raise UnknownEdition(
            f"run {run.pk}", found="an edition that was deleted", expected="both editions"
        )
    return earlier, run.edition
