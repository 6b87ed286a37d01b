"""The materials of each cell, and the reflectance that follows from them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analytics.nomenclature import OUTSIDE, SEA_BUFFER, SEALED, WATER
from demonstration.grids.fields import centre, sample, unit, value_noise
from demonstration.grids.kernels import kernel
from demonstration.imagery import materials
from demonstration.landscape.terrain import Terrain
from demonstration.truth import land_cover
from demonstration.truth.blocks import block_at
from demonstration.truth.land_cover import Cells, parcel_at

Reflectance = npt.NDArray[np.float32]  # (bands, rows, columns)


@kernel
def sealed_material(patch: float, block: float, region: float) -> int:
    """Roofs, streets and yards: by the fashion of the country, the block and the single lot."""
    if block > 0.86 and patch < 0.55:
        return materials.LIGHT_ROOF if block > 0.93 else materials.CONCRETE
    if patch < 0.34:
        return materials.ASPHALT
    if patch < 0.74:
        return materials.TILES if region + 0.5 * (block - 0.5) > 0.0 else materials.SLATE
    if patch < 0.88:
        return materials.CONCRETE
    return materials.GRAVEL


@kernel
def crop_cover(state: float, ripe: float) -> tuple[int, float]:
    """What stands between the leaves of a field in summer, and the share of ground they cover."""
    if state < 0.22:  # tilled after harvest
        soil = materials.DRY_SOIL if ripe > 0.3 else materials.MOIST_SOIL
        return soil, 0.04 + 0.10 * ripe
    if state < 0.48:  # harvested, or as good as ripe
        return materials.STUBBLE, 0.05 + 0.25 * ripe
    if state < 0.66:  # rows not closed yet
        soil = materials.DRY_SOIL if ripe > 0.5 else materials.MOIST_SOIL
        return soil, 0.30 + 0.40 * ripe
    return materials.MOIST_SOIL, 0.80 + 0.20 * ripe


@kernel
def paint(
    truth: Cells,
    first_row: int,
    stop_row: int,
    terrain: Terrain,
    parcels: int,
    seed: int,
    year_seed: int,
    dryness: float,
    out: Reflectance,
) -> None:
    """Reflectance of some rows of cells. `parcels` is the seed that laid out fields and blocks;
    `seed` stays from year to year, `year_seed` does not."""
    for row in range(first_row, stop_row):
        y = centre(row)
        for column in range(truth.shape[1]):
            x = centre(column)
            code = truth[row, column]
            height = sample(terrain.elevation, x, y)
            if code == OUTSIDE:
                # Never seen, but it shines into its neighbours.
                code = WATER if height <= 0.0 else land_cover.GRASS
            # Slow change over the country, patches of some cells, and the cell alone.
            broad = value_noise(x / 1900.0, y / 1900.0, seed)
            patch = value_noise(x / 47.0, y / 47.0, seed + 1)
            own = unit(column, row, seed + 2)
            other = unit(column, row, seed + 3)
            light = 1.0 + 0.16 * sample(terrain.southness, x, y)
            tilt = 0.10 * broad
            first, second, third = materials.TURF, materials.DRY_GRASS, materials.TURF
            share = 0.0  # of the second
            rest = 0.0  # of the third
            if code == SEALED:
                key = block_at(x, y, parcels)[0]
                block = unit(key & 0xFFFF, key >> 16, seed + 4)
                region = value_noise(x / 5200.0, y / 5200.0, seed + 5) + 0.25
                i, j = int(x / 20.0), int(y / 20.0)  # of the lot
                first = sealed_material(unit(i, j, seed + 6), block, region)
                second = sealed_material(own, block, region)
                share = 0.15 + 0.6 * other
                # Gardens, verges and trees: a cell is sealed when most of it is.
                green = 0.5 * (0.5 + 0.5 * patch) + 0.5 * unit(column, row, seed + 7)
                rest = 0.55 * green * green * (1.15 - 0.75 * max(0.0, block - 0.4))
                if unit(i, j, seed + 8) < 0.35:
                    third = materials.BROADLEAF
                elif unit(i, j, seed + 9) < 0.4:
                    third = materials.DRY_GRASS
                # Shade between houses.
                light *= 0.84 + 0.30 * unit(column, row, seed + 10)
                tilt += 0.10 * (block - 0.5)
            elif code in (WATER, SEA_BUFFER):
                first, second = materials.CLEAR_WATER, materials.TURBID_WATER
                share = min(1.0, max(0.0, 0.35 + 0.5 * broad + 0.2 * patch))
                light = 0.9 + 0.2 * own
            elif code == land_cover.SNOW:
                first, second = materials.SNOW_COVER, materials.ROCK
                share = 0.35 * own * (0.5 + 0.5 * patch)
            elif code == land_cover.BARE:
                first = materials.SAND if height < 40.0 else materials.ROCK
                second = materials.GRAVEL if own < 0.5 else materials.DRY_SOIL
                third = materials.DRY_GRASS
                share = 0.55 * other
                rest = 0.25 * own * (0.5 + 0.5 * patch)
                light *= 0.82 + 0.3 * (0.5 + 0.5 * patch)
            else:
                pi, pj, border, _ = parcel_at(x, y, parcels)
                lot = unit(pi, pj, seed + 11)
                if code == land_cover.CROP:
                    first, leaves = crop_cover(
                        unit(pi, pj, year_seed + 12), unit(pi, pj, year_seed + 13)
                    )
                    second = materials.GREEN_CROP
                    share = min(1.0, max(0.0, leaves + 0.10 * patch + 0.08 * (own - 0.5)))
                    rest = 0.3 if border < 4.0 else 0.0
                    light *= 0.76 + 0.46 * lot
                elif code == land_cover.GRASS:
                    fate = unit(pi, pj, year_seed + 14)
                    dry = 0.42 + dryness + 0.35 * broad + 0.45 * (fate - 0.5)
                    share = min(0.95, max(0.0, dry + 0.12 * patch))
                    # Mown to the ground, trodden, or yards too small for a class of their own.
                    worn = unit(int(x / 30.0), int(y / 30.0), seed + 15)
                    if worn < 0.05:
                        third = materials.DRY_SOIL if worn < 0.025 else materials.GRAVEL
                        rest = 0.25 + 0.35 * other
                    light *= 0.88 + 0.24 * lot
                elif code == land_cover.NEEDLE:
                    first, second, third = materials.NEEDLES, materials.BROADLEAF, materials.SHRUBS
                    share = 0.22 * own * other
                    rest = 0.10 * own
                    light *= 0.80 + 0.36 * lot
                elif code == land_cover.BROAD:
                    first, second, third = materials.BROADLEAF, materials.SHRUBS, materials.NEEDLES
                    share = 0.30 * own
                    rest = 0.16 * other * other
                    light *= 0.82 + 0.32 * lot
                elif code == land_cover.EVERGREEN:
                    first, second = materials.EVERGREEN_LEAF, materials.SHRUBS
                    third = materials.BROADLEAF
                    share = 0.30 * own
                    rest = 0.20 * other
                    light *= 0.82 + 0.32 * lot
                elif code == land_cover.SHRUB:
                    first, second, third = materials.SHRUBS, materials.DRY_SOIL, materials.DRY_GRASS
                    share = 0.40 * other * (0.6 + 0.4 * patch)
                    rest = 0.30 * own
                    light *= 0.82 + 0.34 * lot
                elif code == land_cover.LICHEN:
                    first, second, third = materials.LICHENS, materials.ROCK, materials.DRY_GRASS
                    share = 0.40 * own
                    rest = 0.30 * other
            light *= 0.96 + 0.08 * unit(column, row, year_seed + 16)
            a = (1.0 - share) * (1.0 - rest) * light
            b = share * (1.0 - rest) * light
            c = rest * light
            slope = tilt / materials.BAND_COUNT
            for band in range(materials.BAND_COUNT):
                value = a * materials.SPECTRA[first, band] + b * materials.SPECTRA[second, band]
                value += c * materials.SPECTRA[third, band]
                from_middle = band - (materials.BAND_COUNT - 1) / 2
                out[band, row - first_row, column] = value * (1.0 + slope * from_middle)
