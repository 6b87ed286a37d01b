"""Editions as whole rasters: their tiles in the store, joined where they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from pathlib import Path
from tempfile import TemporaryDirectory

from analytics.errors import StoreError
from analytics.grid import Window
from analytics.rasters import MosaicTile, RasterGrid, Store, open_grid, write_mosaic
from clcplus.actions.editions import stored_tiles
from clcplus.models import ConfidenceTile, Edition, EditionTile


@contextmanager
def edition_grids(editions: Sequence[Edition], *, store: Store) -> Iterator[list[RasterGrid]]:
    """A raster of each edition, all over the same cells: those of the tiles of any of them.

    What an edition does not have is "no data". Threads may read the rasters inside the context; it
    is for the main thread of a process. Raises StoreError for an edition without tiles, and errors
    of rasters.
    """
    tiles = {edition.pk: list(EditionTile.objects.filter(edition=edition)) for edition in editions}
    for edition in editions:
        if not tiles[edition.pk]:
            raise StoreError(edition.slug, found="no tile in the store", expected="an edition")
    every = [stored_tiles.window_of(tile) for of_one in tiles.values() for tile in of_one]
    whole = reduce(Window.union, every)
    with TemporaryDirectory(prefix="clcplus-mosaic-") as folder, store.names() as name:
        yield [
            tiles_as_one(
                tiles[edition.pk],
                window=whole,
                path=Path(folder, f"{edition.slug}.vrt"),
                name_of=name,
            )
            for edition in editions
        ]


def tiles_as_one(
    tiles: Sequence[EditionTile | ConfidenceTile],
    *,
    window: Window,
    path: Path,
    name_of: Callable[[str], str],
) -> RasterGrid:
    """Stored tiles as one raster over a window, a VRT at ``path``; ``name_of`` gives the name by
    which GDAL opens a key of the store."""
    parts = [MosaicTile(name_of(tile.key), stored_tiles.window_of(tile)) for tile in tiles]
    write_mosaic(parts, window=window, path=path)
    return open_grid(path)
