"""The square of ground that the demonstration region lies in, its cells and its seed."""

import zlib
from dataclasses import dataclass

import numpy as np
from affine import Affine

from analytics.grid import CELL_SIZE
from demonstration.grids.fields import COARSE_M, Field, fill_fractal
from demonstration.grids.kernels import run_strips

# A corner of four EEA tiles: every region holds it, so that reading across tiles is exercised.
TILE_CORNER = (3_800_000, 2_300_000)
FULL_SIZE_KM = 60
FULL_LEFT = 3_760_000


@dataclass(frozen=True)
class Frame:
    """A square in EPSG:3035. Inside this package points are (x, y) in metres: x to the east from
    the left edge, y to the *south* from the top edge, the way rows run."""

    size_km: int
    seed: int

    @property
    def size_m(self) -> int:
        return self.size_km * 1000

    @property
    def left(self) -> int:
        full = self.size_km == FULL_SIZE_KM
        return FULL_LEFT if full else TILE_CORNER[0] - self.size_m // 2

    @property
    def bottom(self) -> int:
        return TILE_CORNER[1] - self.size_m // 2

    @property
    def top(self) -> int:
        return self.bottom + self.size_m

    @property
    def right(self) -> int:
        return self.left + self.size_m

    @property
    def cells(self) -> int:
        """Cells along one side."""
        return self.size_m // CELL_SIZE

    @property
    def nodes(self) -> int:
        """Nodes of the planning grid along one side; node i lies at i * COARSE_M, edges included,
        so that every cell centre lies between four nodes."""
        return self.size_m // COARSE_M + 1

    @property
    def transform(self) -> Affine:
        return Affine(CELL_SIZE, 0, self.left, 0, -CELL_SIZE, self.top)

    @property
    def area_km2(self) -> int:
        return self.size_km**2

    @property
    def scale(self) -> float:
        """Area relative to the full region; counts of things shrink with it."""
        return self.area_km2 / FULL_SIZE_KM**2

    def subseed(self, subject: str) -> int:
        """A 31-bit seed of its own for a subject, so that subjects do not disturb each other."""
        sequence = np.random.SeedSequence([self.seed, zlib.crc32(subject.encode())])
        return int(sequence.generate_state(1)[0]) & 0x7FFFFFFF

    def generator(self, subject: str) -> np.random.Generator:
        return np.random.default_rng(self.subseed(subject))

    def field(self, subject: str, wavelength: float, octaves: int) -> Field:
        """A random field on the planning grid; wavelength in metres."""
        out = np.empty((self.nodes, self.nodes), dtype=np.float32)
        seed = self.subseed(subject)
        run_strips(self.nodes, fill_fractal, float(wavelength), octaves, seed, out)
        return out
