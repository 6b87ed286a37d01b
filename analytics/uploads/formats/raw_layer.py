"""A layer as its file has it: before any check, in the file's own reference system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from analytics.uploads.errors import LimitMet
from analytics.uploads.formats.curves import straightened
from analytics.uploads.formats.wkb import is_deep
from analytics.uploads.limits import Limits
from analytics.uploads.records import EncodingReading, Finding

Geometries = npt.NDArray[np.object_]
RECORD_MISSING = "record-missing"
"""The finding of a feature for which the file has no values of fields."""

_LONGEST_VALUE = 400
"""Characters of a value that are kept: more than a code or a name may have, so that it shows."""


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
    findings: tuple[Finding, ...] = ()
    """Of the layer as a whole."""
    of_features: Mapping[int, Sequence[Finding]] = field(default_factory=dict)
    """Of single features, by index, beside what their geometries show."""
    encodings: tuple[EncodingReading, ...] = ()
    left_out: tuple[str, ...] = ()
    """Fields that were not read, as they are shown."""


def from_wkb(wkb: npt.NDArray[np.object_]) -> tuple[Geometries, dict[int, str]]:
    """Geometries of a column of WKB, and which of them cannot be decoded."""
    shallow = np.array([None if one is None or is_deep(one) else one for one in wkb], dtype=object)
    try:
        geometries = np.asarray(shapely.from_wkb(shallow, on_invalid="ignore"), dtype=object)
    except NotImplementedError:  # of one of them
        geometries = np.array([_straight(one) for one in shallow], dtype=object)
    broken = {
        index: "bytes that are no geometry of lines or arcs, or an open ring"
        for index, (source, decoded) in enumerate(zip(wkb, geometries, strict=True))
        if source is not None and decoded is None
    }
    return geometries, broken


def _straight(wkb: bytes | None) -> Any | None:
    try:
        return shapely.from_wkb(wkb, on_invalid="ignore")
    except NotImplementedError:
        return None if wkb is None else straightened(wkb)


def simple_parts(geometries: Any) -> Geometries:
    """Points, lines and polygons of a geometry or of many, however deep they lie in collections."""
    parts = np.asarray(shapely.get_parts(geometries), dtype=object)
    while len(parts) and (shapely.get_type_id(parts) > shapely.GeometryType.POLYGON).any():
        parts = np.asarray(shapely.get_parts(parts), dtype=object)
    return parts


def has_areas(geometries: Geometries) -> bool:
    """Whether there is a polygon among geometries."""
    kinds = shapely.get_type_id(simple_parts(geometries[~shapely.is_missing(geometries)]))
    return bool((kinds == shapely.GeometryType.POLYGON).any())


def text(value: Any) -> str:
    """A value as a person would write it, on one short line; control characters removed."""
    return "".join(c if c.isprintable() else " " for c in value_text(value)[:400]).strip()[:200]


def value_text(value: Any) -> str:
    """A value of a field as a person would write it; whatever it holds is still in it."""
    if value is None or (isinstance(value, float | np.floating) and np.isnan(value)):
        return ""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        value = int(value)
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    if isinstance(value, dict | list):
        return ""
    return str(value)[:_LONGEST_VALUE].strip()


def check_features(count: int, limits: Limits) -> None:
    """Raise LimitMet where a layer has too many features."""
    if count > limits.features:
        raise LimitMet(
            "too-many-features",
            found=f"{count} features in the layer",
            expected=f"at most {limits.features}",
            hint="Split the layer into several files",
        )
