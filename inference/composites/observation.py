"""One overpass over one block: reflectance of the ground, MISSING where it was not seen.

The scene classification (SCL) says which cells show the ground: 0 no data, 1 saturated or
defective, 2 dark (baseline < 04.00) or in the shade of relief, 3 cloud shadow, 4 vegetation,
5 bare, 6 water, 7 unclassified, 8 and 9 cloud of medium and high probability, 10 cirrus, 11 snow or
ice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.ndimage

from analytics.grid import CELL_SIZE, Window
from inference.composites.assets import (
    Classification,
    Patience,
    read_classification,
    read_reflectance,
)
from inference.composites.bands import MISSING
from inference.composites.medians import Stored, encode
from inference.composites.scenes import Overpass, Scene

Mask = npt.NDArray[np.bool_]

NO_DATA = 0
MASKED = frozenset({0, 1, 3, 8, 9, 10})
"""2 and 7 stay: SCL often gives these codes to dark and bright roofs and asphalt. 11 stays: snow
and ice are a class of CLC+, and glaciers would never be observed otherwise."""
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


def observe(
    overpass: Overpass,
    window: Window,
    *,
    bands: Sequence[str],
    masking: Masking,
    patience: Patience,
) -> Stored | None:
    """Stored reflectance (bands, height, width). A cell has all bands or none. None if no cell was
    seen.

    Bands are read only where the classification leaves clear cells.
    """
    undecided: Mask = np.ones(window.shape, dtype=bool)
    cells: Stored | None = None
    for scene in overpass:
        if scene.footprint.intersection(window) is None:
            continue
        clear, covered = _classified(scene, window, masking=masking, patience=patience)
        wanted = undecided & clear
        if wanted.any():
            values = np.empty((len(bands), *window.shape), dtype=np.int16)
            for position, band in enumerate(bands):
                asset = scene.bands[band]
                values[position] = encode(read_reflectance(asset, window, patience=patience))
            taken = wanted & (values != MISSING).all(axis=0)
            if taken.any():
                if cells is None:
                    cells = np.full(values.shape, MISSING, dtype=np.int16)
                np.copyto(cells, values, where=taken)
            undecided &= ~taken
        # A cell that this scene classifies as cloud is not taken from an older scene.
        undecided &= ~(covered & ~clear)
        if not undecided.any():
            break
    return cells


def _classified(
    scene: Scene, window: Window, *, masking: Masking, patience: Patience
) -> tuple[Mask, Mask]:
    """Clear cells, and cells that the scene covers. Without a classification all are clear."""
    if scene.classification is None:
        return np.ones(window.shape, dtype=bool), np.zeros(window.shape, dtype=bool)
    classes = read_classification(scene.classification, masking.around(window), patience=patience)
    border = masking.border
    inner = classes[border : border + window.height, border : border + window.width]
    return masking.clear(classes), inner != NO_DATA
