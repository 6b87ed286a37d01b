"""The materials of each cell, and the reflectance that follows from them."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from analytics.nomenclature import OUTSIDE, SEA_BUFFER, SEALED, WATER

from ..fields import Field, sample, unit, value_noise
from ..kernels import kernel
from ..land_cover import (
    BARE,
    BROAD,
    CROP,
    EVERGREEN,
    GRASS,
    LICHEN,
    NEEDLE,
    SHRUB,
    SNOW,
    Cells,
    parcel_at,
)
from ..urban import block_at
from .spectra import (
    ASPHALT,
    BAND_COUNT,
    BROADLEAF,
    CLEAR_WATER,
    CONCRETE,
    DRY_GRASS,
    DRY_SOIL,
    EVERGREEN_LEAF,
    GRAVEL,
    GREEN_CROP,
    LICHENS,
    LIGHT_ROOF,
    MOIST_SOIL,
    NEEDLES,
    ROCK,
    SAND,
    SHRUBS,
    SLATE,
    SNOW_COVER,
    STUBBLE,
    TILES,
    TURBID_WATER,
    TURF,
    Spectra,
)

Reflectance = npt.NDArray[np.float32]  # (bands, rows, columns)


@kernel
def sealed_material(x: float, y: float, patch: float, block: float, region: float) -> int:
    """Roofs, streets and yards: by the fashion of the country, the block and the single lot."""
    if block > 0.86 and patch < 0.55:
        return LIGHT_ROOF if block > 0.93 else CONCRETE
    if patch < 0.34:
        return ASPHALT
    if patch < 0.74:
        return TILES if region + 0.5 * (block - 0.5) > 0.0 else SLATE
    if patch < 0.88:
        return CONCRETE
    return GRAVEL


@kernel
def crop_cover(state: float, ripe: float) -> tuple[int, float]:
    """What stands between the leaves of a field in summer, and the share of ground they cover."""
    if state < 0.22:  # tilled after harvest
        return (DRY_SOIL if ripe > 0.3 else MOIST_SOIL), 0.04 + 0.10 * ripe
    if state < 0.48:  # harvested, or as good as ripe
        return STUBBLE, 0.05 + 0.25 * ripe
    if state < 0.66:  # rows not closed yet
        return (DRY_SOIL if ripe > 0.5 else MOIST_SOIL), 0.30 + 0.40 * ripe
    return MOIST_SOIL, 0.80 + 0.20 * ripe


@kernel
def paint(
    truth: Cells,
    first_row: int,
    stop_row: int,
    spectra: Spectra,
    elevation: Field,
    southness: Field,
    parcels: int,
    seed: int,
    year_seed: int,
    dryness: float,
    out: Reflectance,
) -> None:
    """Reflectance of some rows of cells. `parcels` is the seed that laid out fields and blocks;
    `seed` stays from year to year, `year_seed` does not."""
    columns = truth.shape[1]
    spacing = 50.0
    for row in range(first_row, stop_row):
        y = row * 10.0 + 5.0
        for column in range(columns):
            x = column * 10.0 + 5.0
            code = truth[row, column]
            height = sample(elevation, x, y, spacing)
            if code == OUTSIDE:
                # Never seen, but it shines into its neighbours.
                code = WATER if height <= 0.0 else GRASS
            # Slow change over the country, patches of some cells, and the cell alone.
            broad = value_noise(x / 1900.0, y / 1900.0, seed)
            patch = value_noise(x / 47.0, y / 47.0, seed + 1)
            own = unit(column, row, seed + 2)
            other = unit(column, row, seed + 3)
            light = 1.0 + 0.16 * sample(southness, x, y, spacing)
            tilt = 0.10 * broad
            first = TURF
            second = DRY_GRASS
            share = 0.0  # of the second
            third = TURF
            rest = 0.0  # of the third
            if code == SEALED:
                key = block_at(x, y, parcels)[0]
                block = unit(key & 0xFFFF, key >> 16, seed + 4)
                region = value_noise(x / 5200.0, y / 5200.0, seed + 5) + 0.25
                lot = unit(int(x / 20.0), int(y / 20.0), seed + 6)
                first = sealed_material(x, y, lot, block, region)
                second = sealed_material(x, y, own, block, region)
                share = 0.15 + 0.6 * other
                # Gardens, verges and trees: a cell is sealed when most of it is.
                green = 0.5 * (0.5 + 0.5 * patch) + 0.5 * unit(column, row, seed + 7)
                rest = 0.55 * green * green * (1.15 - 0.75 * max(0.0, block - 0.4))
                third = BROADLEAF if unit(int(x / 20.0), int(y / 20.0), seed + 8) < 0.35 else TURF
                if unit(int(x / 20.0), int(y / 20.0), seed + 9) < 0.4:
                    third = DRY_GRASS if third == TURF else third
                # Shade between houses.
                light *= 0.84 + 0.30 * unit(column, row, seed + 10)
                tilt += 0.10 * (block - 0.5)
            elif code in (WATER, SEA_BUFFER):
                first = CLEAR_WATER
                second = TURBID_WATER
                share = min(1.0, max(0.0, 0.35 + 0.5 * broad + 0.2 * patch))
                light = 0.9 + 0.2 * own
            elif code == SNOW:
                first = SNOW_COVER
                second = ROCK
                share = 0.35 * own * (0.5 + 0.5 * patch)
            elif code == BARE:
                first = SAND if height < 40.0 else ROCK
                second = GRAVEL if own < 0.5 else DRY_SOIL
                share = 0.55 * other
                third = DRY_GRASS
                rest = 0.25 * own * (0.5 + 0.5 * patch)
                light *= 0.82 + 0.3 * (0.5 + 0.5 * patch)
            else:
                pi, pj, border, _ = parcel_at(x, y, parcels)
                lot = unit(pi, pj, seed + 11)
                if code == CROP:
                    state = unit(pi, pj, year_seed + 12)
                    ripe = unit(pi, pj, year_seed + 13)
                    first, leaves = crop_cover(state, ripe)
                    second = GREEN_CROP
                    share = min(1.0, max(0.0, leaves + 0.10 * patch + 0.08 * (own - 0.5)))
                    light *= 0.76 + 0.46 * lot
                    if border < 4.0:
                        third = TURF
                        rest = 0.3
                elif code == GRASS:
                    dry = (
                        0.42 + dryness + 0.35 * broad + 0.45 * (unit(pi, pj, year_seed + 14) - 0.5)
                    )
                    share = min(0.95, max(0.0, dry + 0.12 * patch))
                    # Mown to the ground, trodden, or yards too small for a class of their own.
                    worn = unit(int(x / 30.0), int(y / 30.0), seed + 15)
                    if worn < 0.05:
                        third = DRY_SOIL if worn < 0.025 else GRAVEL
                        rest = 0.25 + 0.35 * other
                    light *= 0.88 + 0.24 * lot
                elif code == NEEDLE:
                    first, second, third = NEEDLES, BROADLEAF, SHRUBS
                    share = 0.22 * own * other
                    rest = 0.10 * own
                    light *= 0.80 + 0.36 * lot
                elif code == BROAD:
                    first, second, third = BROADLEAF, SHRUBS, NEEDLES
                    share = 0.30 * own
                    rest = 0.16 * other * other
                    light *= 0.82 + 0.32 * lot
                elif code == EVERGREEN:
                    first, second, third = EVERGREEN_LEAF, SHRUBS, BROADLEAF
                    share = 0.30 * own
                    rest = 0.20 * other
                    light *= 0.82 + 0.32 * lot
                elif code == SHRUB:
                    first, second, third = SHRUBS, DRY_SOIL, DRY_GRASS
                    share = 0.40 * other * (0.6 + 0.4 * patch)
                    rest = 0.30 * own
                    light *= 0.82 + 0.34 * lot
                elif code == LICHEN:
                    first, second, third = LICHENS, ROCK, DRY_GRASS
                    share = 0.40 * own
                    rest = 0.30 * other
            light *= 0.96 + 0.08 * unit(column, row, year_seed + 16)
            a = (1.0 - share) * (1.0 - rest) * light
            b = share * (1.0 - rest) * light
            c = rest * light
            slope = tilt / BAND_COUNT
            for band in range(BAND_COUNT):
                value = a * spectra[first, band] + b * spectra[second, band]
                value += c * spectra[third, band]
                out[band, row - first_row, column] = value * (1.0 + slope * (band - 5.5))


assert math.isclose(BAND_COUNT, 12)  # 5.5 above is the middle of the bands
