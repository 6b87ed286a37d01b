"""Probabilities of overlapping windows become those of cells: means, weighted by how far a cell
lies from the window's border."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from inference.prediction.lattice import Lattice

STORED_ONE = 10_000
"""Stored value of a probability of 1."""


def weights(lattice: Lattice) -> npt.NDArray[np.float64]:
    """Weight of each cell along an axis of a window: a raised cosine, never zero, divided so that
    those of all windows that hold a cell add up to 1."""
    cells = np.arange(lattice.side)
    raised = np.sin(np.pi * (cells + 0.5) / lattice.side) ** 2
    # Windows repeat every stride cells, so that a cell's sum depends on its place in the stride.
    sums = np.bincount(cells % lattice.stride, weights=raised, minlength=lattice.stride)
    whole: npt.NDArray[np.float64] = raised / sums[cells % lattice.stride]
    return whole


@dataclass(frozen=True, slots=True)
class Finished:
    """Rows whose cells no further window holds: the place of the likeliest label in the order of
    the network's outputs, and the stored probability of one label. On the device."""

    labels: Tensor
    """(rows, width) uint8."""
    stored: Tensor
    """(rows, width) int16, 0 to STORED_ONE."""


class Blend:
    """The weighted sums of one row of windows and of what reaches into it; on the device.

    Windows are added in the order of their rows and columns, so that the sums, and with them the
    last digits, do not depend on the strip.
    """

    def __init__(
        self, lattice: Lattice, *, labels: int, sealed: int, width: int, device: torch.device
    ) -> None:
        self._lattice, self._sealed = lattice, sealed
        along = torch.from_numpy(weights(lattice))
        self._weights = torch.outer(along, along).to(device, torch.float32)
        self._sums = torch.zeros((labels, lattice.side, width), device=device)

    def add(self, probabilities: Tensor, columns: Sequence[int]) -> None:
        """Add windows, (n, labels, side, side), that start at these columns of the strip."""
        side = self._lattice.side
        for column, window in zip(columns, probabilities, strict=True):
            self._sums[:, :, column : column + side].addcmul_(window, self._weights)

    def finish(self) -> Finished:
        """The rows that the next row of windows does not reach; sums then move on to that row."""
        stride = self._lattice.stride
        top = self._sums[:, :stride]
        stored = (top[self._sealed] * STORED_ONE).round().clamp(0, STORED_ONE).to(torch.int16)
        # On a CPU `max` finds places many times faster than `argmax`.
        finished = Finished(labels=top.max(dim=0).indices.to(torch.uint8), stored=stored)
        kept = self._sums[:, stride:].clone()
        self._sums[:, : kept.shape[1]] = kept
        self._sums[:, kept.shape[1] :] = 0
        return finished
