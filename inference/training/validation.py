"""Quality of a network on the validation areas. It decides on the weights and the temperature."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from inference.evaluation import metrics
from inference.networks import devices
from inference.training.batches import Preparation, load
from inference.training.examples import IGNORED, Examples
from inference.training.optimisation import summed_loss
from inference.training.temperature import softmax

SAMPLE = 200_000
"""Largest number of cells whose logits are kept to find the temperature."""


@dataclass(frozen=True, slots=True)
class Validation:
    """Agreement with the reference on the validation areas, and the mean loss."""

    matrix: metrics.Matrix
    loss: float

    def iou(self, position: int) -> float | None:
        """IoU of a label. None if neither map nor reference has it."""
        return metrics.by_class(self.matrix)[position].iou


@dataclass(frozen=True, slots=True)
class Logits:
    """Logits of labelled cells, shape (cells, labels), and the positions of their labels,
    (cells,)."""

    values: npt.NDArray[np.float32]
    targets: npt.NDArray[np.int64]

    def reliability(self, position: int, *, temperature: float) -> metrics.Reliability:
        """Reliability of the probability of a label."""
        found = metrics.Reliability()
        found.add(softmax(self.values, temperature)[:, position], self.targets == position)
        return found


def validate(
    network: nn.Module, examples: Examples, preparation: Preparation, *, labels: int, batch: int
) -> Validation:
    """Predict all validation examples and compare them with their labels."""
    matrix = np.zeros((labels, labels), dtype=np.int64)
    loss, cells = 0.0, 0
    for logits, targets in _predicted(network, examples, preparation, batch=batch):
        loss += float(summed_loss(logits, targets, None))
        cells += int((targets != IGNORED).sum())
        # IGNORED cells have the same value as ABSENT ones of metrics.
        matrix += metrics.confusion(_bytes(targets), _bytes(logits.argmax(dim=1)), labels=labels)
    return Validation(matrix=matrix, loss=loss / cells if cells else math.nan)


def sample_logits(
    network: nn.Module, examples: Examples, preparation: Preparation, *, batch: int
) -> Logits:
    """Logits of every n-th labelled cell, at most SAMPLE cells."""
    every = max(1, math.ceil(sum(examples.statistics.cells) / SAMPLE))
    values, labels, seen = [], [], 0
    for logits, targets in _predicted(network, examples, preparation, batch=batch):
        labelled = targets != IGNORED
        of_cells = logits.float().permute(0, 2, 3, 1)[labelled]
        taken = slice(-seen % every, None, every)
        values.append(of_cells[taken].cpu().numpy())
        labels.append(targets[labelled][taken].cpu().numpy())
        seen += len(of_cells)
    return Logits(np.concatenate(values), np.concatenate(labels))


def _predicted(
    network: nn.Module, examples: Examples, preparation: Preparation, *, batch: int
) -> Iterator[tuple[Tensor, Tensor]]:
    was_training = network.training
    network.eval()
    try:
        with torch.inference_mode():
            for start in range(0, len(examples), batch):
                indices = np.arange(start, min(start + batch, len(examples)))
                imagery, targets = preparation(load(examples, indices))
                with devices.mixed_precision(preparation.device):
                    logits = network(imagery)
                yield logits, targets
    finally:
        network.train(was_training)


def _bytes(positions: Tensor) -> npt.NDArray[np.uint8]:
    array: npt.NDArray[np.uint8] = positions.to(torch.uint8).cpu().numpy()
    return array


def summary(
    validation: Validation,
    logits: Logits,
    *,
    codes: tuple[int, ...],
    sealed: int,
    temperature: float,
) -> dict[str, Any]:
    """The validation in a checkpoint's metrics. Keys of ``classes`` are codes."""
    by_class = metrics.by_class(validation.matrix)
    return {
        "cells": int(validation.matrix.sum()),
        "loss": validation.loss,
        "accuracy": metrics.accuracy(validation.matrix),
        "mean_iou": metrics.mean_iou(validation.matrix),
        "iou_sealed": by_class[sealed].iou,
        "classes": {
            str(code): {
                name: getattr(found, name)
                for name in ("iou", "f1", "precision", "recall", "area_bias", "reference", "mapped")
            }
            for code, found in zip(codes, by_class, strict=True)
        },
        "ece_sealed": logits.reliability(sealed, temperature=temperature).expected_error,
        "ece_sealed_before_scaling": logits.reliability(sealed, temperature=1.0).expected_error,
    }
