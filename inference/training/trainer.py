"""Train a network, from a configuration to a checkpoint. Interruptions do not change the result."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from analytics.nomenclature import BY_CODE, SEALED
from analytics.rasters import Progress
from inference import checkpoint as checkpoints
from inference.checkpoint import Checkpoint, Label, Training
from inference.errors import TrainingError
from inference.evaluation import metrics
from inference.networks import Architecture, build, devices, segformer
from inference.threads import read_ahead
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
from inference.training.examples import Examples, gather
from inference.training.initial_weights import load_encoder
from inference.training.log import Log
from inference.training.optimisation import Stepper, optimiser_of, rate
from inference.training.sources import fingerprint, open_sources
from inference.training.split import Split, split
from inference.training.state import State
from inference.training.validation import Validator

SAVE_SECONDS = 60.0
"""Interval of saving, and so the most work that a kill costs. It does not change the result."""

CELLS_AT_ONCE = 4096
"""Number of examples of one cell to validate at once."""


def train(
    *,
    configuration: Configuration,
    out: Path,
    device: str = "auto",
    progress: Progress | None = None,
    cancelled: Callable[[], bool] = lambda: False,
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
    training = gather(configuration, sources, parts, "training", folder=cache)
    if configuration.by_cell and len(training) < configuration.optimisation.batch:
        raise TrainingError(
            "training areas",
            found=f"{len(training)} cells",
            expected=f"a batch of {configuration.optimisation.batch} at least",
        )
    validation = None
    if parts.codes.validation:
        validation = gather(configuration, sources, parts, "validation", folder=cache)
    with torch.random.fork_rng(devices=[chosen] if chosen.type == "cuda" else []):
        trainer = _Trainer(configuration, training, validation, chosen, mark=mark, out=out)
        if not trainer.run(state, progress=progress, cancelled=cancelled):
            return None
        written = trainer.finish(parts)
    shutil.rmtree(out / "cache", ignore_errors=True)
    return written


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
        self.training, self.mark, self.out = training, mark, out
        self.size = options.batch * options.accumulate
        self.per_epoch = steps_of(len(training), size=self.size)
        self.steps = options.steps or options.epochs * self.per_epoch
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
        self.validator = (
            Validator(self.network, validation, self.preparation, labels=len(configuration.labels))
            if validation is not None
            else None
        )

    def run(
        self,
        state: State | None,
        *,
        progress: Progress | None,
        cancelled: Callable[[], bool],
    ) -> bool:
        """Take the remaining steps. False if it was cancelled."""
        if state is None:
            state = State(self.mark, self.stepper.most_at_once)
        else:
            self.network.load_state_dict(state.network)
            self.optimiser.load_state_dict(state.optimiser)
            self.stepper.most_at_once = state.most_at_once
        self.state = state
        began = saved = time.monotonic()
        options = self.configuration.optimisation
        with (
            closing(Log(self.out, step=self.state.step)) as log,
            read_ahead(self._batches(), depth=1) as batches,
        ):
            for batch in batches:
                step = self.state.step
                if cancelled():
                    self._save()
                    return False
                share = rate(step, steps=self.steps, schedule=options.schedule)
                seeds = np.random.SeedSequence((self.configuration.seed, step, 2))
                loss, weight = self.stepper.step(
                    batch,
                    learning_rate=share * options.learning_rate,
                    seed=int(seeds.generate_state(1)[0]),
                )
                step += 1
                self.state.step = step
                self.state.loss += loss
                self.state.weight += weight
                if step == self.steps or step % (self.per_epoch * options.validate_every) == 0:
                    self._evaluate(log, share * options.learning_rate, time.monotonic() - began)
                if progress is not None:
                    progress(step, self.steps)
                if 0 < options.patience <= self.state.waited:
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
        # With the drawn territories, in the form that JSON gives back.
        document = configuration.document()
        document["areas"] |= json.loads(json.dumps(asdict(parts.codes)))
        temperature = 1.0
        facts: dict[str, Any] = {
            "examples": len(self.training),
            "cells_by_label": list(self.training.statistics.cells),
            "parameters": sum(weights.numel() for weights in self.network.parameters()),
            "steps_taken": state.step,
        }
        if self.validator is not None:
            temperature, facts["validation"] = self.validator.calibrated(
                codes=[label.code for label in configuration.labels],
                sealed=self.sealed,
                batch=self._validated_at_once(),
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
                    configuration=document,
                ),
                metrics=facts,
            ),
            self.network,
        )
        state.ended = True
        self._save()
        return written

    def _save(self) -> None:
        self.state.network = self.network.state_dict()
        self.state.optimiser = self.optimiser.state_dict()
        self.state.most_at_once = self.stepper.most_at_once
        states.write(self.out / "state", self.state)

    def _batches(self) -> Generator[Batch, None, None]:
        """Batches of the remaining steps, with their random changes."""
        configuration, count = self.configuration, len(self.training)
        epoch, position = divmod(self.state.step, self.per_epoch)
        left = self.steps - self.state.step
        while left > 0:
            order = draw_order(examples=count, seed=configuration.seed, epoch=epoch, size=self.size)
            changes = draw_changes(
                configuration.augmentation, examples=count, seed=configuration.seed, epoch=epoch
            )
            for examples in order[position : position + left]:
                yield load(self.training, examples, changes)
                left -= 1
            epoch, position = epoch + 1, 0

    def _evaluate(self, log: Log, learning_rate: float, seconds: float) -> None:
        """Validate, keep the weights if they are the best so far, and write a line of the log."""
        state = self.state
        line: dict[str, float | int | None] = {
            "step": state.step,
            "epoch": -(-state.step // self.per_epoch),
            "learning_rate": learning_rate,
            "training_loss": state.loss / state.weight if state.weight else None,
            "seconds": round(seconds, 1),
        }
        state.loss = state.weight = 0.0
        if self.validator is not None:
            matrix, loss = self.validator.agreement(batch=self._validated_at_once())
            iou = metrics.by_class(matrix)[self.sealed].iou
            line |= {
                "validation_loss": loss,
                "validation_iou_sealed": iou,
                "validation_mean_iou": metrics.mean_iou(matrix),
                "validation_accuracy": metrics.accuracy(matrix),
            }
            state.waited += 1
            if (iou or 0.0) > state.best_score:
                state.best = {k: v.detach().clone() for k, v in self.network.state_dict().items()}
                state.best_score, state.best_step, state.waited = iou or 0.0, state.step, 0
        log.add(line)

    def _validated_at_once(self) -> int:
        """Examples to validate at once. They need less memory than in training."""
        return max(self.stepper.most_at_once, CELLS_AT_ONCE if self.configuration.by_cell else 1)
