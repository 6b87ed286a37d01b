"""The tiles of an edition in the store: convert a source's cells into one, read one's cells."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from analytics.counting import tiles
from analytics.errors import StoreError
from analytics.grid import StoreTile, Window
from analytics.nomenclature import NO_DATA, SEA_BUFFER
from analytics.rasters import (
    Codes,
    ReadCodes,
    Store,
    read_part,
    read_sources,
    write_cog,
    write_share_cog,
)
from clcplus.actions.editions import registration, tile_plans
from clcplus.models import ConfidenceTile, EditionTile, Unit


def convert(unit: Unit, *, store: Store) -> tuple[EditionTile, Window, ReadCodes]:
    """Write the tile's COG and its overview into the store, and keep its cells for the count."""
    edition = unit.edition
    sources = registration.sources_of(edition)
    window = tile_plans.window_in_tile([s.window for s in sources], StoreTile.from_name(unit.tile))
    if window is None:
        raise StoreError(unit.tile, found="no cell of any source", expected="a tile of the edition")
    codes = read_sources(sources, window)
    if edition.coast_id is not None:
        _mask_sea(codes, window, edition.coast_id, unit.tile, store=store)
    with TemporaryDirectory(prefix="clcplus-tile-") as folder:
        cog, overview = Path(folder, "tile.tif"), Path(folder, "overview.tif")
        digest = write_cog(codes, window=window, path=cog)
        overview_digest = write_share_cog(
            tiles.sealed_shares(codes),
            window=window,
            cell_size=tiles.OVERVIEW_CELL_SIZE,
            path=overview,
        )
        key = f"{edition.slug}/{unit.tile}-{digest[:16]}.tif"
        overview_key = f"{edition.slug}/{unit.tile}-share-{overview_digest[:16]}.tif"
        store.put(cog, key)
        store.put(overview, overview_key)
    tile = EditionTile(
        edition=edition,
        name=unit.tile,
        key=key,
        overview_key=overview_key,
        sha256=digest,
        row=window.row,
        column=window.column,
        height=window.height,
        width=window.width,
    )

    def read(part: Window) -> Codes:
        row, column = part.row - window.row, part.column - window.column
        return codes[row : row + part.height, column : column + part.width]

    return tile, window, read


def _mask_sea(codes: Codes, window: Window, coast_id: int, tile: str, *, store: Store) -> None:
    """Cells that a later edition calls coastal sea are coastal sea in this one too."""
    stored = EditionTile.objects.filter(edition=coast_id, name=tile).first()
    if stored is None:
        return
    with ExitStack() as stack:
        coast = stored_reader(stored, store=store, stack=stack)(window)
    codes[coast == SEA_BUFFER] = SEA_BUFFER


def window_of(tile: EditionTile | ConfidenceTile) -> Window:
    """The cells of a tile in the whole grid."""
    return Window(tile.row, tile.column, tile.height, tile.width)


def reader(*, edition_id: int, tile: str, store: Store, stack: ExitStack) -> ReadCodes:
    """Reads another edition's cells of a tile; all missing where it does not have the tile."""
    stored = EditionTile.objects.filter(edition=edition_id, name=tile).first()
    if stored is None:
        return lambda part: np.full(part.shape, NO_DATA, dtype=np.uint8)
    return stored_reader(stored, store=store, stack=stack)


def stored_reader(tile: EditionTile, *, store: Store, stack: ExitStack) -> ReadCodes:
    """Reads the codes of a stored tile's cells; 255 outside of them."""
    dataset = stack.enter_context(store.open(tile.key))
    origin = window_of(tile)
    return lambda part: read_part(dataset, origin=origin, part=part)
