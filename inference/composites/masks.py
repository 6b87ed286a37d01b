"""Cells of a scene that show the ground, by its scene classification (SCL).

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
"""2 and 7 stay: SCL often gives these codes to dark and bright roofs and asphalt. 11 stays: snow
and ice are a class of CLC+, and glaciers would never be observed otherwise."""
CODES = range(12)
_SPREADING = frozenset({3, 8, 9, 10})
"""Clouds and shadows. SCL draws their edges too narrow."""


@dataclass(frozen=True, slots=True)
class Masking:
    """Codes of SCL to mask, and a margin in metres round clouds and their shadows."""

    codes: frozenset[int] = MASKED
    margin: float = 0

    @property
    def border(self) -> int:
        """Width in cells of the border round a window that can affect its mask."""
        return int(np.ceil(self.margin / CELL_SIZE))

    def around(self, window: Window) -> Window:
        """The window of SCL that the mask of a window needs."""
        border = self.border
        return Window(
            window.row - border,
            window.column - border,
            window.height + 2 * border,
            window.width + 2 * border,
        )

    def clear(self, classes: Classification) -> Mask:
        """Clear cells of a window. ``classes`` were read ``around`` it."""
        border = self.border
        inner = (slice(border, classes.shape[0] - border), slice(border, classes.shape[1] - border))
        masked: Mask = np.isin(classes, list(self.codes | {NO_DATA}))[inner]
        clouds = np.isin(classes, list(self.codes & _SPREADING))
        if border and clouds.any():
            distance = scipy.ndimage.distance_transform_edt(~clouds, sampling=CELL_SIZE)
            masked |= distance[inner] <= self.margin
        return ~masked
