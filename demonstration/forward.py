"""A network for the demonstration region: trained on imagery of 2023, tested on held-out communes.

It learns from the published edition with its errors, as with real data. The known truth shows what
it learnt in spite of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyogrio.raw
import shapely

from analytics.grid import Window, window_of_bounds
from demonstration.imagery.composites import composite_path
from inference.checkpoint import Checkpoint
from inference.networks import SMALL
from inference.training import Areas, Configuration, Optimisation, Pair

FOLDER = "forward"
TRAINING_YEAR, PREDICTED_YEAR = 2023, 2024
STEPS = 2400
BUFFER_M = 300.0
"""Buffer between training and held-out communes. Errors of the editions reach half as far."""
VALIDATION_EVERY = 7
"""Every seventh commune outside the test département is used for validation."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Judgement:
    """The evaluation on held-out communes: documents of `inference.evaluation.evaluator`."""

    communes: int
    against_edition: dict[str, Any]
    against_truth: dict[str, Any]


def checkpoint_folder(folder: Path) -> Path:
    """The folder of the trained checkpoint."""
    return folder / FOLDER / "training" / "checkpoint"


def communes_file(folder: Path) -> Path:
    """Communes of the newest vintage."""
    return folder / "zones/communes_2024.gpkg"


def edition_files(folder: Path) -> tuple[Path, ...]:
    """Rasters of the edition to learn from."""
    return tuple(sorted((folder / f"editions/{TRAINING_YEAR}").glob("*.tif")))


def configuration_of(folder: Path, *, steps: int = STEPS) -> Configuration:
    """The configuration of a region's training. Only its seed shuffles the examples."""
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
    """Train, or continue where an earlier call stopped. Returns at once if the network is trained.

    Imports torch.
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
    """Predict the test département in 2023 and evaluate it against the edition and the truth."""
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
    """The last département but one is for the test. Of the other communes, every
    `VALIDATION_EVERY`-th is for validation."""
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
    """The cells of the rectangle round some communes."""
    chosen = [geometry for code, _, geometry in _communes(folder) if code in set(codes)]
    return window_of_bounds(*shapely.total_bounds(chosen).tolist())
