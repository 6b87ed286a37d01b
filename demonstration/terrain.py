"""Terrain: coast, heights, exposition and the national border."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from .fields import Field, fractal_grid
from .frame import COARSE_M, Frame, subseed

HIGHEST_M = 1950.0


@dataclass(frozen=True, kw_only=True)
class Terrain:
    """All on the planning grid (see `Frame.coarse`)."""

    elevation: Field  # metres; below zero in the sea
    slope: Field  # metres per metre
    southness: Field  # about -1 (faces north) to 1 (faces south)
    sea: npt.NDArray[np.bool_]
    shore: Field  # metres to the nearest sea (0 in the sea)
    offshore: Field  # metres to the nearest land (0 on land)
    beyond_border: Field  # above 0: another country, where no commune lies
    uncovered: Field  # above 0: outside the coverage of the product


def shape_terrain(*, frame: Frame, seed: int) -> Terrain:
    size = frame.size_m
    n = frame.coarse
    v, u = np.mgrid[0:n, 0:n].astype(np.float32) / (n - 1)

    def field(wavelength: float, octaves: int, subject: str) -> Field:
        return fractal_grid(
            frame, wavelength=wavelength * size, octaves=octaves, seed=subseed(seed, subject)
        )

    # Land rises from a coast that runs from the west edge to the south edge.
    inland = 0.815 + 0.17 * u - v - 0.10 * (1 - u) ** 3
    inland += 0.075 * field(0.22, 6, "coast")
    sea = _open_sea(inland < 0)
    inland = np.where(sea, np.minimum(inland, -0.002), np.maximum(inland, 0.003))

    ridges = np.clip(1 - np.abs(field(0.28, 6, "ridges")), 0, 1)
    hills = field(0.16, 6, "hills")
    rise = np.clip(inland / 1.0, 0, None)
    mountain = np.clip((rise - 0.30 + 0.16 * field(0.35, 3, "massif")) / 0.55, 0, 1) ** 1.4
    elevation = 420 * rise**0.9 + 150 * (hills + 0.35) * np.sqrt(np.clip(rise, 0, 1))
    elevation += 1500 * mountain * (0.25 + 0.95 * ridges**1.5)
    elevation = np.where(sea, inland * 300, np.maximum(elevation, 2.0)).astype(np.float32)
    top = float(elevation.max())
    elevation *= np.where(elevation > 0, HIGHEST_M / top, 1).astype(np.float32)

    down_y, down_x = np.gradient(ndimage.gaussian_filter(elevation, 1.5), COARSE_M)
    slope = np.hypot(down_x, down_y).astype(np.float32)
    # Heights falling towards the south (growing y) face the sun.
    southness = np.clip(-down_y * 6, -1, 1).astype(np.float32)

    border = (u + (1 - v)) - 1.80 + 0.035 * field(0.2, 5, "border")
    uncovered = border + 0.004 + 0.007 * field(0.05, 4, "coverage")
    return Terrain(
        elevation=elevation,
        slope=slope,
        southness=southness,
        sea=sea,
        shore=_distance(~sea),
        offshore=_distance(sea),
        beyond_border=border.astype(np.float32),
        uncovered=uncovered.astype(np.float32),
    )


def _distance(mask: npt.NDArray[np.bool_]) -> Field:
    metres: Field = (ndimage.distance_transform_edt(mask) * COARSE_M).astype(np.float32)
    return metres


def _open_sea(below: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The largest body below sea level, with specks of islands taken out."""
    labels, count = ndimage.label(below)
    if not count:
        return below
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    sea = labels == sizes.argmax()
    islands, _ = ndimage.label(~sea)
    sizes = np.bincount(islands.ravel())
    sizes[0] = 0
    # Islands of less than 40 ha would be communes' crumbs at this spacing.
    smallest = min(40 * 10_000 / COARSE_M**2, sizes.max())
    return np.asarray(sizes[islands] < smallest)
