"""Which cells of a scene show the ground, by its scene classification (SCL).

0 no data, 1 saturated or defective, 2 dark (baseline < 04.00) or in the shade of relief, 3 cloud
shadow, 4 vegetation, 5 bare, 6 water, 7 unclassified, 8 and 9 cloud of medium and high probability,
10 cirrus, 11 snow or ice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.ndimage

from analytics.grid import CELL_SIZE, Window
from inference.composites.assets import Classification

Mask = npt.NDArray[np.bool_]

NO_DATA = 0
MASKED = frozenset({0, 1, 3, 8, 9, 10})
"""2 and 7 stay: dark roofs and asphalt, and bright ones, are often called so. 11 stays: snow and
ice are a class of CLC+, and glaciers would never be observed."""
CODES = range(12)
_SPREADING = frozenset({3, 8, 9, 10})
"""Clouds and shadows, whose edges SCL draws too narrow."""


@dataclass(frozen=True, slots=True)
class Masking:
    """Codes of SCL that are not taken, and metres round clouds and their shadows besides."""

    codes: frozenset[int] = MASKED
    margin: float = 0

    @property
    def border(self) -> int:
        """Cells round a window that can matter to it."""
        return int(np.ceil(self.margin / CELL_SIZE))

    def around(self, window: Window) -> Window:
        """What to read of SCL to know the mask of a window."""
        border = self.border
        return Window(
            window.row - border,
            window.column - border,
            window.height + 2 * border,
            window.width + 2 * border,
        )

    def clear(self, classes: Classification) -> Mask:
        """Cells to be taken, of ``classes`` that were read ``around`` a window."""
        border = self.border
        inner = (slice(border, classes.shape[0] - border), slice(border, classes.shape[1] - border))
        masked: Mask = np.isin(classes, list(self.codes | {NO_DATA}))[inner]
        clouds = np.isin(classes, list(self.codes & _SPREADING))
        if border and clouds.any():
            distance = scipy.ndimage.distance_transform_edt(~clouds, sampling=CELL_SIZE)
            masked |= distance[inner] <= self.margin
        return ~masked
