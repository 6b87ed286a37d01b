"""The files of a prediction. No torch."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics.grid import Window
from inference.checkpoint import Checkpoint, Label
from inference.composites import Composite
from inference.errors import UnreadablePrediction

FORMAT = 1
DESCRIPTION = "prediction.json"
CLASSES = "classes.tif"
PROBABILITY = "sealed_probability.tif"
MISSING_PROBABILITY = 65_535
"""Stored value of a probability where the cell was not observed."""


@dataclass(frozen=True, slots=True)
class Task:
    """The input of a prediction. Predictions of equal tasks are equal.

    Name, size, time of change and bands identify a composite. Reading all its bytes would take
    longer than a kill costs.
    """

    checkpoint: str
    """Identity of the checkpoint."""
    composite: str
    """Name of the file."""
    composite_bytes: int
    composite_changed_ns: int
    bands: tuple[str, ...]
    """Bands of the checkpoint, in its order."""
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
    status = os.stat(composite.path)
    return Task(
        checkpoint=checkpoint.identity,
        composite=composite.path.name,
        composite_bytes=status.st_size,
        composite_changed_ns=status.st_mtime_ns,
        bands=checkpoint.bands,
        window=window,
    )


def task_to_json(task: Task) -> dict[str, Any]:
    """A task as a JSON document."""
    window = task.window
    return {
        "checkpoint": task.checkpoint,
        "composite": {
            "name": task.composite,
            "bytes": task.composite_bytes,
            "changed_ns": task.composite_changed_ns,
        },
        "bands": list(task.bands),
        "window": {
            "row": window.row,
            "column": window.column,
            "height": window.height,
            "width": window.width,
        },
    }


def write(prediction: Prediction) -> None:
    """Write the description, completely or not at all."""
    document = {
        "format": FORMAT,
        **task_to_json(prediction.task),
        "labels": [{"code": label.code, "name": label.name} for label in prediction.labels],
        "observed": prediction.observed,
        "cells": {str(code): cells for code, cells in prediction.cells.items()},
        "probability_sum": prediction.probability_sum,
    }
    partial = prediction.folder / f".{DESCRIPTION}.partial"
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    partial.write_text(text, encoding="utf-8")
    partial.replace(prediction.folder / DESCRIPTION)


def read(folder: Path) -> Prediction:
    """Read the prediction of a folder. Raises UnreadablePrediction."""
    path = folder / DESCRIPTION
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        prediction = _from_json(folder, document)
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


def _from_json(folder: Path, document: dict[str, Any]) -> Prediction:
    if document["format"] != FORMAT:
        raise ValueError(f"format {document['format']!r}")
    composite = document["composite"]
    task = Task(
        checkpoint=str(document["checkpoint"]),
        composite=str(composite["name"]),
        composite_bytes=int(composite["bytes"]),
        composite_changed_ns=int(composite["changed_ns"]),
        bands=tuple(document["bands"]),
        window=Window(**document["window"]),
    )
    return Prediction(
        folder=folder,
        task=task,
        labels=tuple(Label(**label) for label in document["labels"]),
        observed=int(document["observed"]),
        cells={int(code): int(cells) for code, cells in document["cells"].items()},
        probability_sum=float(document["probability_sum"]),
    )
