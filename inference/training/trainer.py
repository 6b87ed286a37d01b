"""Train a network, from a configuration to a checkpoint. Interruptions do not change the result."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from analytics.nomenclature import BY_CODE, SEALED
from inference import checkpoint as checkpoints
from inference.checkpoint import Checkpoint, Label, Training
from inference.errors import TrainingError
from inference.evaluation import metrics
from inference.networks import Architecture, build, devices, segformer
from inference.training import state as states
from inference.training.batches import (
    Batch,
    Preparation,
    draw_changes,
    draw_order,
    load,
    steps_of,
)
from inference.training.configuration import Configuration
from inference.training.examples import Examples, Wanted, gather
from inference.training.initial_weights import load_encoder
from inference.training.log import Log
from inference.training.optimisation import Stepper, optimiser_of
from inference.training.schedule import rate
from inference.training.sources import fingerprint, open_sources
from inference.training.split import Split, split
from inference.training.state import State
from inference.training.temperature import fit
from inference.training.validation import Validation, sample_logits, summary, validate

SAVE_SECONDS = 60.0
"""Interval of saving, and so the most work that a kill costs. It does not change the result."""

CELLS_AT_ONCE = 4096
"""Number of examples of one cell to validate at once."""


def train(
    *,
    configuration: Configuration,
    out: Path,
    device: str = "auto",
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Checkpoint | None:
    """Train, and write ``out``/checkpoint. Returns None if it was cancelled.

    A second call with the same ``out`` continues, and ends with the same weights. ``progress`` gets
    the steps done and their total. Raises InferenceError, and errors of the engine for rasters and
    territories.
    """
    chosen = devices.select(device)
    sources = [open_sources(pair, bands=configuration.bands) for pair in configuration.pairs]
    mark = fingerprint(configuration, sources)
    state = states.read(out / "state", fingerprint=mark)
    if state is not None and state.ended:
        return checkpoints.read(out / "checkpoint")
    parts = split(configuration.areas)
    # Remains of other data, or of a configuration that changed before the first state was saved.
    cache = out / "cache" / mark[:16]
    training = gather(
        sources,
        part_of=parts.training,
        extent=parts.extent,
        wanted=_wanted(configuration, most=configuration.examples, draw=0),
        folder=cache,
        name="training",
    )
    if configuration.by_cell and len(training) < configuration.optimisation.batch:
        raise TrainingError(
            "training areas",
            found=f"{len(training)} cells",
            expected=f"a batch of {configuration.optimisation.batch} at least",
        )
    validation = None
    if parts.codes.validation:
        validation = gather(
            sources,
            part_of=parts.validation,
            extent=parts.extent,
            wanted=_wanted(configuration, most=configuration.validation_examples, draw=1),
            folder=cache,
            name="validation",
        )
    devices_forked = [chosen] if chosen.type == "cuda" else []
    with torch.random.fork_rng(devices=devices_forked):
        trainer = _Trainer(configuration, training, validation, chosen, mark=mark, out=out)
        if not trainer.run(state, progress=progress, cancelled=cancelled):
            return None
        written = trainer.finish(parts)
    shutil.rmtree(out / "cache", ignore_errors=True)
    return written


def _wanted(configuration: Configuration, *, most: int, draw: int) -> Wanted:
    seed = int(np.random.SeedSequence((configuration.seed, draw)).generate_state(1)[0])
    return Wanted(
        bands=configuration.bands,
        labels=configuration.labels,
        side=configuration.window,
        by_cell=configuration.by_cell,
        most=most,
        seed=seed,
    )


@dataclass(frozen=True, slots=True)
class _Plan:
    """Number of steps in an epoch and in total."""

    per_epoch: int
    steps: int

    def validates_after(self, step: int, *, every: int) -> bool:
        """Whether the weights are validated after this step."""
        return step == self.steps or step % (self.per_epoch * every) == 0


class _Trainer:
    """A training with its gathered examples."""

    def __init__(
        self,
        configuration: Configuration,
        training: Examples,
        validation: Examples | None,
        device: torch.device,
        *,
        mark: str,
        out: Path,
    ) -> None:
        options = configuration.optimisation
        self.configuration = configuration
        self.training, self.validation = training, validation
        self.device, self.mark, self.out = device, mark, out
        self.size = options.batch * options.accumulate
        per_epoch = steps_of(len(training), size=self.size)
        self.plan = _Plan(per_epoch, options.steps or options.epochs * per_epoch)
        self.sealed = [label.code for label in configuration.labels].index(SEALED)
        self.architecture = Architecture(
            name=configuration.architecture,
            bands=len(configuration.bands),
            labels=len(configuration.labels),
            dates=configuration.dates,
        )
        torch.manual_seed(configuration.seed)
        self.network = build(self.architecture)
        self.network.train()
        if configuration.initial_weights:
            assert isinstance(self.network, segformer.SegFormer)
            load_encoder(self.network, configuration.initial_weights, bands=configuration.bands)
        self.network.to(device)
        # This order makes convolutions faster on a GPU, and by a fifth on a CPU.
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimiser = optimiser_of(self.network, configuration)
        self.preparation = Preparation(
            bands=configuration.bands,
            mean=training.statistics.mean,
            std=training.statistics.std,
            device=device,
        )
        weights = options.class_weights
        self.stepper = Stepper(
            self.network,
            self.optimiser,
            self.preparation,
            weights=torch.tensor(weights, device=device) if weights else None,
            most_at_once=options.batch,
        )

    def run(
        self,
        state: State | None,
        *,
        progress: Callable[[int, int], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> bool:
        """Take the remaining steps. False if it was cancelled."""
        self.state = state or self._first_state()
        self._restore()
        began = saved = time.monotonic()
        options = self.configuration.optimisation
        with Log(self.out, step=self.state.step) as log:
            for batch in self._batches():
                if cancelled is not None and cancelled():
                    self._save()
                    return False
                share = rate(self.state.step, steps=self.plan.steps, schedule=options.schedule)
                loss, weight = self.stepper.step(
                    batch,
                    learning_rate=share * options.learning_rate,
                    seed=_seed_of_step(self.configuration.seed, self.state.step),
                )
                self.state.step += 1
                self.state.loss += loss
                self.state.weight += weight
                if self.plan.validates_after(self.state.step, every=options.validate_every):
                    self._evaluate(log, share * options.learning_rate, time.monotonic() - began)
                if progress is not None:
                    progress(self.state.step, self.plan.steps)
                if self._is_enough():
                    break
                if time.monotonic() - saved >= SAVE_SECONDS:
                    self._save()
                    saved = time.monotonic()
        return True

    def finish(self, parts: Split) -> Checkpoint:
        """Write the checkpoint with the best weights, and mark the training as ended."""
        configuration, state = self.configuration, self.state
        if state.best:
            self.network.load_state_dict(state.best)
        temperature, facts = 1.0, self._facts()
        if self.validation is not None:
            logits = sample_logits(
                self.network, self.validation, self.preparation, batch=self._validated_at_once()
            )
            temperature = fit(logits.values, logits.targets)
            facts["validation"] = summary(
                self._validate(),
                logits,
                codes=tuple(label.code for label in configuration.labels),
                sealed=self.sealed,
                temperature=temperature,
            )
        written = checkpoints.save(
            self.out / "checkpoint",
            Checkpoint(
                architecture=self.architecture,
                bands=configuration.bands,
                mean=self.training.statistics.mean,
                std=self.training.statistics.std,
                labels=tuple(
                    Label(label.code, label.name or BY_CODE[label.code].name)
                    for label in configuration.labels
                ),
                window=configuration.window,
                temperature=temperature,
                training=Training(
                    areas=parts.codes.training,
                    years=tuple(sorted({pair.year for pair in configuration.pairs})),
                    product=configuration.product,
                    seed=configuration.seed,
                    steps=state.best_step or state.step,
                    configuration=_described(configuration, parts),
                ),
                metrics=facts,
            ),
            self.network,
        )
        state.ended = True
        self._save()
        return written

    def _first_state(self) -> State:
        return State(
            fingerprint=self.mark,
            network=self.network.state_dict(),
            optimiser=self.optimiser.state_dict(),
            most_at_once=self.stepper.most_at_once,
        )

    def _restore(self) -> None:
        self.network.load_state_dict(self.state.network)
        self.optimiser.load_state_dict(self.state.optimiser)
        self.stepper.most_at_once = self.state.most_at_once

    def _save(self) -> None:
        self.state.network = self.network.state_dict()
        self.state.optimiser = self.optimiser.state_dict()
        self.state.most_at_once = self.stepper.most_at_once
        states.write(self.out / "state", self.state)

    def _batches(self) -> Iterator[Batch]:
        """Batches of the remaining steps. Each is read while the network learns from the one
        before."""
        with ThreadPoolExecutor(1) as pool:
            following = None
            for examples, changes in self._drawn():
                coming = pool.submit(load, self.training, examples, changes)
                if following is not None:
                    yield following.result()
                following = coming
            if following is not None:
                yield following.result()

    def _drawn(self) -> Iterator[tuple[Any, Any]]:
        """Examples of each remaining step, and their random changes."""
        configuration, count = self.configuration, len(self.training)
        epoch, position = divmod(self.state.step, self.plan.per_epoch)
        left = self.plan.steps - self.state.step
        while left > 0:
            order = draw_order(examples=count, seed=configuration.seed, epoch=epoch, size=self.size)
            changes = draw_changes(
                configuration.augmentation, examples=count, seed=configuration.seed, epoch=epoch
            )
            for examples in order[position : position + left]:
                yield examples, changes
                left -= 1
            epoch, position = epoch + 1, 0

    def _evaluate(self, log: Log, learning_rate: float, seconds: float) -> None:
        """Validate, keep the weights if they are the best so far, and write a line of the log."""
        state = self.state
        line: dict[str, float | int | None] = {
            "step": state.step,
            "epoch": -(-state.step // self.plan.per_epoch),
            "learning_rate": learning_rate,
            "training_loss": state.loss / state.weight if state.weight else None,
            "seconds": round(seconds, 1),
        }
        state.loss = state.weight = 0.0
        if self.validation is not None:
            found = self._validate()
            iou = found.iou(self.sealed)
            line |= {
                "validation_loss": found.loss,
                "validation_iou_sealed": iou,
                "validation_mean_iou": metrics.mean_iou(found.matrix),
                "validation_accuracy": metrics.accuracy(found.matrix),
            }
            state.waited += 1
            if (iou or 0.0) > state.best_score:
                state.best = {k: v.detach().clone() for k, v in self.network.state_dict().items()}
                state.best_score, state.best_step, state.waited = iou or 0.0, state.step, 0
        log.add(line)

    def _is_enough(self) -> bool:
        patience = self.configuration.optimisation.patience
        return bool(patience) and self.state.waited >= patience

    def _validate(self) -> Validation:
        assert self.validation is not None
        return validate(
            self.network,
            self.validation,
            self.preparation,
            labels=len(self.configuration.labels),
            batch=self._validated_at_once(),
        )

    def _validated_at_once(self) -> int:
        """Examples to validate at once. Without gradients they need less memory than in
        training."""
        return max(self.stepper.most_at_once, CELLS_AT_ONCE if self.configuration.by_cell else 1)

    def _facts(self) -> dict[str, Any]:
        return {
            "examples": len(self.training),
            "cells_by_label": list(self.training.statistics.cells),
            "parameters": _parameters(self.network),
            "steps_taken": self.state.step,
        }


def _parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def _seed_of_step(seed: int, step: int) -> int:
    return int(np.random.SeedSequence((seed, step, 2)).generate_state(1)[0])


def _described(configuration: Configuration, parts: Split) -> dict[str, Any]:
    """The configuration with the drawn territories, in the form that JSON gives back."""
    document = configuration.document()
    document["areas"] |= {
        "training": list(parts.codes.training),
        "validation": list(parts.codes.validation),
        "test": list(parts.codes.test),
    }
    described: dict[str, Any] = json.loads(json.dumps(document))
    return described
