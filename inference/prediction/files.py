"""The files of a prediction. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from analytics.grid import Window
from inference import descriptions
from inference.checkpoint import Checkpoint, Label
from inference.composites import Composite
from inference.errors import UnreadablePrediction

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
    """Write the description of a finished prediction in one move."""
    members = asdict(prediction)
    del members["folder"]
    descriptions.write(prediction.folder / DESCRIPTION, {**members.pop("task"), **members})


def read(folder: Path) -> Prediction:
    """Read the description of a finished prediction. Raises UnreadablePrediction."""
    path, wrong = folder / DESCRIPTION, UnreadablePrediction
    hint = "Predict again with this folder: what was done is kept"
    members = descriptions.document(path, of="a finished prediction", wrong=wrong, hint=hint)
    members |= {"folder": folder, "task": members}
    prediction = descriptions.parsed(members, Prediction, path=path, wrong=wrong)
    for raster in (prediction.classes, prediction.probability):
        if not raster.is_file():
            raise UnreadablePrediction(
                str(folder), found=f"no {raster.name}", expected=f"it beside {DESCRIPTION}"
            )
    return prediction
