"""Every cell's true class in 2018, 2021 and 2023, except the growth of towns (see growth.py)."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from analytics.nomenclature import OUTSIDE, SEA_BUFFER, SEALED, WATER
from demonstration.grids import drawing
from demonstration.grids.drawing import (
    BUILT,
    BUSINESS,
    NEW_BUSINESS,
    NEW_ROAD,
    OPEN,
    RIPARIAN,
    ROAD,
    Marks,
)
from demonstration.grids.fields import Field, centre, fractal, sample, unit, value_noise
from demonstration.grids.frame import Frame
from demonstration.grids.kernels import kernel, run_strips
from demonstration.landscape.ground import Ground
from demonstration.landscape.terrain import Terrain
from demonstration.truth.blocks import block_texture, business_texture

Cells = npt.NDArray[np.uint8]

# The classes of the nomenclature, short, for the kernel.
NEEDLE, BROAD, EVERGREEN, SHRUB, GRASS, CROP, LICHEN, BARE, SNOW = 2, 3, 4, 5, 6, 7, 8, 9, 11

# Candidates for change, per cell: what the cell becomes if its block is built on, or is now.
NO_CANDIDATE, MAY_BE_SEALED, MAY_BE_GARDEN, MAY_BE_LOST = 0, 1, 2, 3
GROWTH_MARGIN = 0.16  # of density below a block's threshold: how near a block must be to be chosen

MARK_WATER = drawing.WATER
SEA_BUFFER_M = 5000.0
YEARS = (2018, 2021, 2023)


class Plan(NamedTuple):
    """What decides where something grows: planning grids, and two limits in metres."""

    density: Field
    forest: Field  # above 0: wooded
    arable: Field  # above 0: ploughed
    plantation: Field  # above 0: needle-leaved even at low heights
    warmth: Field  # above 0: evergreen woods, vineyards, scrub
    snow_line: float
    sea_reach: float  # width of the sea buffer


class Cover(NamedTuple):
    """True classes, rows x columns of cells, and the candidates for change."""

    years: dict[int, Cells]
    candidate: Cells


def plan_land(frame: Frame, terrain: Terrain, density: Field) -> Plan:
    height = np.maximum(terrain.elevation, 0)
    steep = ndimage.gaussian_filter(terrain.slope, 3)
    forest = (
        0.70 * frame.field("forest", 5600, 3)
        + 0.60 * frame.field("woods", 1300, 4)
        + 1.1 * np.clip(steep - 0.05, 0, 0.4)
        + 0.36 * np.clip((height - 250) / 700, 0, 1)
        - 0.40
        - 0.5 * np.clip(density + 0.1, 0, 1)
    )
    forest = np.where(height > 1350, forest - (height - 1350) / 180, forest)
    arable = 0.6 * frame.field("arable", 7000, 4) + 0.42 - 2.6 * steep
    arable = arable - np.clip((height - 260) / 420, 0, 2)
    warmth = 0.55 * frame.field("warmth", 6000, 3) + 0.35 * terrain.southness
    warmth = warmth - height / 420 + 0.18 + 0.35 * np.exp(-terrain.shore / 6000) - 0.15
    return Plan(
        density=density,
        forest=forest.astype(np.float32),
        arable=arable.astype(np.float32),
        plantation=frame.field("plantation", 2600, 4),
        warmth=warmth.astype(np.float32),
        snow_line=float(terrain.elevation.max()) - 45.0,
        sea_reach=min(SEA_BUFFER_M, 0.08 * frame.size_m),
    )


@kernel
def parcel_at(x: float, y: float, seed: int) -> tuple[int, int, float, float]:
    """Lattice indices of the field or wood lot that a point lies in, the metres (about) to its
    border, and the local style of the country: 0 large open fields, 1 small hedged ones."""
    # Country of one style and one direction: patches of about 1.4 km.
    side = 1400.0
    wx = x + 130.0 * value_noise(x / 380.0, y / 380.0, seed + 20)
    wy = y + 130.0 * value_noise(x / 380.0, y / 380.0, seed + 21)
    i, j = math.floor(wx / side), math.floor(wy / side)
    nearest = 1e18
    ci, cj = i, j
    for b in range(j - 1, j + 2):
        for a in range(i - 1, i + 2):
            cx = (a + unit(a, b, seed + 22)) * side
            cy = (b + unit(a, b, seed + 23)) * side
            d = (cx - wx) * (cx - wx) + (cy - wy) * (cy - wy)
            if d < nearest:
                nearest = d
                ci, cj = a, b
    turn = unit(ci, cj, seed + 24) * math.pi
    style = unit(ci, cj, seed + 25)
    length = 270.0 - 150.0 * style
    width = 150.0 - 78.0 * style
    bend = 22.0 * value_noise(x / 210.0, y / 210.0, seed + 26)
    u = (x * math.cos(turn) + y * math.sin(turn) + bend) / length
    v = (-x * math.sin(turn) + y * math.cos(turn) + bend) / width
    i, j = math.floor(u), math.floor(v)
    salt = seed + 27 + (ci * 7919 + cj * 104729) % 65536
    first = second = 1e18
    pi, pj = i, j
    for b in range(j - 1, j + 2):
        for a in range(i - 1, i + 2):
            # Little jitter across, so that parcels lie in rows.
            cx = a + 0.5 + 0.62 * (unit(a, b, salt) - 0.5)
            cy = b + 0.5 + 0.34 * (unit(a, b, salt + 1) - 0.5)
            ex, ey = (cx - u) * 0.75, cy - v
            d = math.sqrt(ex * ex + ey * ey)
            if d < first:
                first, second = d, first
                pi, pj = a, b
            elif d < second:
                second = d
    return (
        pi + (ci * 7919 % 1000) * 1000,
        pj + (cj * 104729 % 1000) * 1000,
        ((second - first) * 0.5 * width),
        style,
    )


@kernel
def garden(x: float, y: float, seed: int) -> int:
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
    x: float, y: float, mark: int, terrain: Terrain, plan: Plan, seed: int
) -> tuple[int, int, int]:
    """Classes in 2018, 2021, 2023 where nothing is built."""
    if mark & OPEN:
        return GRASS, GRASS, GRASS
    height = sample(terrain.elevation, x, y)
    rough = fractal(x / 320.0, y / 320.0, 3, seed + 40)
    fine = value_noise(x / 34.0, y / 34.0, seed + 41)
    if sample(terrain.shore, x, y) < 38.0 + 42.0 * rough and rough > -0.45:
        return BARE, BARE, BARE
    if mark & RIPARIAN and fine > -0.55 and height < 1400.0:
        return BROAD, BROAD, BROAD
    warmth = sample(plan.warmth, x, y)
    steep = sample(terrain.slope, x, y)

    # Above the trees.
    high = height + 130.0 * rough + 25.0 * fine
    if high > plan.snow_line:
        return SNOW, SNOW, SNOW
    if high + 500.0 * (steep - 0.35) > 1640.0 or (high > 1500.0 and fine + rough > 0.42):
        return BARE, BARE, BARE
    if high > 1480.0 and fine - rough > 0.62:
        return LICHEN, LICHEN, LICHEN

    pi, pj, border, style = parcel_at(x, y, seed)
    lot = unit(pi, pj, seed + 42)
    fate = unit(pi, pj, seed + 43)
    kind = unit(pi, pj, seed + 44)
    wood = sample(plan.forest, x, y) + 0.16 * rough + 0.34 * (lot - 0.5)
    if high > 1250.0:
        wood += 0.05 * fine
    if wood > 0.0:
        conifer = sample(plan.plantation, x, y) + 0.35 * (kind - 0.5)
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

    plough = sample(plan.arable, x, y) + 0.12 * rough + 1.2 * (lot - 0.5)
    warm_slope = warmth > 0.02 and height < 260.0 and steep < 0.16
    if warm_slope and plough > -0.2 and kind < 0.15 + 0.25 * rough:
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


@kernel
def classify(
    x: float, y: float, mark: int, inside: int, terrain: Terrain, plan: Plan, seed: int
) -> tuple[int, int, int, int]:
    """Classes in 2018, 2021, 2023, and whether the cell is a candidate for change."""
    if sample(terrain.uncovered, x, y) > 0:
        return OUTSIDE, OUTSIDE, OUTSIDE, NO_CANDIDATE
    if inside == 0:
        sea = SEA_BUFFER if sample(terrain.offshore, x, y) < plan.sea_reach else OUTSIDE
        return sea, sea, sea, NO_CANDIDATE
    if mark & (ROAD | BUILT):
        return SEALED, SEALED, SEALED, NO_CANDIDATE

    # What was there before anything was built, in three years.
    a, b, c = natural(x, y, mark, terrain, plan, seed)
    candidate = NO_CANDIDATE
    density = sample(plan.density, x, y)
    if mark & MARK_WATER:
        a = b = c = WATER
    elif mark & BUSINESS:
        if business_texture(x, y, seed):
            a = b = c = SEALED
            candidate = MAY_BE_LOST
        else:
            a = b = c = GRASS
    elif density > 0.25 - 0.15 - GROWTH_MARGIN and not mark & OPEN:
        sealed, threshold = block_texture(x, y, density, seed)
        if density > threshold:
            a = b = c = SEALED if sealed else garden(x, y, seed)
            candidate = MAY_BE_LOST if sealed else NO_CANDIDATE
        elif density > threshold - GROWTH_MARGIN and mark & RIPARIAN == 0:
            candidate = MAY_BE_SEALED if sealed else MAY_BE_GARDEN
    if mark & NEW_BUSINESS and not mark & MARK_WATER and a != SEALED:
        c = SEALED if business_texture(x, y, seed) else GRASS
        candidate = NO_CANDIDATE
    if mark & NEW_ROAD:
        b = c = SEALED
        candidate = NO_CANDIDATE
    return a, b, c, candidate


@kernel
def classify_strip(
    first_row: int,
    stop_row: int,
    inside: Cells,
    marks: Marks,
    terrain: Terrain,
    plan: Plan,
    seed: int,
    out: Cells,
) -> None:
    for row in range(first_row, stop_row):
        for column in range(inside.shape[1]):
            old, middle, new, candidate = classify(
                centre(column),
                centre(row),
                marks[row, column],
                inside[row, column],
                terrain,
                plan,
                seed,
            )
            out[0, row, column] = old
            out[1, row, column] = middle
            out[2, row, column] = new
            out[3, row, column] = candidate


def cover_land(frame: Frame, ground: Ground, marks: Marks, inside: Cells) -> Cover:
    """The class of each cell before towns grow. `inside` is 1 on land."""
    plan = plan_land(frame, ground.terrain, ground.density)
    out = np.empty((4, frame.cells, frame.cells), dtype=np.uint8)
    seed = frame.subseed("land cover")
    run_strips(frame.cells, classify_strip, inside, marks, ground.terrain, plan, seed, out)
    return Cover(dict(zip(YEARS, out[:3], strict=True)), candidate=out[3])
