"""One step of a training: the learning rate, gradients over the parts of a batch, new weights."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from inference.errors import OutOfMemory, TrainingError
from inference.networks import TEMPCNN, devices
from inference.training.batches import Batch, Preparation
from inference.training.configuration import Configuration
from inference.training.examples import IGNORED

LARGEST_GRADIENT = 1.0
"""Largest norm of a step's gradients. Larger ones are scaled down, so that a few unusual windows do
not undo what was learnt from thousands."""

WARM_UP = 0.05
"""Share of a cosine schedule in which the rate grows from 0."""
RISE = 0.3
"""Share of one cycle in which the rate grows (Smith and Topin 2018)."""
FIRST, LAST = 1 / 25, 1 / 1e4
"""Rates at the start and the end of one cycle, as shares of the highest."""


def optimiser_of(network: nn.Module, configuration: Configuration) -> torch.optim.Optimizer:
    """AdamW without weight decay for biases and norms. For TempCNN the Adam of its paper."""
    options = configuration.optimisation
    if configuration.architecture == TEMPCNN:
        return torch.optim.Adam(
            network.parameters(), lr=options.learning_rate, weight_decay=options.weight_decay
        )
    matrices = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim <= 1]
    return torch.optim.AdamW(
        [
            {"params": matrices, "weight_decay": options.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ],
        lr=options.learning_rate,
    )


def rate(step: int, *, steps: int, schedule: str) -> float:
    """Learning rate at a step, 0 ≤ step < steps, as a share of the highest.

    It depends on the step only, so no state has to be saved.
    """
    position = (step + 0.5) / steps
    if schedule == "cosine":
        if position < WARM_UP:
            return position / WARM_UP
        return _fall((position - WARM_UP) / (1 - WARM_UP), above=1.0, below=0.0)
    if position < RISE:
        return _fall(position / RISE, above=FIRST, below=1.0)
    return _fall((position - RISE) / (1 - RISE), above=1.0, below=LAST)


def _fall(position: float, *, above: float, below: float) -> float:
    """From ``above`` at 0 to ``below`` at 1, along half a cosine."""
    return below + (above - below) * (1 + math.cos(math.pi * position)) / 2


def summed_loss(logits: Tensor, targets: Tensor, weights: Tensor | None) -> Tensor:
    """Cross-entropy, summed over labelled cells."""
    return nn.functional.cross_entropy(
        logits.float(), targets, weight=weights, ignore_index=IGNORED, reduction="sum"
    )


def weight_of(targets: Tensor, weights: Tensor | None) -> float:
    """The divisor for a sum of losses: labelled cells, or the sum of their weights."""
    labels = targets[targets != IGNORED].to(torch.int64)
    return float(len(labels)) if weights is None else float(weights.cpu()[labels].sum())


@dataclass(slots=True)
class Stepper:
    """Takes steps. ``most_at_once`` is the number of examples that fit into the device's memory.
    ``weights`` are those of the labels."""

    network: nn.Module
    optimiser: torch.optim.Optimizer
    preparation: Preparation
    weights: Tensor | None
    most_at_once: int

    def step(self, batch: Batch, *, learning_rate: float, seed: int) -> tuple[float, float]:
        """Take one step. Returns the sum of the losses and its divisor.

        If memory is too small, the step starts again with parts of half the size. Raises
        OutOfMemory if one example does not fit, and TrainingError if the loss is not finite.
        """
        total = weight_of(batch.targets, self.weights)
        while True:
            # Dropout depends on the step only.
            torch.manual_seed(seed)
            self.optimiser.zero_grad(set_to_none=True)
            try:
                loss = self._gradients(batch, total)
                break
            except (RuntimeError, MemoryError) as error:
                if not devices.is_out_of_memory(error):
                    raise
                self._halve()
        if not math.isfinite(loss):
            raise TrainingError(
                "loss",
                found=f"{loss}",
                expected="a number",
                hint="Take a smaller learning rate",
            )
        nn.utils.clip_grad_norm_(self.network.parameters(), LARGEST_GRADIENT)
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate
        self.optimiser.step()
        return loss, total

    def _gradients(self, batch: Batch, total: float) -> float:
        """Gradients of the mean loss of the whole batch. Returns the summed loss."""
        found = 0.0
        for part in batch.parts(self.most_at_once):
            imagery, targets = self.preparation(part)
            with devices.mixed_precision(self.preparation.device):
                logits = self.network(imagery)
            loss = summed_loss(logits, targets, self.weights)
            (loss / max(total, 1e-12)).backward()  # type: ignore[no-untyped-call]
            found += float(loss.detach())
        return found

    def _halve(self) -> None:
        if self.most_at_once == 1:
            raise OutOfMemory(
                "training",
                found="memory too small for one example",
                expected="room for it",
                hint="Take a smaller window or a smaller architecture",
            )
        self.most_at_once //= 2
        if self.preparation.device.type == "cuda":
            torch.cuda.empty_cache()
