"""The square of ground that the demonstration region lies in, and its cells."""

import zlib
from dataclasses import dataclass

import numpy as np
from affine import Affine

from analytics.grid import CELL_SIZE

CELL_M = CELL_SIZE
COARSE_M = 50  # spacing of the planning grid: terrain, suitability, town density

# A corner of four EEA tiles: every region holds it, so that reading across tiles is exercised.
TILE_CORNER = (3_800_000, 2_300_000)
FULL_SIZE_KM = 60
FULL_LEFT = 3_760_000


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A square in EPSG:3035. Inside this package points are (x, y) in metres: x to the east from
    the left edge, y to the *south* from the top edge, the way rows run."""

    left: int
    bottom: int
    size_m: int

    @classmethod
    def of_size(cls, size_km: int) -> "Frame":
        size_m = size_km * 1000
        left = FULL_LEFT if size_km == FULL_SIZE_KM else TILE_CORNER[0] - size_m // 2
        return cls(left=left, bottom=TILE_CORNER[1] - size_m // 2, size_m=size_m)

    @property
    def top(self) -> int:
        return self.bottom + self.size_m

    @property
    def right(self) -> int:
        return self.left + self.size_m

    @property
    def cells(self) -> int:
        """Cells along one side."""
        return self.size_m // CELL_M

    @property
    def coarse(self) -> int:
        """Nodes of the planning grid along one side; node i lies at i * COARSE_M, edges included,
        so that every cell centre lies between four nodes."""
        return self.size_m // COARSE_M + 1

    @property
    def transform(self) -> Affine:
        return Affine(CELL_M, 0, self.left, 0, -CELL_M, self.top)

    @property
    def area_km2(self) -> float:
        return (self.size_m / 1000) ** 2

    @property
    def scale(self) -> float:
        """Area relative to the full region; counts of things shrink with it."""
        return self.area_km2 / FULL_SIZE_KM**2


def subseed(seed: int, subject: str) -> int:
    """A 31-bit seed of its own for a subject, so that subjects do not disturb each other."""
    state = np.random.SeedSequence([seed, zlib.crc32(subject.encode())]).generate_state(1)
    return int(state[0]) & 0x7FFFFFFF


def generator(seed: int, subject: str) -> np.random.Generator:
    return np.random.default_rng(subseed(seed, subject))
