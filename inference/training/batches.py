"""Batches on the device: read as stored, augmented and standardised there.

The random changes of an example are a function of the seed, the epoch and the example's number. So
a resumed training sees the same examples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from inference.composites import INDICES, MISSING, SCALE
from inference.training.configuration import Augmentation
from inference.training.examples import Examples

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Changes:
    """Random changes of each example: flipped or not, number of quarter turns, and the factor of
    its reflectance. Each has shape (examples,)."""

    flips: npt.NDArray[np.bool_]
    turns: npt.NDArray[np.int64]
    factors: npt.NDArray[np.float32]

    def of(self, indices: Indices) -> Changes:
        """The changes of some examples."""
        return Changes(self.flips[indices], self.turns[indices], self.factors[indices])


def draw_changes(augmentation: Augmentation, *, examples: int, seed: int, epoch: int) -> Changes:
    """Draw the changes of all examples in an epoch."""
    chance = np.random.default_rng((seed, epoch, 1)).random((3, examples))
    brightness = augmentation.brightness
    return Changes(
        flips=(chance[0] < 0.5) & augmentation.flips,
        turns=np.floor(chance[1] * 4).astype(np.int64) * augmentation.quarter_turns,
        factors=(1 + brightness * (2 * chance[2] - 1)).astype(np.float32),
    )


def draw_order(*, examples: int, seed: int, epoch: int, size: int) -> list[Indices]:
    """Draw the examples of each step of an epoch: ``size``, or a few more so that none is left."""
    order = np.random.default_rng((seed, epoch, 0)).permutation(examples)
    return np.array_split(order, steps_of(examples, size=size))


def steps_of(examples: int, *, size: int) -> int:
    """Number of steps in an epoch."""
    return max(1, examples // size)


@dataclass(frozen=True, slots=True)
class Batch:
    """Examples in memory, in their stored form."""

    stored: Tensor
    targets: Tensor
    changes: Changes | None = None

    def parts(self, size: int) -> list[Batch]:
        """The batch in parts of at most ``size`` examples."""
        count = -(-len(self.targets) // size)
        numbers = np.array_split(np.arange(len(self.targets)), count)
        changes = [self.changes.of(part) if self.changes else None for part in numbers]
        stored, targets = self.stored.tensor_split(count), self.targets.tensor_split(count)
        return [Batch(*part) for part in zip(stored, targets, changes, strict=True)]


def load(examples: Examples, indices: Indices, changes: Changes | None = None) -> Batch:
    """Read examples from the disk, in the order of the file, which is fastest."""
    indices = np.sort(indices)
    return Batch(
        torch.from_numpy(examples.stored[indices]),
        torch.from_numpy(examples.targets[indices]),
        changes.of(indices) if changes else None,
    )


class Preparation:
    """Turns batches into the input of networks, on a device."""

    def __init__(
        self,
        *,
        bands: Sequence[str],
        mean: Sequence[float],
        std: Sequence[float],
        device: torch.device,
    ) -> None:
        shape = (1, len(bands), 1, 1)
        self.device = device
        self._mean = torch.tensor(mean, dtype=torch.float32, device=device).view(shape)
        self._std = torch.tensor(std, dtype=torch.float32, device=device).view(shape)
        # More light makes reflectance larger and does not change the ratio of two bands.
        bright = [band.rpartition(".")[2] not in INDICES for band in bands]
        self._bright = torch.tensor(bright, device=device).view(shape)

    def __call__(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Standardised imagery, (n, bands, height, width), 0 where missing, and targets."""
        stored = _sent(batch.stored, self.device)
        targets = _sent(batch.targets, self.device)
        missing = stored[:, :1] == MISSING
        values = stored.to(torch.float32) / SCALE
        if batch.changes is not None:
            factors = torch.from_numpy(batch.changes.factors).to(self.device).view(-1, 1, 1, 1)
            values = torch.where(self._bright, values * factors, values)
        values = ((values - self._mean) / self._std).masked_fill(missing, 0)
        if batch.changes is not None and values.shape[-1] > 1:
            values, targets = _turned(values, targets, batch.changes)
        return values.contiguous(memory_format=torch.channels_last), targets.to(torch.int64)


def _sent(tensor: Tensor, device: torch.device) -> Tensor:
    if device.type == "cuda":
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device)


def _turned(values: Tensor, targets: Tensor, changes: Changes) -> tuple[Tensor, Tensor]:
    pictures, labels = [], []
    for number, (flip, turns) in enumerate(
        zip(changes.flips.tolist(), changes.turns.tolist(), strict=True)
    ):
        picture, label = values[number], targets[number]
        if flip:
            picture, label = picture.flip(-1), label.flip(-1)
        pictures.append(torch.rot90(picture, turns, (-2, -1)))
        labels.append(torch.rot90(label, turns, (-2, -1)))
    return torch.stack(pictures), torch.stack(labels)
