"""A layer as its file has it: before any check, in the file's own reference system."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from analytics.uploads.errors import LimitMet
from analytics.uploads.limits import Limits

Geometries = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class RawLayer:
    """Geometries with None for what is missing or broken; ``broken`` says why, by index."""

    geometries: Geometries
    fields: dict[str, list[str]]
    crs: str | None
    """What the file declares; None where it declares nothing."""
    crs_status: str = "declared"
    broken: dict[int, str] = field(default_factory=dict)
    encoding: str = "UTF-8"


def from_wkb(wkb: npt.NDArray[np.object_]) -> tuple[Geometries, dict[int, str]]:
    """Geometries of a column of WKB, and which of them cannot be decoded."""
    geometries = np.asarray(shapely.from_wkb(wkb, on_invalid="ignore"), dtype=object)
    broken = {
        index: "bytes that are no geometry, such as a ring that is not closed"
        for index, (source, decoded) in enumerate(zip(wkb, geometries, strict=True))
        if source is not None and decoded is None
    }
    return geometries, broken


def text(value: Any) -> str:
    """A value of a field as a person would write it; control characters removed."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        value = int(value)
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    if isinstance(value, dict | list):
        return ""
    return "".join(c if c.isprintable() else " " for c in str(value)[:400]).strip()[:200]


def check_features(count: int, limits: Limits) -> None:
    """Raise LimitMet where a layer has too many features."""
    if count > limits.features:
        raise LimitMet(
            "too-many-features",
            found=f"{count} features in the layer",
            expected=f"at most {limits.features}",
            hint="Split the layer into several files",
        )
