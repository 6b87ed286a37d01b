"""What is known of a model's quality, from the documents that training and evaluation leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analytics.indicators import hectares_of_shape
from analytics.nomenclature import OBSERVED_CODES, SEALED
from clcplus.presentation.classes import class_name

_PARTS = ("test", "validation")
"""Parts of a checkpoint's metrics, the more honest first."""


@dataclass(frozen=True, slots=True)
class ClassQuality:
    """Of one class."""

    code: int
    name: str
    sealed: bool
    iou: float | None
    f1: float | None
    precision: float | None
    recall: float | None


@dataclass(frozen=True, slots=True)
class Quality:
    """Of a network, measured on cells that it was not trained on; fractions."""

    part: str
    cells: int | None
    sealed: ClassQuality | None
    classes: tuple[ClassQuality, ...]
    mean_iou: float | None
    accuracy: float | None
    calibration_error: float | None


def quality(metrics: Mapping[str, Any], *, part: str = "") -> Quality | None:
    """The quality that a document tells; None where it tells nothing of any class."""
    by_code = metrics.get("classes")
    if not isinstance(by_code, Mapping):
        return None
    classes = tuple(
        ClassQuality(
            code=int(code),
            name=class_name(int(code)),
            sealed=int(code) == SEALED,
            **{name: _number(found.get(name)) for name in ("iou", "f1", "precision", "recall")},
        )
        for code, found in sorted(by_code.items(), key=lambda item: int(item[0]))
        if int(code) in OBSERVED_CODES
    )
    cells = _number(metrics.get("cells"))
    return Quality(
        part=part,
        cells=None if cells is None else int(cells),
        sealed=next((found for found in classes if found.sealed), None),
        classes=classes,
        mean_iou=_number(metrics.get("mean_iou")),
        accuracy=_number(metrics.get("accuracy")),
        calibration_error=_number(metrics.get("ece_sealed")),
    )


def training_quality(metrics: Mapping[str, Any]) -> Quality | None:
    """Of a checkpoint: on its test territories where it has any, else on those of validation."""
    for part in _PARTS:
        found = metrics.get(part)
        if isinstance(found, Mapping) and (told := quality(found, part=part)) is not None:
            return told
    return None


@dataclass(frozen=True, slots=True)
class AreaEstimate:
    """A sealed area that a model tells, in hectares; corrected where there is a sample."""

    mapped: float
    corrected: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Areas:
    """Both estimates of a prediction."""

    by_probability: AreaEstimate
    by_class: AreaEstimate
    points: int


def areas(document: Mapping[str, Any]) -> Areas | None:
    """The areas of a prediction; None where none were measured."""
    if "by_probability" not in document:
        return None
    return Areas(
        by_probability=_estimate(document["by_probability"]),
        by_class=_estimate(document["by_class"]),
        points=int(document.get("points", 0)),
    )


def _estimate(document: Mapping[str, Any]) -> AreaEstimate:
    areas = {name: _number(document.get(f"{name}_m2")) for name in _AREAS}
    hectares = {n: None if v is None else hectares_of_shape(v) for n, v in areas.items()}
    return AreaEstimate(hectares.pop("mapped") or 0.0, **hectares)


_AREAS = ("mapped", "corrected", "low", "high")


def _number(value: object) -> float | None:
    """A finite number; None for what is not one, such as a class that is not there."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < float("inf") else None
