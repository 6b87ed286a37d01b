"""Quality of a network on the validation areas. It decides on the weights and the temperature.

Temperature scaling (Guo et al. 2017) is one number that calibrates predicted probabilities.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.special
import torch
from torch import Tensor, nn

from inference.evaluation import metrics
from inference.networks import devices
from inference.training.batches import Preparation, load
from inference.training.examples import IGNORED, Examples
from inference.training.optimisation import summed_loss

SAMPLE = 200_000
"""Largest number of cells whose logits are kept to find the temperature."""
Floats = npt.NDArray[np.float32] | npt.NDArray[np.float64]

COLDEST, HOTTEST = 0.25, 10.0
"""Limits of the search. A network that is always right would get a temperature of 0, and would then
be certain of its later errors too."""
_HALVINGS = 60


@dataclass(frozen=True, slots=True)
class Validator:
    """Compares a network with the labels of the validation areas, ``batch`` examples at once."""

    network: nn.Module
    examples: Examples
    preparation: Preparation
    labels: int
    """Number of labels."""

    def agreement(self, *, batch: int) -> tuple[metrics.Matrix, float]:
        """Confusion matrix of all examples with their labels, and the mean loss."""
        matrix = np.zeros((self.labels, self.labels), dtype=np.int64)
        loss, cells = 0.0, 0
        for logits, targets in self._predicted(batch):
            loss += float(summed_loss(logits, targets, None))
            cells += int((targets != IGNORED).sum())
            # IGNORED cells have the same value as ABSENT ones of metrics.
            reference, mapped = (
                positions.to(torch.uint8).cpu().numpy()
                for positions in (targets, logits.argmax(dim=1))
            )
            matrix += metrics.confusion(reference, mapped, labels=self.labels)
        return matrix, loss / cells if cells else math.nan

    def sampled_logits(self, *, batch: int) -> tuple[Floats, npt.NDArray[np.int64]]:
        """Logits of every n-th labelled cell, at most SAMPLE cells, shape (cells, labels), and the
        positions of their labels, (cells,)."""
        every = max(1, math.ceil(sum(self.examples.statistics.cells) / SAMPLE))
        values, labels, seen = [], [], 0
        for logits, targets in self._predicted(batch):
            labelled = targets != IGNORED
            of_cells = logits.float().permute(0, 2, 3, 1)[labelled]
            taken = slice(-seen % every, None, every)
            values.append(of_cells[taken].cpu().numpy())
            labels.append(targets[labelled][taken].cpu().numpy())
            seen += len(of_cells)
        return np.concatenate(values), np.concatenate(labels)

    def calibrated(
        self, *, codes: Sequence[int], sealed: int, batch: int
    ) -> tuple[float, dict[str, Any]]:
        """The temperature, and a checkpoint's metrics. Keys of ``classes`` are codes."""
        logits, targets = self.sampled_logits(batch=batch)
        temperature = fitted_temperature(logits, targets)
        matrix, loss = self.agreement(batch=batch)

        def calibration_error(temperature: float) -> float | None:
            reliability = metrics.Reliability()
            reliability.add(softmax(logits, temperature)[:, sealed], targets == sealed)
            return reliability.expected_error

        by_class = metrics.by_class(matrix)
        return temperature, {
            "cells": int(matrix.sum()),
            "loss": loss,
            "accuracy": metrics.accuracy(matrix),
            "mean_iou": metrics.mean_iou(matrix),
            "iou_sealed": by_class[sealed].iou,
            "classes": {
                str(code): asdict(of_class) for code, of_class in zip(codes, by_class, strict=True)
            },
            "ece_sealed": calibration_error(temperature),
            "ece_sealed_before_scaling": calibration_error(1.0),
        }

    def _predicted(self, batch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Logits and targets of all examples."""
        network, preparation, count = self.network, self.preparation, len(self.examples)
        was_training = network.training
        network.eval()
        try:
            with torch.inference_mode():
                for start in range(0, count, batch):
                    indices = np.arange(start, min(start + batch, count))
                    imagery, targets = preparation(load(self.examples, indices))
                    with devices.mixed_precision(preparation.device):
                        logits = network(imagery)
                    yield logits, targets
        finally:
            network.train(was_training)


def softmax(logits: Floats, temperature: float) -> npt.NDArray[np.float64]:
    """Probabilities along the last axis."""
    probabilities: npt.NDArray[np.float64] = scipy.special.softmax(
        logits.astype(np.float64) / temperature, axis=-1
    )
    return probabilities


def fitted_temperature(logits: Floats, targets: npt.NDArray[np.int64]) -> float:
    """The temperature that maximises the likelihood of ``targets``.

    The log-likelihood is concave in 1 / temperature. Bisection finds where its slope changes sign.
    """
    low, high = 1 / HOTTEST, 1 / COLDEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _slope(logits, targets, middle) > 0:
            low = middle
        else:
            high = middle
    return 2 / (low + high)


def _slope(logits: Floats, targets: npt.NDArray[np.int64], inverse: float) -> float:
    """Derivative of the mean log-likelihood by 1 / temperature."""
    expected = (softmax(logits, 1 / inverse) * logits).sum(axis=-1)
    return float((logits[np.arange(len(targets)), targets] - expected).mean())
