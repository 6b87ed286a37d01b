"""A small network, its checkpoint and its composites, for tests that predict."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import rasterio
import torch
from rasterio.crs import CRS
from rasterio.transform import from_origin
from torch import Tensor, nn

from analytics.grid import CELL_SIZE, EPSG, Window
from inference import checkpoint
from inference.checkpoint import Checkpoint, Label
from inference.composites.bands import MISSING
from inference.networks.architectures import Architecture

BANDS = ("B02", "B03", "B04", "B08")
LABELS = (Label(1, "Sealed"), Label(3, "Trees"), Label(6, "Grass"))


class SmallNetwork(nn.Module):
    """Sees its neighbours, the place in the window and the whole window: what a network may."""

    def __init__(self) -> None:
        super().__init__()
        self.near = nn.Conv2d(len(BANDS), 6, 5, padding=2)
        self.out = nn.Conv2d(6, len(LABELS), 1)

    def forward(self, x: Tensor) -> Tensor:
        seen = torch.tanh(self.near(x))
        place = torch.linspace(-0.5, 0.5, x.shape[-1], device=x.device)
        logits: Tensor = self.out(seen + 0.5 * seen.mean(dim=(2, 3), keepdim=True)) * 4
        return logits + place[None, None, None, :] * x.new_tensor([1.0, -1.0, 0.5])[:, None, None]


def small_network() -> SmallNetwork:
    """With the same weights each time."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        return SmallNetwork().eval()


def description(*, window: int = 16, **fields: object) -> Checkpoint:
    """The description of a checkpoint for four bands; TempCNN has the fewest weights to save."""
    values: dict[str, object] = {
        "architecture": Architecture("tempcnn", bands=len(BANDS), labels=len(LABELS)),
        "bands": BANDS,
        "mean": (0.05, 0.07, 0.08, 0.3),
        "std": (0.03, 0.03, 0.04, 0.1),
        "labels": LABELS,
        "window": window,
        "temperature": 1.5,
    }
    return Checkpoint(**{**values, **fields})  # type: ignore[arg-type]


def saved(folder: Path, described: Checkpoint) -> Path:
    """A checkpoint with weights drawn from a seed."""
    from inference.networks.architectures import build

    with torch.random.fork_rng():
        torch.manual_seed(5)
        checkpoint.save(folder, described, build(described.architecture))
    return folder


def imagery(
    *, height: int, width: int, bands: int = len(BANDS), missing: float = 0.1, seed: int = 0
) -> npt.NDArray[np.int16]:
    """Stored cells with a missing patch, and cells that miss only one band."""
    random = np.random.default_rng(seed)
    cells = random.integers(0, 4000, (bands, height, width)).astype(np.int16)
    cells[:, random.random((height, width)) < missing] = MISSING
    cells[0, random.random((height, width)) < missing / 4] = MISSING
    return cells


def write_composite(
    path: Path,
    cells: npt.NDArray[np.int16],
    *,
    row: int = 500_003,
    column: int = 400_005,
    bands: Sequence[str] = BANDS,
) -> Window:
    """Write a composite whose first cell is this one of the grid; its window."""
    window = Window(row, column, cells.shape[1], cells.shape[2])
    west, _, _, north = window.bounds
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=window.height,
        width=window.width,
        count=len(cells),
        dtype="int16",
        nodata=MISSING,
        crs=CRS.from_epsg(EPSG),
        transform=from_origin(west, north, CELL_SIZE, CELL_SIZE),
    ) as dataset:
        dataset.write(cells)
        for number, band in enumerate(bands, start=1):
            dataset.set_band_description(number, band)
    return window
