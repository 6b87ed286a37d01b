"""Evaluate a prediction against land cover outside its training: metrics, and a report with
maps."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analytics.nomenclature import CODES, MISSING_CODES, SEALED
from analytics.rasters import Source, check_disjoint, find_sources, inspect
from inference import checkpoint as checkpoints
from inference.checkpoint import Checkpoint, Label
from inference.composites import Composite, open_composite
from inference.errors import NothingObserved, UnwritableOutput, WrongClasses
from inference.evaluation import metrics
from inference.evaluation.blocks import NDVI, Blocks, Layout
from inference.evaluation.metrics import ABSENT, Positions
from inference.evaluation.report import report
from inference.evaluation.tally import Tally
from inference.prediction import Prediction
from inference.prediction import files as prediction_files
from inference.territories import Painter, Territories, read_territories

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

    @property
    def iou_sealed(self) -> float | None:
        """IoU of sealed over all test territories."""
        value: float | None = self.metrics["iou_sealed"]
        return value


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
    tested, layout = _layout(zones, code_field=code_field, checkpoint=description)
    labels = (*predicted.labels, _OTHER)
    sealed = _sealed(predicted)
    blocks = Blocks(
        predicted,
        sources,
        position_of_reference=_reference_positions(predicted.labels, description),
        position_of_mapped=_mapped_positions(predicted.labels),
        layout=layout,
        imagery=_with_ndvi(imagery),
    )
    tally = Tally(
        blocks.window or predicted.window,
        labels=len(labels),
        sealed=sealed,
        territories=len(tested) or 1,
    )
    for block in blocks:
        tally.add(block)
    if not tally.matrix.any():
        raise NothingObserved(
            prediction.name,
            found="no cell that both it and the reference cover"
            + (" in the territories" if zones else ""),
            expected="an overlap",
            hint="Are these the reference and the territories that were meant?",
        )
    document = _document(tally, labels, predicted=predicted, sources=sources, tested=tested)
    _write(out, document, report(document, tally.maps))
    return Evaluation(out, document)


def _layout(
    zones: Path | None, *, code_field: str, checkpoint: Checkpoint | None
) -> tuple[tuple[str, ...], Layout]:
    """Codes of the evaluated territories, and the layout of test and training territories."""
    if zones is None:
        return (), Layout(test=None, training=None)
    territories = read_territories(zones, code_field=code_field)
    if checkpoint is None:
        return territories.codes, Layout(test=Painter(territories.geometries), training=None)
    areas = checkpoint.training.configuration.get("areas", {})
    test = territories.only(tuple(areas.get("test", ())), subject="test territories")
    if not test.codes:
        raise WrongClasses(
            "checkpoint",
            found="no territory that was kept for the test",
            expected="some, as its configuration names or draws them",
        )
    training = territories.only(checkpoint.training.areas, subject="training territories")
    return test.codes, Layout(test=_painter(test), training=_painter(training))


def _painter(territories: Territories) -> Painter | None:
    return Painter(territories.geometries) if territories.codes else None


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
    """Label positions of the reference's codes: by the checkpoint's groups, or one for each
    code."""
    positions = np.full(256, len(labels), dtype=np.uint8)
    positions[list(MISSING_CODES)] = ABSENT
    groups = checkpoint.training.configuration.get("labels", ()) if checkpoint else ()
    sources = {group["code"]: group["codes"] or [group["code"]] for group in groups}
    for position, label in enumerate(labels):
        positions[sources.get(label.code, [label.code])] = position
    # Other missing values of the rasters are read as 255.
    return positions


def _mapped_positions(labels: Sequence[Label]) -> Positions:
    positions = np.full(256, ABSENT, dtype=np.uint8)
    for position, label in enumerate(labels):
        positions[label.code] = position
    return positions


def _with_ndvi(imagery: Path | None) -> Composite | None:
    """The composite, if it has one season and the bands of NDVI."""
    if imagery is None:
        return None
    composite = open_composite(imagery)
    return composite if set(NDVI) <= set(composite.bands) else None


def _document(
    tally: Tally,
    labels: tuple[Label, ...],
    *,
    predicted: Prediction,
    sources: Sequence[Source],
    tested: tuple[str, ...],
) -> dict[str, Any]:
    matrix, sealed = tally.matrix, tally.sealed
    if not matrix[-1].any():
        labels, matrix = labels[:-1], matrix[:-1, :-1]
    classes = metrics.by_class(matrix)
    of_sealed = classes[sealed]
    majority, majority_accuracy = tally.baselines.majority()
    ndvi = tally.baselines.ndvi()
    return {
        "format": FORMAT,
        "checkpoint": predicted.task.checkpoint,
        "composite": predicted.task.composite,
        "reference": [Path(source.path).name for source in sources],
        "cells": int(matrix.sum()),
        "accuracy": metrics.accuracy(matrix),
        "mean_iou": metrics.mean_iou(matrix),
        "iou_sealed": of_sealed.iou,
        "f1_sealed": of_sealed.f1,
        "precision_sealed": of_sealed.precision,
        "recall_sealed": of_sealed.recall,
        "area_bias_sealed": of_sealed.area_bias,
        "probability_bias_sealed": (
            float(tally.territories.probability.sum()) / of_sealed.reference
            if of_sealed.reference
            else None
        ),
        "ece_sealed": tally.reliability.expected_error,
        "reliability": [
            {"stated": stated, "seen": seen, "cells": cells}
            for stated, seen, cells in tally.reliability.curve()
        ],
        "labels": [{"code": label.code, "name": label.name} for label in labels],
        "confusion": matrix.tolist(),
        "classes": {
            str(label.code): asdict(found) for label, found in zip(labels, classes, strict=True)
        },
        "resolutions": {
            "10": {name: _agreement(found) for name, found in tally.cells.items()},
            "100": {name: _agreement(found) for name, found in tally.squares.items()},
            "territory": _of_territories(tally),
        },
        "territories": _territories(tally, tested),
        "baselines": {
            "majority": {
                "code": labels[majority].code,
                "name": labels[majority].name,
                "accuracy": majority_accuracy,
                "iou_sealed": _iou_of_majority(
                    of_sealed, is_sealed=majority == sealed, matrix=matrix
                ),
            },
            "ndvi": ndvi.as_json() if ndvi else None,
        },
        "per_image": {
            "iou_sealed": tally.per_image.iou_sealed,
            "mean_iou": tally.per_image.mean_iou,
            "tiles": tally.per_image.tiles,
        },
    }


def _iou_of_majority(
    sealed: metrics.ClassMetrics, *, is_sealed: bool, matrix: metrics.Matrix
) -> float | None:
    if not sealed.reference:
        return None
    return sealed.reference / int(matrix.sum()) if is_sealed else 0.0


def _agreement(found: metrics.Agreement) -> dict[str, Any]:
    return {
        "count": found.count,
        "mean_absolute_error": found.mean_absolute_error,
        "bias": found.bias,
        "r_squared": found.r_squared,
    }


def _of_territories(tally: Tally) -> dict[str, Any]:
    """Agreement of the territories' shares with those of the reference."""
    evaluated, reference, mapped, _, _ = tally.territories.counts
    some = evaluated > 0
    found = {}
    for name, cells in (("class", mapped), ("probability", tally.territories.probability)):
        agreement = metrics.Agreement()
        agreement.add(reference[some] / evaluated[some], cells[some] / evaluated[some])
        found[name] = _agreement(agreement)
    return found


def _territories(tally: Tally, tested: tuple[str, ...]) -> list[dict[str, Any]]:
    found = []
    for position, code in enumerate(tested):
        evaluated, reference, mapped, both, alike = (
            int(count) for count in tally.territories.counts[:, position]
        )
        if not evaluated:
            continue
        either = reference + mapped - both
        found.append(
            {
                "code": code,
                "cells": evaluated,
                "sealed_reference": reference,
                "sealed_mapped": mapped,
                "sealed_probability": float(tally.territories.probability[position]),
                "share_reference": reference / evaluated,
                "share_mapped": mapped / evaluated,
                "share_probability": float(tally.territories.probability[position]) / evaluated,
                "iou_sealed": both / either if either else None,
                "area_bias": mapped / reference if reference else None,
                "accuracy": alike / evaluated,
            }
        )
    return found


def _write(out: Path, document: dict[str, Any], page: str) -> None:
    texts = {METRICS: json.dumps(document, indent=2, ensure_ascii=False) + "\n", REPORT: page}
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            partial = out / f".{name}.partial"
            partial.write_text(text, encoding="utf-8")
            partial.replace(out / name)
    except OSError as error:
        raise UnwritableOutput(
            str(out), found=error.strerror or str(error), expected="a folder to write to"
        ) from error
