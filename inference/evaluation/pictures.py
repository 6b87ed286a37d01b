"""Maps of errors as PNG: cells sealed in both maps, only in the reference, or only in the model."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics import png
from analytics.grid import Window
from analytics.png import Pixels
from inference.rasters import place_in

Kinds = npt.NDArray[np.bool_]
"""(4, height, width): evaluated cells, and those of them that are sealed in both maps, only in the
reference, only in the prediction."""

BOTH, MISSED, FALSE = (128, 138, 152), (45, 118, 178), (214, 79, 44)
"""Colours that are distinct on light and dark ground, and for colour-blind readers."""
_LARGEST = 900
"""Pixels of the longer side of the overview."""
_CLOSE_UPS = 6
_SCALES = (1, 2, 4, 5, 8, 10, 20, 25, 40, 50, 100, 125, 200, 250, 500, 1000)


class ErrorMaps:
    """An overview, and the tiles with the most errors."""

    def __init__(self, window: Window, *, block: int) -> None:
        longest = max(window.shape)
        self.scale = next((s for s in _SCALES if longest <= s * _LARGEST), _SCALES[-1])
        self.origin = window.snapped(block)
        shape = (self.origin.height // self.scale, self.origin.width // self.scale)
        self._window = window
        self._cells = np.zeros((4, *shape), dtype=np.int32)
        """Evaluated cells, and the cells of each of the three colours."""
        self._worst: list[tuple[int, Window, Pixels]] = []
        """Wrong cells of a tile, its place, and a pixel for each cell. The worst tile is first."""

    def add(self, window: Window, kinds: Kinds) -> None:
        """Draw a block."""
        scale = self.scale
        height, width = window.height // scale, window.width // scale
        sums = kinds.reshape(4, height, scale, width, scale).sum(axis=(2, 4))
        row, column = (part.start // scale for part in place_in(self.origin, window))
        self._cells[:, row : row + height, column : column + width] = sums

    def consider(self, window: Window, kinds: Kinds) -> None:
        """Keep a tile if it is one of those with the most errors."""
        errors = int(kinds[2:].sum())
        if not errors or (len(self._worst) == _CLOSE_UPS and errors <= self._worst[-1][0]):
            return
        self._worst.append((errors, window, _coloured(kinds.astype(np.int32), 1)))
        self._worst.sort(key=lambda tile: (tile[0], tile[1].row, tile[1].column), reverse=True)
        del self._worst[_CLOSE_UPS:]

    def whole(self) -> str:
        """The overview as a data address."""
        scale = self.scale
        rows, columns = (
            slice(part.start // scale, -(-part.stop // scale))
            for part in place_in(self.origin, self._window)
        )
        return data_address(_coloured(self._cells[:, rows, columns], scale**2))

    def worst(self) -> list[dict[str, Any]]:
        """Tiles with the most errors, the worst first, for the report."""
        return [
            {"address": data_address(pixels), "errors": errors, "bounds": window.bounds}
            for errors, window, pixels in self._worst
        ]


def _coloured(cells: npt.NDArray[np.int32], cells_a_pixel: int) -> Pixels:
    """Mixed colours of the sealed cells of each pixel. More sealed cells give more opacity."""
    evaluated, kinds = cells[0], cells[1:].astype(np.float64)
    total = kinds.sum(axis=0)
    mixed = np.tensordot(np.array([BOTH, MISSED, FALSE], dtype=np.float64).T, kinds, axes=1)
    mixed = mixed / np.maximum(total, 1)
    # Full colour from half of a pixel on, because roads are narrow.
    opacity = np.where(total > 0, 70 + 185 * np.minimum(2 * total / cells_a_pixel, 1), 0)
    pixels = np.empty((*evaluated.shape, 4), dtype=np.uint8)
    pixels[..., :3] = np.where(total > 0, mixed, 128).transpose(1, 2, 0)
    pixels[..., 3] = np.where(total > 0, opacity, np.where(evaluated > 0, 26, 0))
    return pixels


def data_address(pixels: Pixels) -> str:
    """Pixels as an address ``data:image/png…``."""
    return "data:image/png;base64," + base64.b64encode(png.of_pixels(pixels)).decode()
