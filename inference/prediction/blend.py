"""Means of overlapping windows, weighted by the distance of a cell from the window's border."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from inference.networks import devices
from inference.prediction.files import STORED_ONE
from inference.prediction.lattice import Lattice


def weights(lattice: Lattice) -> npt.NDArray[np.float64]:
    """Weight of each cell along one axis of a window, shape (side,): a raised cosine, never zero.
    The weights of all windows that cover a cell add up to 1."""
    cells = np.arange(lattice.side)
    raised = np.sin(np.pi * (cells + 0.5) / lattice.side) ** 2
    # Windows repeat every stride cells, so a cell's sum depends on its place in the stride.
    sums = np.bincount(cells % lattice.stride, weights=raised, minlength=lattice.stride)
    whole: npt.NDArray[np.float64] = raised / sums[cells % lattice.stride]
    return whole


@dataclass(frozen=True, slots=True)
class Finished:
    """Rows that no later window covers: the position of the most likely label among the network's
    outputs, and the stored probability of one label. The device has them after ``after``."""

    labels: Tensor
    """(rows, width) uint8."""
    stored: Tensor
    """(rows, width) int16, 0 to STORED_ONE."""
    after: torch.cuda.Event | None


class Blend:
    """Weighted sums over one row of windows and the windows that overlap it, on the device.

    Windows are added in the order of their rows and columns. So the sums, to the last digit, do not
    depend on the strip.
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
        """The rows that the next row of windows does not cover. The sums then move to that row."""
        stride = self._lattice.stride
        top = self._sums[:, :stride]
        stored = (top[self._sealed] * STORED_ONE).round().clamp(0, STORED_ONE).to(torch.int16)
        # On a CPU `max` is many times faster than `argmax`.
        labels = top.max(dim=0).indices.to(torch.uint8)
        kept = self._sums[:, stride:].clone()
        self._sums[:, : kept.shape[1]] = kept
        self._sums[:, kept.shape[1] :] = 0
        return Finished(labels, stored, devices.mark(stored.device))
