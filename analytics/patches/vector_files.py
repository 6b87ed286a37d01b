"""Accepted patches as polygons in the raster's reference system: GeoPackage and GeoParquet.

Columns: ``id`` (the number of the first cell, row by row from 1), ``kind`` (gain or loss),
``former`` and ``later`` (the most frequent class), ``cells``, ``area_m2``, ``width`` (the side of
the largest square of cells in the patch, in metres) and ``confidence`` (the mean, empty where none
is known). The order of the rows has no meaning.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from analytics.arrays import Int64Array
from analytics.errors import UnwritableFile
from analytics.files.replacement import replaced
from analytics.grid import Window
from analytics.patches.accepted_change import Strip
from analytics.patches.mask_codes import GAIN
from analytics.patches.patch_records import Patches, together
from analytics.patches.runs import Runs, joined
from analytics.rasters.grids import RasterGrid

BATCH = 20_000
"""Patches that are written at once, about."""
LAYER = "patches"

Geometries = npt.NDArray[np.object_]
Columns = dict[str, npt.NDArray[Any]]
Write = Callable[[Columns, Geometries], None]
"""Writes rows: columns by name, and the geometry of each row."""


class PatchOutlines:
    """Makes polygons of patches and writes them (a Receiver of accepted_change).

    In memory are two batches of patches, and the runs of those that cross strips: a thread makes
    the polygons of one batch while the next one is collected.
    """

    def __init__(self, grid: RasterGrid, write: Write, *, thread: ThreadPoolExecutor) -> None:
        """``thread`` has one worker, so that batches are written one after the other."""
        self._grid = grid
        self._write = write
        self._thread = thread
        self._writing: Future[None] | None = None
        self._patches: list[Patches] = []
        self._runs: list[Runs] = []
        self._ids: list[Int64Array] = []

    def prepare(self, strip: Strip) -> None:
        """Nothing can be done with a strip before its patches are known."""

    def receive(
        self, window: Window, prepared: None, *, patches: Patches, runs: Runs, ids: Int64Array
    ) -> None:
        """Keep a strip; write the patches that are complete, once they are many."""
        self._patches.append(patches)
        self.receive_late(runs, ids)
        if sum(map(len, self._patches)) >= BATCH:
            self._write_complete()

    def receive_late(self, runs: Runs, ids: Int64Array) -> None:
        """Keep further runs."""
        self._runs.append(runs)
        self._ids.append(ids)

    def finish(self) -> None:
        """Write what is left."""
        self._write_complete()
        self._wait()

    def _write_complete(self) -> None:
        patches, runs = together(self._patches), joined(self._runs)
        ids = np.concatenate([np.zeros(0, dtype=np.int64), *self._ids])
        order = np.argsort(patches.id)
        patches = patches[order]
        place = np.searchsorted(patches.id, ids)
        there = np.bincount(place, weights=runs.cells, minlength=len(patches))
        complete = there == patches.cells
        chosen = complete[place]
        self._patches, self._runs = [patches[~complete]], [runs[~chosen]]
        self._ids = [ids[~chosen]]
        number = np.cumsum(complete) - 1
        self._wait()
        self._writing = self._thread.submit(
            self._write_batch, patches[complete], runs[chosen], number[place[chosen]]
        )

    def _write_batch(self, patches: Patches, runs: Runs, patch: Int64Array) -> None:
        outlines = outlines_of(runs, patch, len(patches), self._grid)
        self._write(_columns(patches, self._grid), outlines)

    def _wait(self) -> None:
        """For the batch before; raises what went wrong with it."""
        if self._writing is not None:
            self._writing.result()


def outlines_of(runs: Runs, patch: Int64Array, patches: int, grid: RasterGrid) -> Geometries:
    """Multipolygons of patches from their runs; ``patch`` is the place of each run's patch, from 0
    to ``patches`` - 1. Coordinates are in the grid's reference system."""
    order = np.argsort(patch, kind="stable")
    runs, patch = runs[order], patch[order]
    boxes = shapely.box(
        grid.x_origin + runs.start * grid.cell_width,
        grid.y_origin - (runs.row + 1) * grid.cell_height,
        grid.x_origin + runs.stop * grid.cell_width,
        grid.y_origin - runs.row * grid.cell_height,
    )
    collections = np.empty(patches, dtype=object)
    shapely.geometrycollections(boxes, indices=patch, out=collections)
    # One call for all patches: other threads go on meanwhile.
    found: Geometries = np.asarray(shapely.union_all(collections[:, np.newaxis], axis=1))
    # Corners in the middle of a straight side say nothing.
    found = np.asarray(shapely.simplify(found, 0))
    single = shapely.get_type_id(found) == shapely.GeometryType.POLYGON
    found[single] = shapely.multipolygons(found[single], indices=np.arange(int(single.sum())))
    return found


def _columns(patches: Patches, grid: RasterGrid) -> Columns:
    return {
        "id": patches.id,
        "kind": np.where(patches.kind == GAIN, "gain", "loss").astype(object),
        "former": patches.former.astype(np.int32),
        "later": patches.later.astype(np.int32),
        "cells": patches.cells,
        "area_m2": patches.cells * grid.cell_area,
        "width": patches.side * grid.cell_width,
        "confidence": patches.confidence,
    }


@contextmanager
def geopackage(path: Path, grid: RasterGrid) -> Iterator[PatchOutlines]:
    """A receiver whose patches lie in a GeoPackage at ``path`` at the end; nothing is left of it
    after an error. Raises UnwritableFile."""
    import pyogrio

    with replaced(path) as part:
        part.unlink()

        def write(columns: Columns, outlines: Geometries) -> None:
            try:
                pyogrio.raw.write(
                    part,
                    np.asarray(shapely.to_wkb(outlines), dtype=object),
                    list(columns.values()),
                    fields=np.array(list(columns), dtype=object),
                    field_mask=[
                        np.isnan(values) if values.dtype.kind == "f" else None
                        for values in columns.values()
                    ],
                    layer=LAYER,
                    driver="GPKG",
                    geometry_type="MultiPolygon",
                    crs=grid.crs,
                    append=part.exists(),
                )
            except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
                raise UnwritableFile(
                    str(path),
                    found=str(error).splitlines()[0],
                    expected="room and permission to write there",
                ) from error

        with ThreadPoolExecutor(1) as thread:
            outlines = PatchOutlines(grid, write, thread=thread)
            yield outlines
            outlines.finish()


@contextmanager
def geoparquet(path: Path, grid: RasterGrid) -> Iterator[PatchOutlines]:
    """The same as GeoParquet 1.1."""
    # Slow to load, and seldom needed.
    import pyarrow as pa
    import pyarrow.parquet as pq
    import pyproj

    geo = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {
            "geometry": {
                "encoding": "WKB",
                "geometry_types": ["MultiPolygon"],
                "crs": pyproj.CRS.from_wkt(grid.crs).to_json_dict(),
            }
        },
    }
    names = _columns(together([]), grid)
    types = {"O": pa.string(), "i": pa.int64(), "f": pa.float64()}
    fields = [(name, types[values.dtype.kind]) for name, values in names.items()]
    schema = pa.schema([*fields, ("geometry", pa.binary())], {"geo": json.dumps(geo)})
    with (
        replaced(path) as part,
        pq.ParquetWriter(part, schema, compression="zstd") as file,
    ):

        def write(columns: Columns, outlines: Geometries) -> None:
            arrays = [
                pa.array(values, field.type, from_pandas=True)
                for values, field in zip(columns.values(), schema, strict=False)
            ]
            geometries = pa.array(shapely.to_wkb(outlines), pa.binary())
            file.write_table(pa.table([*arrays, geometries], schema=schema))

        with ThreadPoolExecutor(1) as thread:
            outlines = PatchOutlines(grid, write, thread=thread)
            yield outlines
            outlines.finish()
