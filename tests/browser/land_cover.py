"""Land cover of the small world for maps: meadow, and what is sealed of it in each edition."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from django.conf import settings
from django.core.cache import cache

from clcplus.models import EditionTile
from tests.maps.pictures import write
from tests.world import SIDE, SOUTH, WEST, World


def lay(world: World, sealed: Mapping[int, tuple[slice, slice]]) -> None:
    """Give editions, by year, a tile of 300 × 400 cells of meadow with a rectangle of sealed cells:
    rows and columns from the upper left corner of the world."""
    north = SOUTH + 2 * SIDE
    for year, (rows, columns) in sealed.items():
        codes = np.full((300, 400), 6, dtype=np.uint8)
        codes[rows, columns] = 1
        key = f"browser-{year}.tif"
        write(Path(settings.RASTER_STORE) / key, codes, west=WEST, north=north, cell=10)
        EditionTile.objects.create(
            edition=world.editions[year],
            name="E40N29",
            key=key,
            overview_key="",
            sha256="",
            row=(10_000_000 - north) // 10,
            column=WEST // 10,
            height=codes.shape[0],
            width=codes.shape[1],
        )
    cache.clear()
