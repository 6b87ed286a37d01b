"""The files of a prediction. No torch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from analytics.grid import Window
from inference.checkpoint import Checkpoint, Label
from inference.composites import Composite
from inference.errors import UnreadablePrediction
from inference.output import write_json

FORMAT = 1
DESCRIPTION = "prediction.json"
CLASSES = "classes.tif"
PROBABILITY = "sealed_probability.tif"
MISSING_PROBABILITY = 65_535
"""Stored value of a probability where the cell was not observed."""
STORED_ONE = 10_000
"""Stored value of a probability of 1."""


@dataclass(frozen=True, slots=True)
class CompositeFile:
    """What identifies a composite. Reading all its bytes would take longer than a kill costs."""

    name: str
    bytes: int
    changed_ns: int


@dataclass(frozen=True, slots=True)
class Task:
    """The input of a prediction, as its description has it. Predictions of equal tasks are equal.

    ``checkpoint`` is the checkpoint's identity, ``bands`` are its bands, in its order.
    """

    checkpoint: str
    composite: CompositeFile
    bands: tuple[str, ...]
    window: Window


@dataclass(frozen=True, slots=True)
class Prediction:
    """A finished prediction. Counts are numbers of cells of its window."""

    folder: Path
    task: Task
    labels: tuple[Label, ...]
    observed: int
    cells: Mapping[int, int]
    """Cells by code, with exactly the codes of the labels."""
    probability_sum: float
    """Sum of the stored probabilities of sealed, in cells."""

    @property
    def window(self) -> Window:
        """The cells of both rasters."""
        return self.task.window

    @property
    def classes(self) -> Path:
        """Raster of codes, 255 where missing."""
        return self.folder / CLASSES

    @property
    def probability(self) -> Path:
        """Raster of the probability of sealed × 10 000, MISSING_PROBABILITY where missing."""
        return self.folder / PROBABILITY


def task_of(checkpoint: Checkpoint, composite: Composite, window: Window) -> Task:
    """The task of predicting a window of a composite."""
    path = composite.path
    status = path.stat()
    file = CompositeFile(path.name, status.st_size, status.st_mtime_ns)
    return Task(checkpoint.identity, file, checkpoint.bands, window)


def write(prediction: Prediction) -> None:
    """Write the description, completely or not at all."""
    document = {
        "format": FORMAT,
        **asdict(prediction.task),
        "labels": [asdict(label) for label in prediction.labels],
        "observed": prediction.observed,
        "cells": dict(prediction.cells),
        "probability_sum": prediction.probability_sum,
    }
    write_json(prediction.folder / DESCRIPTION, document)


def read(folder: Path) -> Prediction:
    """Read the prediction of a folder. Raises UnreadablePrediction."""
    path = folder / DESCRIPTION
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            raise ValueError(f"format {document['format']!r}")
        task = Task(
            checkpoint=str(document["checkpoint"]),
            composite=CompositeFile(**document["composite"]),
            bands=tuple(document["bands"]),
            window=Window(**document["window"]),
        )
        prediction = Prediction(
            folder=folder,
            task=task,
            labels=tuple(Label(**label) for label in document["labels"]),
            observed=int(document["observed"]),
            cells={int(code): int(cells) for code, cells in document["cells"].items()},
            probability_sum=float(document["probability_sum"]),
        )
    except FileNotFoundError:
        raise UnreadablePrediction(
            str(folder),
            found=f"no {DESCRIPTION}",
            expected="the folder of a finished prediction",
            hint="Predict again with this folder: what was done is kept",
        ) from None
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadablePrediction(
            str(path),
            found=f"{type(error).__name__}: {error}",
            expected=f"the description of a prediction of format {FORMAT}",
        ) from None
    for raster in (prediction.classes, prediction.probability):
        if not raster.is_file():
            raise UnreadablePrediction(
                str(folder), found=f"no {raster.name}", expected=f"it beside {DESCRIPTION}"
            )
    return prediction
