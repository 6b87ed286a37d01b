"""A network for the demonstration region: trained on its imagery of 2023, tested on communes that
it has not seen.

The map that it learns from is the published edition with its errors, as it would be with real data;
that the truth is known besides tells what it learnt in spite of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyogrio.raw
import shapely

from analytics.grid import Window, window_of_bounds
from demonstration.imagery.making import composite_path
from inference.checkpoint import Checkpoint
from inference.networks import SMALL
from inference.training import Areas, Configuration, Optimisation, Pair

FOLDER = "forward"
TRAINING_YEAR, PREDICTED_YEAR = 2023, 2024
STEPS = 2400
BUFFER_M = 300.0
"""Between communes that train and those held out; errors of the editions reach half as far."""
VALIDATION_EVERY = 7
"""Each seventh commune outside the test's département validates."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the held-out communes say: documents of `inference.evaluation.evaluator`."""

    communes: int
    against_edition: dict[str, Any]
    against_truth: dict[str, Any]


def checkpoint_folder(folder: Path) -> Path:
    """Where the checkpoint lies once it is trained."""
    return folder / FOLDER / "training" / "checkpoint"


def communes_file(folder: Path) -> Path:
    """Communes of the newest vintage."""
    return folder / "zones/communes_2024.gpkg"


def edition_files(folder: Path) -> tuple[Path, ...]:
    """Rasters of the edition that is learnt from."""
    return tuple(sorted((folder / f"editions/{TRAINING_YEAR}").glob("*.tif")))


def configuration_of(folder: Path, *, steps: int = STEPS) -> Configuration:
    """The training of a region; shuffled by nothing but its seed."""
    return Configuration(
        pairs=(
            Pair(
                composite=composite_path(folder, TRAINING_YEAR),
                reference=edition_files(folder),
                year=TRAINING_YEAR,
            ),
        ),
        areas=_areas(folder),
        architecture=SMALL,
        window=128,
        examples=1200,
        validation_examples=120,
        optimisation=Optimisation(
            batch=4, steps=steps, schedule="one-cycle", learning_rate=5e-3, validate_every=1
        ),
        seed=1,
    )


def train_network(
    *, folder: Path, steps: int = STEPS, progress: Progress | None = None
) -> Checkpoint:
    """Train, or go on where an earlier call was ended; at once where it is trained already.

    torch is imported here, not before.
    """
    from inference.training import trainer

    written = trainer.train(
        configuration=configuration_of(folder, steps=steps),
        out=folder / FOLDER / "training",
        progress=progress,
    )
    assert written is not None  # nothing cancels it
    return written


def judge(*, folder: Path, progress: Progress | None = None) -> Judgement:
    """Predict the test's département in 2023 and hold it against the edition, and the truth."""
    from inference.evaluation import evaluator
    from inference.prediction import predictor

    test = _areas(folder).test
    prediction = folder / FOLDER / "test"
    predictor.predict(
        checkpoint=checkpoint_folder(folder),
        composite=composite_path(folder, TRAINING_YEAR),
        out=prediction,
        window=_window_of(folder, test),
        progress=progress,
    )
    against_edition, against_truth = (
        evaluator.evaluate(
            prediction=prediction,
            reference=reference,
            zones=communes_file(folder),
            imagery=composite_path(folder, TRAINING_YEAR),
            out=folder / FOLDER / name,
            checkpoint=checkpoint_folder(folder),
        ).metrics
        for name, reference in (
            ("evaluation", edition_files(folder)),
            ("evaluation-against-truth", (folder / f"truth/{TRAINING_YEAR}.tif",)),
        )
    )
    return Judgement(len(test), against_edition, against_truth)


def _areas(folder: Path) -> Areas:
    """One whole département tests, the last but one; of the others each so-many-th commune
    validates."""
    communes = _communes(folder)
    tested = sorted({departement for _, departement, _ in communes})[-2]
    others = sorted(code for code, departement, _ in communes if departement != tested)
    validation = tuple(others[VALIDATION_EVERY // 2 :: VALIDATION_EVERY])
    return Areas(
        file=communes_file(folder),
        training=tuple(code for code in others if code not in set(validation)),
        validation=validation,
        test=tuple(sorted(code for code, departement, _ in communes if departement == tested)),
        buffer_m=BUFFER_M,
    )


def _communes(folder: Path) -> list[tuple[str, str, Any]]:
    """Code, département and geometry of each commune."""
    meta, _, geometries, columns = pyogrio.raw.read(communes_file(folder))
    named = dict(zip(meta["fields"], columns, strict=True))
    return list(zip(named["code"], named["departement"], shapely.from_wkb(geometries), strict=True))


def _window_of(folder: Path, codes: Sequence[str]) -> Window:
    """The cells of the rectangle round some communes, and of some country round it."""
    chosen = [geometry for code, _, geometry in _communes(folder) if code in set(codes)]
    return window_of_bounds(*shapely.total_bounds(chosen).tolist())
