"""Pictures of an edition: classes where cells can be told apart, else the share of sealed cells.

A tile reads a bounded number of blocks: cells are read at about the picture's resolution, from the
pyramids of the store's rasters, and only then moved to web Mercator.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import floor

import numpy as np
import numpy.typing as npt
from affine import Affine
from rasterio.enums import Resampling
from rasterio.io import DatasetReader
from rasterio.transform import from_bounds
from rasterio.warp import reproject
from rasterio.windows import Window as RasterWindow

from analytics import png
from analytics.grid import CELL_SIZE, Y_ORIGIN, Window
from analytics.nomenclature import NO_DATA
from analytics.rasters import Store
from analytics.records import StoredTile
from clcplus.maps.addresses import GRID, WEB_MERCATOR, TileAddress
from clcplus.presentation.colours import class_palette, share_palette

SIZE = 256

Picture = npt.NDArray[np.uint8]

_CLASSES = class_palette()
_SHARES = share_palette()


def classes_tile(
    store: Store, tiles: Sequence[StoredTile], address: TileAddress, *, size: int = SIZE
) -> bytes:
    """Land cover in the official colours, by nearest neighbour; what is missing is transparent.

    ``tiles`` are those of the edition that share a cell with the address: four at most.
    """
    return png.of_indices(codes_below(store, tiles, address, size=size), _CLASSES)


def codes_below(
    store: Store,
    tiles: Sequence[StoredTile],
    address: TileAddress,
    *,
    size: int = SIZE,
    whole: bool = False,
) -> Picture:
    """The class under the middle of each pixel, "no data" where there is none.

    With ``whole`` it is read from the cells themselves, not from the pyramids: two editions are
    then compared at the same cell, wherever their rasters begin.
    """
    picture: Picture = np.full((size, size), NO_DATA, dtype=np.uint8)
    window = address.window
    if window is None:
        return picture
    for tile in tiles:
        own = Window(tile.row, tile.column, tile.height, tile.width)
        shared = own.intersection(_widened(window))
        if shared is None:
            continue
        with store.open(tile.key) as dataset:
            _draw(dataset, own, shared, 1, address, picture, Resampling.nearest, whole=whole)
    return picture


def cells_below(store: Store, key: str, address: TileAddress, *, size: int = SIZE) -> Picture:
    """The value of a stored raster of cells under the middle of each pixel, "no data" where there
    is none."""
    picture: Picture = np.full((size, size), NO_DATA, dtype=np.uint8)
    window = address.window
    if window is None:
        return picture
    with store.open(key) as dataset:
        own, cells = _placed(dataset)
        shared = own.intersection(_widened(window))
        if shared is not None:
            _draw(dataset, own, shared, cells, address, picture, Resampling.nearest, whole=True)
    return picture


def shares_tile(store: Store, key: str, address: TileAddress, *, size: int = SIZE) -> bytes:
    """Share of sealed cells, from the edition's overview; transparent at zero and where nothing is
    observed."""
    picture: Picture = np.full((size, size), NO_DATA, dtype=np.uint8)
    window = address.window
    if window is not None:
        with store.open(key) as dataset:
            own, cells = _placed(dataset)
            shared = own.intersection(_widened(window, cells))
            if shared is not None:
                _draw(dataset, own, shared, cells, address, picture, Resampling.average)
    return png.of_indices(picture, _SHARES)


def empty_tile(*, size: int = SIZE) -> bytes:
    """A tile with nothing on it."""
    return png.of_indices(np.full((size, size), NO_DATA, dtype=np.uint8), _CLASSES)


def _placed(dataset: DatasetReader) -> tuple[Window, int]:
    """The cells that a raster on the grid covers, and cells along a side of its pixels."""
    transform = dataset.transform
    cells = round(transform.a / CELL_SIZE)
    row = round((Y_ORIGIN - transform.f) / CELL_SIZE)
    column = round(transform.c / CELL_SIZE)
    return Window(row, column, dataset.height * cells, dataset.width * cells), cells


def moved(values: Picture, transform: Affine, address: TileAddress, *, size: int) -> Picture:
    """Pixels of the grid, which lie where ``transform`` says, moved to a tile of ``size`` pixels
    along a side; NO_DATA where there are none."""
    picture: Picture = np.full((size, size), NO_DATA, dtype=np.uint8)
    reproject(
        values,
        picture,
        src_transform=transform,
        src_crs=GRID,
        src_nodata=NO_DATA,
        dst_transform=from_bounds(*address.edges, size, size),
        dst_crs=WEB_MERCATOR,
        dst_nodata=NO_DATA,
        resampling=Resampling.nearest,
    )
    return picture


def _widened(window: Window, margin: int = 1) -> Window:
    """The window and its neighbours, so that the edge of a picture has something to lean on."""
    row, column = max(window.row - margin, 0), max(window.column - margin, 0)
    return Window(
        row,
        column,
        window.row_stop + margin - row,
        window.column_stop + margin - column,
    )


def _draw(
    dataset: DatasetReader,
    own: Window,
    shared: Window,
    cells: int,
    address: TileAddress,
    picture: Picture,
    resampling: Resampling,
    *,
    whole: bool = False,
) -> None:
    """Draw the cells of ``shared`` on the picture, where nothing is drawn yet.

    ``own`` are all cells of the dataset, ``cells`` those along a side of one of its pixels.
    """
    size = picture.shape[0]
    # Pixels of the raster along a side of the picture's smallest pixel.
    step = 1 if whole else max(1, floor(address.pixel(size) / (cells * CELL_SIZE)))
    # Aligned to multiples of the step from the raster's own corner: neighbouring pictures agree.
    inside = Window(shared.row - own.row, shared.column - own.column, shared.height, shared.width)
    aligned = inside.snapped(cells * step)
    pixels = RasterWindow(
        aligned.column // cells,
        aligned.row // cells,
        min(aligned.width // cells, dataset.width - aligned.column // cells),
        min(aligned.height // cells, dataset.height - aligned.row // cells),
    )
    shape = (-(-int(pixels.height) // step), -(-int(pixels.width) // step))
    values = dataset.read(1, window=pixels, out_shape=shape, resampling=resampling)
    corner = dataset.window_transform(pixels)
    scale = Affine.scale(pixels.width / shape[1], pixels.height / shape[0])
    drawn = moved(values, corner * scale, address, size=size)
    free = picture == NO_DATA
    picture[free] = drawn[free]
