"""Evaluate a prediction against land cover outside its training: metrics, and a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analytics.nomenclature import CODES, MISSING_CODES, SEALED
from analytics.rasters import Source, check_disjoint, find_sources, inspect
from inference import checkpoint as checkpoints
from inference.checkpoint import Checkpoint, Label
from inference.composites import open_composite
from inference.errors import NothingObserved, WrongClasses
from inference.evaluation import metrics
from inference.evaluation.blocks import NDVI, blocks
from inference.evaluation.metrics import ABSENT, Positions
from inference.evaluation.report import report
from inference.evaluation.tally import Tally
from inference.output import write_json, write_text, writing
from inference.prediction import Prediction
from inference.prediction import files as prediction_files
from inference.rasters import union
from inference.territories import Painter, read_territories

FORMAT = 1
METRICS = "metrics.json"
REPORT = "report.html"
_OTHER = Label(0, "Not among the labels")
"""Row of the matrix for classes of the reference without a label of the network."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The folder of an evaluation, and the content of its ``metrics.json``."""

    folder: Path
    metrics: dict[str, Any]

    @property
    def report(self) -> Path:
        """The report, one HTML file."""
        return self.folder / REPORT


def evaluate(
    *,
    prediction: Path,
    reference: Sequence[Path],
    zones: Path | None,
    imagery: Path | None,
    out: Path,
    code_field: str = "code",
    checkpoint: Path | None = None,
) -> Evaluation:
    """Evaluate the prediction in a folder; write ``metrics.json`` and ``report.html`` to ``out``.

    ``zones`` is a file of territories. With ``checkpoint``, only its test territories are
    evaluated, otherwise all. Without ``zones`` every cell is evaluated. ``imagery`` is a composite
    for the NDVI baseline. Raises InferenceError, and errors of the engine.
    """
    predicted = prediction_files.read(prediction)
    sources = [inspect(path, codes=frozenset(CODES)) for path in find_sources(reference)]
    check_disjoint(sources)
    description = checkpoints.read(checkpoint) if checkpoint is not None else None
    if description is not None and description.identity != predicted.task.checkpoint:
        raise WrongClasses(
            str(checkpoint),
            found=f"checkpoint {description.identity[:12]}",
            expected=f"{predicted.task.checkpoint[:12]}, with which it was predicted",
        )
    codes, test, training = _territories_of(zones, code_field, description)
    labels = (*predicted.labels, _OTHER)
    mapped = np.full(256, ABSENT, dtype=np.uint8)
    mapped[[label.code for label in predicted.labels]] = np.arange(len(predicted.labels))
    composite = open_composite(imagery) if imagery is not None else None
    overlap = union(predicted.window.intersection(source.window) for source in sources)
    tally = Tally(
        overlap or predicted.window,
        labels=len(labels),
        sealed=_sealed(predicted),
        territories=len(codes) or 1,
    )
    if overlap is not None:
        for block in blocks(
            overlap,
            predicted,
            sources,
            positions_of_reference=_reference_positions(predicted.labels, description),
            positions_of_mapped=mapped,
            test=test,
            training=training,
            imagery=composite if composite and set(NDVI) <= set(composite.bands) else None,
        ):
            tally.add(block)
    if not tally.matrix.any():
        raise NothingObserved(
            prediction.name,
            found="no cell that both it and the reference cover"
            + (" in the territories" if zones else ""),
            expected="an overlap",
            hint="Are these the reference and the territories that were meant?",
        )
    document = _document(tally, labels, predicted=predicted, sources=sources, codes=codes)
    page = report(document, tally.maps)
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
        write_json(out / METRICS, document)
        write_text(out / REPORT, page)
    return Evaluation(out, document)


def _territories_of(
    zones: Path | None, code_field: str, checkpoint: Checkpoint | None
) -> tuple[tuple[str, ...], Painter | None, Painter | None]:
    """Codes of the evaluated territories, and painters of these and of the training territories."""
    if zones is None:
        return (), None, None
    territories = read_territories(zones, code_field=code_field)
    if checkpoint is None:
        return territories.codes, Painter(territories.geometries), None
    areas = checkpoint.training.configuration.get("areas", {})
    test = territories.only(tuple(areas.get("test", ())), subject="test territories")
    if not test.codes:
        raise WrongClasses(
            "checkpoint",
            found="no territory that was kept for the test",
            expected="some, as its configuration names or draws them",
        )
    training = territories.only(checkpoint.training.areas, subject="training territories")
    return test.codes, Painter(test.geometries), Painter(training.geometries)


def _sealed(predicted: Prediction) -> int:
    codes = [label.code for label in predicted.labels]
    if SEALED not in codes:
        raise WrongClasses(
            str(predicted.folder),
            found=f"labels {', '.join(map(str, codes))}",
            expected=f"code {SEALED} (sealed) among them",
        )
    return codes.index(SEALED)


def _reference_positions(labels: Sequence[Label], checkpoint: Checkpoint | None) -> Positions:
    """Label positions of the reference's codes: by the checkpoint's groups, or by code."""
    positions = np.full(256, len(labels), dtype=np.uint8)
    positions[list(MISSING_CODES)] = ABSENT
    groups = checkpoint.training.configuration.get("labels", ()) if checkpoint else ()
    sources = {group["code"]: group["codes"] or [group["code"]] for group in groups}
    for position, label in enumerate(labels):
        positions[sources.get(label.code, [label.code])] = position
    # Other missing values of the rasters are read as 255.
    return positions


def _document(
    tally: Tally,
    labels: tuple[Label, ...],
    *,
    predicted: Prediction,
    sources: Sequence[Source],
    codes: tuple[str, ...],
) -> dict[str, Any]:
    matrix, sealed = tally.matrix, tally.sealed
    if not matrix[-1].any():
        labels, matrix = labels[:-1], matrix[:-1, :-1]
    classes = metrics.by_class(matrix)
    of_sealed = classes[sealed]
    majority, majority_accuracy = tally.baselines.majority()
    cells = int(matrix.sum())
    iou_of_majority = of_sealed.reference / cells if majority == sealed else 0.0
    return {
        "format": FORMAT,
        "checkpoint": predicted.task.checkpoint,
        "composite": predicted.task.composite.name,
        "reference": [Path(source.path).name for source in sources],
        "cells": cells,
        "accuracy": metrics.accuracy(matrix),
        "mean_iou": metrics.mean_iou(matrix),
        **of_sealed.of_sealed(),
        "probability_bias_sealed": (
            float(tally.probability.sum()) / of_sealed.reference if of_sealed.reference else None
        ),
        "ece_sealed": tally.reliability.expected_error,
        "reliability": [
            {"stated": stated, "seen": seen, "cells": cells}
            for stated, seen, cells in tally.reliability.curve()
        ],
        "labels": [asdict(label) for label in labels],
        "confusion": matrix.tolist(),
        "classes": {
            str(label.code): asdict(found) for label, found in zip(labels, classes, strict=True)
        },
        "resolutions": {
            "10": {name: found.as_json() for name, found in tally.cells.items()},
            "100": {name: found.as_json() for name, found in tally.squares.items()},
            "territory": _of_territories(tally),
        },
        "territories": _territories(tally, codes),
        "baselines": {
            "majority": {
                **asdict(labels[majority]),
                "accuracy": majority_accuracy,
                "iou_sealed": iou_of_majority if of_sealed.reference else None,
            },
            "ndvi": tally.baselines.ndvi(),
        },
        "per_image": tally.per_image.as_json(),
    }


def _of_territories(tally: Tally) -> dict[str, Any]:
    """Agreement of the territories' shares with those of the reference."""
    evaluated, reference, mapped, _, _ = tally.by_territory
    some = evaluated > 0
    found = {}
    for name, cells in (("class", mapped), ("probability", tally.probability)):
        agreement = metrics.Agreement()
        agreement.add(reference[some] / evaluated[some], cells[some] / evaluated[some])
        found[name] = agreement.as_json()
    return found


def _territories(tally: Tally, codes: tuple[str, ...]) -> list[dict[str, Any]]:
    # Without territories all cells count as those of one, which has no code.
    counts = zip(codes, tally.by_territory.T.tolist(), tally.probability.tolist(), strict=False)
    return [
        {
            "code": code,
            "cells": evaluated,
            "sealed_reference": reference,
            "sealed_mapped": mapped,
            "sealed_probability": probability,
            "share_reference": reference / evaluated,
            "share_mapped": mapped / evaluated,
            "share_probability": probability / evaluated,
            "iou_sealed": both / (reference + mapped - both) if reference + mapped else None,
            "area_bias": mapped / reference if reference else None,
            "accuracy": alike / evaluated,
        }
        for code, (evaluated, reference, mapped, both, alike), probability in counts
        if evaluated
    ]
