"""One overpass over one block: reflectance of the ground, MISSING where it was not seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analytics.grid import Window
from inference.composites.assets import Patience, read_classification, read_reflectance
from inference.composites.bands import MISSING
from inference.composites.masks import NO_DATA, Mask, Masking
from inference.composites.medians import Stored, encode
from inference.composites.plans import Overpass
from inference.composites.scenes import Scene


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
    for scene in overpass.scenes:
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
    """Clear cells, and cells that the scene covers. Without a classification all cells are
    clear."""
    if scene.classification is None:
        return np.ones(window.shape, dtype=bool), np.zeros(window.shape, dtype=bool)
    classes = read_classification(scene.classification, masking.around(window), patience=patience)
    border = masking.border
    inner = classes[border : border + window.height, border : border + window.width]
    return masking.clear(classes), inner != NO_DATA
