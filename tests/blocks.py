"""The random region with two editions of blocks of change, of every size that tells filters apart.

The blocks lie over the corner of four 100 km tiles, and single cells of noise among them.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from tests.rasters import write_raster
from tests.region import NORTH, SIDE, WEST, Region, make_region


def make_blocks(folder: Path) -> Region:
    """Write the region with editions of 2021 and 2023 of its own below a folder."""
    region = make_region(folder)
    random = np.random.default_rng(3)
    earlier = np.where(random.random((SIDE, SIDE)) < 0.1, 1, 6).astype(np.uint8)
    earlier[:, 38:] = 1
    later = earlier.copy()
    for top, left, height, width in (
        (15, 12, 24, 24),  # 576 cells, 24 wide: all presets
        (2, 2, 5, 5),  # 25 cells
        (2, 10, 4, 6),  # 24 cells: none
        (2, 20, 5, 10),  # 50 cells
        (2, 48, 6, 8),
        (10, 40, 30, 18),
        (46, 2, 2, 36),  # 72 cells, two wide
    ):
        part = (slice(top, top + height), slice(left, left + width))
        earlier[part], later[part] = (1, 9) if left >= 38 else (2, 1)
    noise = random.random((SIDE, SIDE)) < 0.02
    later[noise] = np.where(later[noise] == 1, 3, 1)
    earlier[:, -1] = later[:, -1] = 254
    region = replace(region, codes=region.codes | {2021: earlier, 2023: later})
    for year in (2021, 2023):
        write_raster(region.edition(year), region.codes[year], west=WEST, north=NORTH)
    return region
