"""PNG files as GDAL reads them: every pixel as it was given."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile

from analytics import png

SHAPES = [(1, 1), (3, 5), (256, 256), (1, 900)]
"""Height and width."""


def read(picture: bytes) -> tuple[np.ndarray, dict[int, Any]]:
    """The bands of a picture, shape (bands, height, width), and the colours of its palette."""
    with (
        warnings.catch_warnings(action="ignore", category=NotGeoreferencedWarning),
        MemoryFile(picture) as memory,
        memory.open(driver="PNG") as dataset,
    ):
        return dataset.read(), dataset.colormap(1) if dataset.count == 1 else {}


@pytest.mark.parametrize("shape", SHAPES)
def test_indices_and_palette_are_those_given(shape: tuple[int, int]) -> None:
    random = np.random.default_rng(4)
    indices = random.integers(0, 256, shape, dtype=np.uint8)
    palette = random.integers(0, 256, (256, 4), dtype=np.uint8)
    bands, colours = read(png.of_indices(indices, palette))
    assert np.array_equal(bands, indices[np.newaxis])
    assert [colours[i] for i in range(256)] == [tuple(colour) for colour in palette.tolist()]


@pytest.mark.parametrize("shape", SHAPES)
def test_pixels_are_those_given(shape: tuple[int, int]) -> None:
    pixels = np.random.default_rng(5).integers(0, 256, (*shape, 4), dtype=np.uint8)
    bands, _ = read(png.of_pixels(pixels))
    assert np.array_equal(np.moveaxis(bands, 0, -1), pixels)
