"""Filter the change between two editions: one pass over their stored tiles for all presets that
form the same patches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from django.conf import settings
from django.db import transaction

from analytics.arrays import Int64Array
from analytics.grid import Window
from analytics.patches import (
    accepted_change,
    filter_sets,
    preset_groups,
    set_mask,
    set_squares,
    set_zones,
    vector_files,
)
from analytics.rasters import Progress, RasterGrid, file_hash, open_store
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
from clcplus.models import ConfidenceTile, Edition, EditionTile, Run

_THREADS = 2
"""Threads that decode: each holds a strip of both editions, 150 MB for those of a large country."""


def work(attempt: Attempt) -> bool:
    """Filter the pair of a run; everything is stored in one transaction at the end, and replaces
    what was stored before. Raises UnknownEdition, BrokenInvariant, StoreError, EndedRun."""
    run = Run.objects.select_related("edition").get(pk=attempt.number)
    pair = _pair(run)
    progress = runs.Progress(run).go_on
    while True:
        layers, confidence = pairs.shown_layers(), pairs.confidence_of(pair)
        with TemporaryDirectory(prefix="clcplus-filter-") as folder:
            found = filter_pair(
                pair,
                layers=layers,
                confident=bool(confidence),
                folder=Path(folder),
                progress=progress,
            )
            with transaction.atomic():
                # No layer is shown or added, and no edition loaded, meanwhile.
                locks.lock_until_commit(locks.Kind.FINALISE)
                if not runs.hold_open(run.pk):
                    return False
                if (pairs.shown_layers(), pairs.confidence_of(pair)) == (layers, confidence):
                    storage.store(
                        pair, found, layers=layers, confidence=confidence, by=run.requested_by
                    )
                    # Zones of sets have lost what was filtered of the pair before.
                    transaction.on_commit(computation.after_publication, robust=True)
                    runs.succeed(run.pk, message=run.message)
                    return True
        # A layer came while the pass was under way: once more, with its zones or confidences.


@dataclass(frozen=True, slots=True)
class PresetPatches:
    """Patches of presets that form the same ones: a GeoParquet file."""

    min_confidence: int | None
    path: Path


@dataclass(frozen=True, slots=True)
class Filtered:
    """What the passes found.

    ``totals`` are of the whole raster, ``of_filters`` too: of gain and of loss, the cells and
    patches that each of ``presets`` accepts, shape (presets, 2, 2).
    ``raw`` has shape (zones, 2), cells of gain and of loss, ``accepted`` shape (presets, zones, 2).
    ``windows`` are the cells of 100 km tiles by name, ``squares`` those of the same names by 1 km
    square, row by row: shape (presets, squares, 2). ``mask_key`` is a raster in the store.
    """

    presets: list[str]
    totals: accepted_change.Totals
    of_filters: Int64Array
    zone_ids: list[int]
    raw: Int64Array
    accepted: Int64Array
    windows: dict[str, Window]
    squares: dict[str, Int64Array]
    patches: list[PresetPatches]
    mask_key: str


def filter_pair(
    pair: EditionPair, *, layers: list[int], confident: bool, folder: Path, progress: Progress
) -> Filtered:
    """Filter the change of a pair: a pass for each group of presets that form the same patches.

    ``confident`` says whether both editions have a confidence layer. ``progress`` is called with
    cells done and cells in all. Files lie in ``folder``, but for the mask, which goes into the
    store. Raises StoreError.
    """
    store = open_store(settings.RASTER_STORE)
    tiles = [
        {tile.name: tile for tile in EditionTile.objects.filter(edition=edition)}
        for edition in pair
    ]
    windows = _common(*tiles)
    extent = reduce(Window.union, windows.values())
    zone_ids, edges = zone_edges.in_window(extent, layers=layers)
    groups = [filter_sets.FilterSet(group) for group in preset_groups(confident=confident)]
    mask_file = folder / "mask.tif"
    passes: list[_Pass] = []
    with store.names() as name_of:

        def grid(part: dict[str, EditionTile] | dict[str, ConfidenceTile], name: str) -> RasterGrid:
            of_pair = [part[tile] for tile in windows if tile in part]
            return tiles_as_one(of_pair, window=extent, path=folder / name, name_of=name_of)

        earlier, later = (grid(tiles[n], f"edition-{n}.vrt") for n in range(len(pair)))
        confidences = [
            grid(_confidence_tiles(edition), f"confidence-{n}.vrt")
            for n, edition in enumerate(pair)
            if confident
        ]
        with set_mask.set_mask(mask_file, earlier) as mask:
            for group in groups:
                before = sum(len(one.chosen) for one in passes)
                found = _Pass(
                    chosen=group,
                    zones=set_zones.SetZones(
                        group, edges, width=extent.width, corner=(extent.row, extent.column)
                    ),
                    squares=set_squares.SetSquares(group, height=extent.height, width=extent.width),
                    patches=folder / f"patches-{len(passes)}.parquet",
                )
                found.run(
                    (earlier, later),
                    confidences,
                    mask=mask.further(first=before) if passes else mask,
                    progress=_part(progress, len(passes), of=len(groups), cells=extent.cells),
                )
                passes.append(found)
    key = f"change/{pair[0].slug}-{pair[1].slug}-{file_hash([mask_file])[:16]}.tif"
    unused_files.note([key])
    store.put(mask_file, key)
    return Filtered(
        presets=[name for one in passes for name in one.chosen.filters],
        totals=passes[0].totals,
        of_filters=np.concatenate([one.of_filters for one in passes]),
        zone_ids=zone_ids,
        raw=passes[0].zones.raw,
        accepted=np.concatenate([one.zones.accepted for one in passes]),
        windows=windows,
        squares={
            name: np.concatenate([one.squares.cells(_within(window, extent)) for one in passes])
            for name, window in windows.items()
        },
        patches=[
            PresetPatches(one.chosen.most_generous.min_confidence, one.patches) for one in passes
        ],
        mask_key=key,
    )


@dataclass
class _Pass:
    """A pass over a pair by a set of presets, and what it finds."""

    chosen: filter_sets.FilterSet
    zones: set_zones.SetZones
    squares: set_squares.SetSquares
    patches: Path
    totals: accepted_change.Totals = field(init=False)
    of_filters: Int64Array = field(init=False)

    def run(
        self,
        editions: tuple[RasterGrid, RasterGrid],
        confidences: Sequence[RasterGrid],
        *,
        mask: filter_sets.SetReceiver[Any],
        progress: Progress,
    ) -> None:
        earlier, later = editions
        with vector_files.geoparquet(self.patches, earlier) as outlines:
            receiver = filter_sets.FilteredChange(
                self.chosen,
                earlier.cell_width,
                counters=(self.zones, self.squares, mask),
                others=(outlines,),
            )
            self.totals = accepted_change.accept_change(
                earlier,
                later,
                self.chosen.most_generous,
                receiver,
                confidences=confidences,
                jobs=_THREADS,
                progress=progress,
            )
        self.of_filters = receiver.totals


def _part(progress: Progress, number: int, *, of: int, cells: int) -> Progress:
    """The progress of a pass, of which there are several, in strips."""

    def note(done: int, strips: int) -> None:
        progress(cells * (number * strips + done) // (strips * of), cells)

    return note


def _confidence_tiles(edition: Edition) -> dict[str, ConfidenceTile]:
    return {tile.name: tile for tile in ConfidenceTile.objects.filter(edition=edition)}


def _within(window: Window, extent: Window) -> Window:
    """A window in rows and columns that count from the corner of the extent."""
    return Window(
        window.row - extent.row, window.column - extent.column, window.height, window.width
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
