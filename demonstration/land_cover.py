"""Every cell's true class in 2018, 2021 and 2023, except the growth of towns (see growth.py)."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from analytics.nomenclature import OUTSIDE, SEA_BUFFER, SEALED, WATER

from . import drawing
from .drawing import (
    BUILT,
    BUSINESS,
    NEW_BUSINESS,
    NEW_ROAD,
    OPEN,
    RIPARIAN,
    ROAD,
)
from .fields import Field, fractal, fractal_grid, sample, unit, value_noise
from .frame import COARSE_M, Frame, subseed
from .kernels import kernel, run_strips
from .terrain import Terrain
from .urban import SEALED_HERE, business_texture, texture

Cells = npt.NDArray[np.uint8]

# The classes of the nomenclature, short, for the kernel.
NEEDLE, BROAD, EVERGREEN, SHRUB, GRASS, CROP, LICHEN, BARE, SNOW = 2, 3, 4, 5, 6, 7, 8, 9, 11

# Candidates for change, per cell: what the cell becomes if its block is built on, or is now.
NO_CANDIDATE, MAY_BE_SEALED, MAY_BE_GARDEN, MAY_BE_LOST = 0, 1, 2, 3
GROWTH_MARGIN = 0.16  # of density below a block's threshold: how near a block must be to be chosen

MARK_WATER = drawing.WATER
SEA_BUFFER_M = 5000.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Planning grids that decide what grows where."""

    terrain: Terrain
    density: Field
    forest: Field  # above 0: wooded
    arable: Field  # above 0: ploughed
    plantation: Field  # above 0: needle-leaved even at low heights
    warmth: Field  # above 0: evergreen woods, vineyards, scrub


def plan_land(*, frame: Frame, terrain: Terrain, density: Field, seed: int) -> Plan:
    def field(wavelength: float, octaves: int, subject: str) -> Field:
        return fractal_grid(
            frame, wavelength=wavelength, octaves=octaves, seed=subseed(seed, subject)
        )

    height = np.maximum(terrain.elevation, 0)
    steep = ndimage.gaussian_filter(terrain.slope, 3)
    forest = (
        0.70 * field(5600, 3, "forest")
        + 0.60 * field(1300, 4, "woods")
        + 1.1 * np.clip(steep - 0.05, 0, 0.4)
        + 0.36 * np.clip((height - 250) / 700, 0, 1)
        - 0.40
        - 0.5 * np.clip(density + 0.1, 0, 1)
    )
    forest = np.where(height > 1350, forest - (height - 1350) / 180, forest)
    arable = (
        0.6 * field(7000, 4, "arable") + 0.42 - 2.6 * steep - np.clip((height - 260) / 420, 0, 2)
    )
    warmth = 0.55 * field(6000, 3, "warmth") + 0.35 * terrain.southness - height / 420 + 0.18
    warmth = warmth + 0.35 * np.exp(-terrain.shore / 6000) - 0.15
    return Plan(
        terrain=terrain,
        density=density,
        forest=forest.astype(np.float32),
        arable=arable.astype(np.float32),
        plantation=field(2600, 4, "plantation"),
        warmth=warmth.astype(np.float32),
    )


@kernel
def parcel_at(x: float, y: float, seed: int) -> tuple[int, int, float, float]:
    """Lattice indices of the field or wood lot that a point lies in, the metres (about) to its
    border, and the local style of the country: 0 large open fields, 1 small hedged ones."""
    # Country of one style and one direction: patches of about 1.4 km.
    side = 1400.0
    wx = x + 130.0 * value_noise(x / 380.0, y / 380.0, seed + 20)
    wy = y + 130.0 * value_noise(x / 380.0, y / 380.0, seed + 21)
    i = math.floor(wx / side)
    j = math.floor(wy / side)
    nearest = 1e18
    ci = i
    cj = j
    for dj in range(-1, 2):
        for di in range(-1, 2):
            cx = (i + di + unit(i + di, j + dj, seed + 22)) * side
            cy = (j + dj + unit(i + di, j + dj, seed + 23)) * side
            d = (cx - wx) * (cx - wx) + (cy - wy) * (cy - wy)
            if d < nearest:
                nearest = d
                ci = i + di
                cj = j + dj
    turn = unit(ci, cj, seed + 24) * math.pi
    style = unit(ci, cj, seed + 25)
    length = 270.0 - 150.0 * style
    width = 150.0 - 78.0 * style
    bend = 22.0 * value_noise(x / 210.0, y / 210.0, seed + 26)
    u = (x * math.cos(turn) + y * math.sin(turn) + bend) / length
    v = (-x * math.sin(turn) + y * math.cos(turn) + bend) / width
    i = math.floor(u)
    j = math.floor(v)
    salt = seed + 27 + (ci * 7919 + cj * 104729) % 65536
    first = 1e18
    second = 1e18
    pi = i
    pj = j
    for dj in range(-1, 2):
        for di in range(-1, 2):
            # Little jitter across: parcels lie in rows and look ploughed, not like soap.
            cx = i + di + 0.5 + 0.62 * (unit(i + di, j + dj, salt) - 0.5)
            cy = j + dj + 0.5 + 0.34 * (unit(i + di, j + dj, salt + 1) - 0.5)
            ex = (cx - u) * 0.75
            ey = cy - v
            d = math.sqrt(ex * ex + ey * ey)
            if d < first:
                second = first
                first = d
                pi = i + di
                pj = j + dj
            elif d < second:
                second = d
    return (
        pi + (ci * 7919 % 1000) * 1000,
        pj + (cj * 104729 % 1000) * 1000,
        ((second - first) * 0.5 * width),
        style,
    )


@kernel
def classify_strip(
    first_row: int,
    stop_row: int,
    inside: Cells,
    marks: Cells,
    elevation: Field,
    slope: Field,
    shore: Field,
    offshore: Field,
    uncovered: Field,
    density_grid: Field,
    forest_grid: Field,
    arable_grid: Field,
    plantation_grid: Field,
    warmth_grid: Field,
    sea_reach: float,
    snow_line: float,
    seed: int,
    old: Cells,
    middle: Cells,
    new: Cells,
    candidate: Cells,
) -> None:
    columns = old.shape[1]
    spacing = 50.0
    for row in range(first_row, stop_row):
        y = row * 10.0 + 5.0
        for column in range(columns):
            x = column * 10.0 + 5.0
            mark = marks[row, column]
            if sample(uncovered, x, y, spacing) > 0:
                old[row, column] = OUTSIDE
                middle[row, column] = OUTSIDE
                new[row, column] = OUTSIDE
                continue
            if inside[row, column] == 0:
                code = SEA_BUFFER if sample(offshore, x, y, spacing) < sea_reach else OUTSIDE
                old[row, column] = code
                middle[row, column] = code
                new[row, column] = code
                continue
            if mark & (ROAD | BUILT):
                old[row, column] = SEALED
                middle[row, column] = SEALED
                new[row, column] = SEALED
                continue

            # What was there before anything was built, in three years.
            a, b, c = natural(
                x,
                y,
                mark,
                elevation,
                slope,
                shore,
                forest_grid,
                arable_grid,
                plantation_grid,
                warmth_grid,
                snow_line,
                seed,
            )
            wet = mark & MARK_WATER
            if wet:
                a = b = c = WATER
            elif mark & BUSINESS:
                what, _key = business_texture(x, y, seed)
                if what == SEALED_HERE:
                    a = b = c = SEALED
                    candidate[row, column] = MAY_BE_LOST
                else:
                    a = b = c = GRASS
            else:
                density = sample(density_grid, x, y, spacing)
                if density > 0.25 - 0.15 - GROWTH_MARGIN and not mark & OPEN:
                    what, threshold = texture(x, y, density, seed)
                    if density > threshold:
                        if what == SEALED_HERE:
                            a = b = c = SEALED
                            candidate[row, column] = MAY_BE_LOST
                        else:
                            a = b = c = garden(x, y, density, seed)
                    elif density > threshold - GROWTH_MARGIN and mark & RIPARIAN == 0:
                        candidate[row, column] = (
                            MAY_BE_SEALED if what == SEALED_HERE else MAY_BE_GARDEN
                        )
            if mark & NEW_BUSINESS and not wet and a != SEALED:
                what, _key = business_texture(x, y, seed)
                c = SEALED if what == SEALED_HERE else GRASS
                candidate[row, column] = NO_CANDIDATE
            if mark & NEW_ROAD:
                b = c = SEALED
                candidate[row, column] = NO_CANDIDATE
            old[row, column] = a
            middle[row, column] = b
            new[row, column] = c


@kernel
def garden(x: float, y: float, density: float, seed: int) -> int:
    """Lawns mostly, trees in older quarters."""
    tree = unit(int(x / 20.0), int(y / 20.0), seed + 30)
    lush = 0.20 + 0.16 * value_noise(x / 260.0, y / 260.0, seed + 31)
    if tree < lush:
        return BROAD
    if tree > 0.965:
        return SHRUB
    if tree > 0.945:
        return NEEDLE
    return GRASS


@kernel
def natural(
    x: float,
    y: float,
    mark: int,
    elevation: Field,
    slope: Field,
    shore: Field,
    forest_grid: Field,
    arable_grid: Field,
    plantation_grid: Field,
    warmth_grid: Field,
    snow_line: float,
    seed: int,
) -> tuple[int, int, int]:
    """Classes in 2018, 2021, 2023 where nothing is built."""
    spacing = 50.0
    if mark & OPEN:
        return GRASS, GRASS, GRASS
    height = sample(elevation, x, y, spacing)
    rough = fractal(x / 320.0, y / 320.0, 3, seed + 40)
    fine = value_noise(x / 34.0, y / 34.0, seed + 41)
    to_sea = sample(shore, x, y, spacing)
    if to_sea < 38.0 + 42.0 * rough and rough > -0.45:
        return BARE, BARE, BARE
    if mark & RIPARIAN and fine > -0.55 and height < 1400.0:
        return BROAD, BROAD, BROAD
    warmth = sample(warmth_grid, x, y, spacing)
    steep = sample(slope, x, y, spacing)

    # Above the trees.
    high = height + 130.0 * rough + 25.0 * fine
    if high > snow_line:
        return SNOW, SNOW, SNOW
    if high + 500.0 * (steep - 0.35) > 1640.0:
        return BARE, BARE, BARE
    if high > 1500.0 and fine + rough > 0.42:
        return BARE, BARE, BARE
    if high > 1480.0 and fine - rough > 0.62:
        return LICHEN, LICHEN, LICHEN

    pi, pj, border, style = parcel_at(x, y, seed)
    lot = unit(pi, pj, seed + 42)
    fate = unit(pi, pj, seed + 43)
    kind = unit(pi, pj, seed + 44)
    wood = sample(forest_grid, x, y, spacing) + 0.16 * rough + 0.34 * (lot - 0.5)
    if high > 1250.0:
        wood += 0.05 * fine
    if wood > 0.0:
        conifer = sample(plantation_grid, x, y, spacing) + 0.35 * (kind - 0.5)
        conifer += max(-0.5, min(0.42, (height - 700.0) / 600.0))
        if warmth + 0.25 * (kind - 0.5) + 0.12 * fine > 0.04:
            tree = EVERGREEN if kind < 0.72 else (NEEDLE if fine > 0 else SHRUB)
        elif conifer + 0.16 * fine > 0.16:
            tree = NEEDLE
        else:
            tree = BROAD if fine > -0.93 else NEEDLE
        # Gaps: young stands and clearings, lot by lot.
        if fate < 0.035:
            tree = SHRUB if fine > -0.3 else GRASS
            return tree, tree, tree
        if fate < 0.043:
            return tree, GRASS, SHRUB
        if fate < 0.049:
            return tree, tree, GRASS
        if fate < 0.055:
            return SHRUB, SHRUB, tree
        if wood < 0.035 and fine > 0.2:
            return SHRUB, SHRUB, SHRUB
        return tree, tree, tree

    # Heath and scrub near woods, on warm slopes, and at the upper limit of trees.
    scrub = 0.0
    if warmth > -0.15:
        scrub += 0.5 * (warmth + 0.15)
    if height > 900.0:
        scrub += 0.35 * min(1.0, (height - 900.0) / 450.0)
    if wood > -0.12:
        scrub += 0.16
    if scrub + 0.34 * fine + 0.30 * rough + 0.25 * (kind - 0.5) > 0.60:
        return SHRUB, SHRUB, SHRUB

    # Hedges between small fields; single trees.
    hedged = 0.8 * (style - 0.66) + 0.30 * rough
    if height < 1100.0 and border < 5.0 and kind < 0.62 and hedged > 0.0 and fine > -0.45:
        return BROAD, BROAD, BROAD
    if fine > 0.90 and style > 0.3 and height < 1300.0:
        return BROAD, BROAD, BROAD

    plough = sample(arable_grid, x, y, spacing) + 0.12 * rough + 1.2 * (lot - 0.5)
    if (
        warmth > 0.02
        and plough > -0.2
        and kind < 0.15 + 0.25 * rough
        and height < 260.0
        and steep < 0.16
    ):
        return SHRUB, SHRUB, SHRUB  # vineyards and orchards count as low woody plants
    if plough > 0.0:
        if fate < 0.015:
            return CROP, GRASS, GRASS
        if fate < 0.026:
            return CROP, CROP, GRASS
        return CROP, CROP, CROP
    if plough > -0.45 and height < 700.0:
        if fate < 0.012:
            return GRASS, CROP, CROP
        if fate < 0.020:
            return GRASS, GRASS, CROP
    return GRASS, GRASS, GRASS


@dataclass(frozen=True, kw_only=True)
class Cover:
    """True classes, rows x columns of cells, and the candidates for change."""

    years: dict[int, Cells]
    candidate: Cells


def cover_land(*, frame: Frame, plan: Plan, inside: Cells, marks: Cells, seed: int) -> Cover:
    n = frame.cells
    old, middle, new, candidate = (np.zeros((n, n), dtype=np.uint8) for _ in range(4))
    terrain = plan.terrain
    heights = terrain.elevation
    snow_line = float(heights.max()) - 45.0
    sea_reach = min(SEA_BUFFER_M, 0.08 * frame.size_m)
    kernel_seed = subseed(seed, "land cover")

    def strip(first: int, stop: int) -> None:
        classify_strip(
            first,
            stop,
            inside,
            marks,
            heights,
            terrain.slope,
            terrain.shore,
            terrain.offshore,
            terrain.uncovered,
            plan.density,
            plan.forest,
            plan.arable,
            plan.plantation,
            plan.warmth,
            sea_reach,
            snow_line,
            kernel_seed,
            old,
            middle,
            new,
            candidate,
        )

    run_strips(n, strip)
    return Cover(years={2018: old, 2021: middle, 2023: new}, candidate=candidate)


assert COARSE_M == 50  # the kernels above have it written in
