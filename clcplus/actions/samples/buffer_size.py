"""The part of a territory's unsealed cells that lies beside sealed ones, for plans of samples."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

import numpy as np
import shapely
from django.conf import settings
from django.core.cache import cache

from analytics.counting import scanline
from analytics.grid import CELL_SIZE, Window, window_of_bounds
from analytics.rasters import COG_BLOCK, Codes, open_store, read_part
from analytics.sampling import buffer_share, strata
from clcplus.actions.editions import stored_tiles
from clcplus.models import Edition, EditionTile, Zone

_SEED = 20
_KEPT_SECONDS = 24 * 3600
"""Tiles are named by their content, so that what was found for them stays true."""


def share_in_buffer(
    editions: Sequence[Edition], *, territory: Zone | None, buffer_m: float
) -> buffer_share.BufferShare | None:
    """The part of the cells sealed in none of one or two editions that lies within ``buffer_m``
    metres of a sealed one; None where nothing is there to be counted.

    It comes from some blocks of the territory, the same each time. Raises SampleError for a buffer
    that no sample has, and errors of rasters and of the store.
    """
    scheme = strata.scheme_of(
        len(editions), buffer=buffer_m, cell_width=CELL_SIZE, cell_height=CELL_SIZE
    )
    tiles = _tiles(editions)
    if not buffer_m or scheme.reach is None or not tiles:
        return None
    keys = [tile.key for pair in tiles for tile in pair]
    zone = None if territory is None else territory.pk
    digest = hashlib.sha256(repr((keys, zone, scheme.reach)).encode()).hexdigest()
    name = f"buffer-share-{digest}"
    kept = cache.get(name)
    if kept is None:
        found = _counted(tiles, territory, scheme.reach)
        kept = [] if found is None else [found.value, found.half_width]
        cache.set(name, kept, _KEPT_SECONDS)
    return buffer_share.BufferShare(*kept) if kept else None


def _tiles(editions: Sequence[Edition]) -> list[tuple[EditionTile, ...]]:
    """The tiles that every edition has, those of one place together, by name."""
    by_name = [
        {tile.name: tile for tile in EditionTile.objects.filter(edition=edition)}
        for edition in editions
    ]
    shared = sorted(set.intersection(*({*of_one} for of_one in by_name)))
    return [tuple(of_one[name] for of_one in by_name) for name in shared]


def _counted(
    tiles: Sequence[tuple[EditionTile, ...]], territory: Zone | None, reach: tuple[int, int]
) -> buffer_share.BufferShare | None:
    zones, frame = None, None
    if territory is not None:
        geometry = shapely.from_wkb(bytes(territory.geometry.wkb))
        zones = scanline.edges_of([geometry])
        frame = window_of_bounds(*shapely.bounds(geometry).tolist())
    places = [
        (block, pair)
        for pair in tiles
        # The blocks of a tile as its COG has them.
        for block in stored_tiles.window_of(pair[-1]).parts(COG_BLOCK, COG_BLOCK)
        if frame is None or frame.intersection(block) is not None
    ]
    order = np.random.default_rng(_SEED).permutation(len(places)).tolist()
    pair_of = {block: pair for block, pair in places}
    store = open_store(settings.RASTER_STORE)
    with ExitStack() as stack:
        opened: dict[str, Any] = {}

        def codes(block: Window, tile: EditionTile) -> Codes:
            if tile.key not in opened:
                opened[tile.key] = stack.enter_context(store.open(tile.key))
            origin = stored_tiles.window_of(tile)
            return read_part(opened[tile.key], origin=origin, part=block)

        def read(block: Window) -> tuple[Codes, Codes]:
            found = [*map(partial(codes, block), pair_of[block])]
            return found[0], found[-1]

        return buffer_share.buffer_share(
            read, (places[n][0] for n in order), zones=zones, reach=reach
        )
