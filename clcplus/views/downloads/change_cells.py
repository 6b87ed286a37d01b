"""A picture of a territory's cells of change: all of them, or what a filter leaves.

It explains noise where the reader knows the ground. A cell is a pixel, so that single cells can be
seen. Of a large territory the square is shown in which most cells have changed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rasterio.features import geometry_mask
from rasterio.transform import from_origin
from rasterio.windows import Window as RasterWindow

from analytics import png, queries
from analytics.grid import CELL_SIZE, Y_ORIGIN, Window
from analytics.nomenclature import NO_DATA, SEALED
from analytics.patches import PRESETS, RAW, mask_codes
from analytics.rasters import Store, open_store
from analytics.records import StoredTile
from clcplus.files import formats
from clcplus.http import filtered_change, parameters
from clcplus.presentation import colours
from clcplus.snapshots import Snapshot
from clcplus.views.downloads.published import published_file, territory_of

LARGEST_CELLS = 1_000_000
"""Cells of a territory that still has a picture: 100 km²."""
_SIDE = 240
"""Cells along a side of the picture, at most: 2.4 km."""
_STEP = 20
"""Cells between the squares that are tried."""
_MARGIN = 4
_LONGEST = 6_000
"""Cells along a side of what is read."""
_OUTSIDE = len(colours.CHANGE_KINDS)

Codes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


def _window_of(shape: Any) -> Window:
    """The cells of a geometry in EPSG:3035, with a margin."""
    west, south, east, north = shapely.bounds(shape)
    row = max(math.floor((Y_ORIGIN - north) / CELL_SIZE) - _MARGIN, 0)
    column = max(math.floor(west / CELL_SIZE) - _MARGIN, 0)
    return Window(
        row,
        column,
        math.ceil((Y_ORIGIN - south) / CELL_SIZE) + _MARGIN - row,
        math.ceil(east / CELL_SIZE) + _MARGIN - column,
    )


def _read(store: Store, key: str, window: Window) -> Codes:
    """Cells of a stored raster in a window; "no data" beyond its edges."""
    found: Codes = np.full(window.shape, NO_DATA, dtype=np.uint8)
    with store.open(key) as dataset:
        own = Window(
            round((Y_ORIGIN - dataset.transform.f) / CELL_SIZE),
            round(dataset.transform.c / CELL_SIZE),
            dataset.height,
            dataset.width,
        )
        shared = own.intersection(window)
        if shared is not None:
            place = shared.column - own.column, shared.row - own.row
            read = dataset.read(1, window=RasterWindow(*place, shared.width, shared.height))
            row, column = shared.row - window.row, shared.column - window.column
            found[row : row + shared.height, column : column + shared.width] = read
    return found


def _sealed(store: Store, tiles: Sequence[StoredTile], window: Window) -> Mask:
    """Cells that are sealed in an edition."""
    found: Mask = np.zeros(window.shape, dtype=np.bool_)
    for tile in tiles:
        found |= _read(store, tile.key, window) == SEALED
    return found


def _inside(shape: Any, window: Window) -> Mask:
    west, _, _, north = window.bounds
    found: Mask = geometry_mask(
        [shape],
        out_shape=window.shape,
        transform=from_origin(west, north, CELL_SIZE, CELL_SIZE),
        invert=True,
    )
    return found


def busiest(changed: Mask, side: int, *, step: int = _STEP) -> tuple[slice, slice]:
    """The square of ``side`` cells, among those that begin at multiples of ``step``, with most
    cells that are true; of several the first. All of a picture that is no larger."""
    height, width = changed.shape
    sums = np.zeros((height + 1, width + 1), dtype=np.int64)
    sums[1:, 1:] = changed.cumsum(axis=0, dtype=np.int64).cumsum(axis=1)
    tall, wide = min(side, height), min(side, width)
    rows = np.unique(np.append(np.arange(0, height - tall + 1, step), height - tall))
    columns = np.unique(np.append(np.arange(0, width - wide + 1, step), width - wide))
    within = (
        sums[np.ix_(rows + tall, columns + wide)]
        - sums[np.ix_(rows, columns + wide)]
        - sums[np.ix_(rows + tall, columns)]
        + sums[np.ix_(rows, columns)]
    )
    at, across = np.unravel_index(int(within.argmax()), within.shape)
    row, column = int(rows[at]), int(columns[across])
    return slice(row, row + tall), slice(column, column + wide)


def kinds_of(codes: Codes, sealed: Mask, inside: Mask, *, place: int | None) -> Codes:
    """What became of each cell, as an index of :data:`colours.CHANGE_KINDS`; the index after them
    outside of the territory and where nothing is observed in both. A loss that the filter at
    ``place`` rejects has stayed sealed."""
    change, accepted = mask_codes.decoded(codes), mask_codes.decoded(codes, place)
    gained, lost = accepted == mask_codes.GAIN, accepted == mask_codes.LOSS
    rejected = (change == mask_codes.LOSS) & ~lost
    kept = (sealed & (change == mask_codes.NONE)) | rejected
    found: Codes = np.full(codes.shape, colours.CHANGE_KINDS.index("none"), dtype=np.uint8)
    for kind, cells in (("gained", gained), ("lost", lost), ("kept", kept)):
        found[cells] = colours.CHANGE_KINDS.index(kind)
    found[~inside | (codes == NO_DATA)] = _OUTSIDE
    return found


def _palette() -> png.Palette:
    palette = colours.change_palette()
    palette[colours.CHANGE_KINDS.index("none")] = (255, 255, 255, 255)
    palette[_OUTSIDE] = (203, 209, 218, 255)
    return palette


@published_file
def change_cells(
    request: HttpRequest, snapshot: Snapshot, level: str, code: str
) -> HttpResponseBase:
    """The picture, as PNG; ``filter`` is ``raw`` or the name of a filter."""
    parameters.only(request, {"vintage", "from", "to", "filter", "across"})
    connection = snapshot.connection
    territory = territory_of(request, connection, level, code)
    if territory.cells > LARGEST_CELLS:
        raise Http404("the territory is too large for a picture of its cells")
    earlier, later = parameters.pair(request, queries.editions(connection))
    chosen = parameters.change_filter(request, default=RAW, raw=True)
    key = filtered_change.mask_key(connection, (earlier, later), chosen)
    shape = shapely.from_wkb(queries.exact_shape(connection, zone_id=territory.id))
    window = _window_of(shape)
    if max(window.shape) > _LONGEST:
        raise Http404("the territory is too long for a picture of its cells")
    body = b""
    if request.method != "HEAD":
        tiles = queries.edition_tiles(connection, edition_id=later.id, window=window)
        store = open_store(settings.RASTER_STORE)
        codes, inside = _read(store, key, window), _inside(shape, window)
        changed = np.isin(mask_codes.decoded(codes), (mask_codes.GAIN, mask_codes.LOSS)) & inside
        part = busiest(changed, _SIDE)
        sealed = _sealed(store, tiles, window)
        place = None if chosen == RAW else [*PRESETS].index(chosen)
        kinds = kinds_of(codes[part], sealed[part], inside[part], place=place)
        body = png.of_indices(kinds, _palette())
    response = HttpResponse(body, content_type="image/png")
    name = f"sealing-cells-{territory.level}-{territory.code}"
    response["Content-Disposition"] = formats.disposition(name, "png")
    return response
