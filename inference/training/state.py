"""The state of a training: one file, written completely or not at all. Reading it runs no code."""

from __future__ import annotations

import os
import pickle
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import torch

from inference.errors import TrainingError
from inference.output import writing

NAME = "training.pt"


@dataclass(slots=True)
class State:
    """Everything besides the examples and the seed that the next step depends on.

    ``fingerprint`` identifies the configuration and its files. ``waited`` counts the validations
    since the best one. ``most_at_once`` is the number of examples that fit into memory.
    """

    fingerprint: str
    most_at_once: int
    network: dict[str, Any] = field(default_factory=dict)
    optimiser: dict[str, Any] = field(default_factory=dict)
    step: int = 0
    loss: float = 0.0
    weight: float = 0.0
    best: dict[str, Any] = field(default_factory=dict)
    best_score: float = -1.0
    best_step: int = 0
    waited: int = 0
    ended: bool = False


def write(folder: Path, state: State) -> None:
    """Write the state in place of the former one. Raises UnwritableOutput."""
    partial = folder / f".{NAME}.partial"
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            torch.save({f.name: getattr(state, f.name) for f in fields(State)}, file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(folder / NAME)


def read(folder: Path, *, fingerprint: str) -> State | None:
    """Read the state of a folder. None if there is none.

    Raises TrainingError if it belongs to another training.
    """
    path = folder / NAME
    if not path.exists():
        return None
    try:
        state = State(**torch.load(path, map_location="cpu", weights_only=True))
    except (
        OSError,
        RuntimeError,
        TypeError,
        ValueError,
        EOFError,
        pickle.UnpicklingError,
    ) as error:
        raise TrainingError(
            str(path),
            found=f"a file that cannot be read ({str(error).splitlines()[0][:80]})",
            expected="the state of a training",
            hint="Remove the folder to train from the beginning",
        ) from None
    if state.fingerprint != fingerprint:
        raise TrainingError(
            str(folder),
            found="the state of another training: configuration or data have changed",
            expected="that of this one",
            hint="Train into another folder, or remove this one",
        )
    return state
