"""Terrain: coast, heights, exposition and the national border."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from analytics.arrays import BoolArray, Int64Array
from demonstration.grids.fields import COARSE_M, Field
from demonstration.grids.frame import Frame

HIGHEST_M = 1950.0
SMALLEST_ISLAND_M2 = 400_000  # smaller ones would be communes' crumbs at this spacing


class Terrain(NamedTuple):
    """All on the planning grid (see `Frame.nodes`)."""

    elevation: Field  # metres; below zero in the sea
    slope: Field  # metres per metre
    southness: Field  # about -1 (faces north) to 1 (faces south)
    sea: BoolArray
    shore: Field  # metres to the nearest sea (0 in the sea)
    offshore: Field  # metres to the nearest land (0 on land)
    beyond_border: Field  # above 0: another country, where no commune lies
    uncovered: Field  # above 0: outside the coverage of the product


def shape_terrain(frame: Frame) -> Terrain:
    v, u = np.mgrid[0 : frame.nodes, 0 : frame.nodes].astype(np.float32) / (frame.nodes - 1)

    def field(subject: str, wavelength: float, octaves: int) -> Field:
        return frame.field(subject, wavelength * frame.size_m, octaves)

    # Land rises from a coast that runs from the west edge to the south edge.
    inland = 0.815 + 0.17 * u - v - 0.10 * (1 - u) ** 3
    inland += 0.075 * field("coast", 0.22, 6)
    sea = _open_sea(inland < 0)
    inland = np.where(sea, np.minimum(inland, -0.002), np.maximum(inland, 0.003))

    ridges = np.clip(1 - np.abs(field("ridges", 0.28, 6)), 0, 1)
    hills = field("hills", 0.16, 6)
    rise = np.clip(inland / 1.0, 0, None)
    mountain = np.clip((rise - 0.30 + 0.16 * field("massif", 0.35, 3)) / 0.55, 0, 1) ** 1.4
    elevation = 420 * rise**0.9 + 150 * (hills + 0.35) * np.sqrt(np.clip(rise, 0, 1))
    elevation += 1500 * mountain * (0.25 + 0.95 * ridges**1.5)
    elevation = np.where(sea, inland * 300, np.maximum(elevation, 2.0)).astype(np.float32)
    top = float(elevation.max())
    elevation *= np.where(elevation > 0, HIGHEST_M / top, 1).astype(np.float32)

    down_y, down_x = np.gradient(ndimage.gaussian_filter(elevation, 1.5), COARSE_M)
    border = (u + (1 - v)) - 1.80 + 0.035 * field("border", 0.2, 5)
    uncovered = border + 0.004 + 0.007 * field("coverage", 0.05, 4)
    return Terrain(
        elevation=elevation,
        slope=np.hypot(down_x, down_y).astype(np.float32),
        # Heights falling towards the south (growing y) face the sun.
        southness=np.clip(-down_y * 6, -1, 1).astype(np.float32),
        sea=sea,
        shore=_distance(~sea),
        offshore=_distance(sea),
        beyond_border=border.astype(np.float32),
        uncovered=uncovered.astype(np.float32),
    )


def _distance(mask: BoolArray) -> Field:
    metres: Field = (ndimage.distance_transform_edt(mask) * COARSE_M).astype(np.float32)
    return metres


def _open_sea(below: BoolArray) -> BoolArray:
    """The largest body below sea level, with specks of islands taken out."""
    labels, count = ndimage.label(below)
    if not count:
        return below
    sea = labels == _sizes(labels).argmax()
    islands, _ = ndimage.label(~sea)
    sizes = _sizes(islands)
    smallest = min(SMALLEST_ISLAND_M2 / COARSE_M**2, sizes.max())
    return np.asarray(sizes[islands] < smallest)


def _sizes(labels: npt.NDArray[np.int32]) -> Int64Array:
    """Nodes by label, none for what has no label."""
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    return sizes
