"""A layer as its file has it: before any check, in the file's own reference system."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from analytics.uploads.errors import UploadError
from analytics.uploads.formats.wkb import Geometries
from analytics.uploads.records import EncodingReading, Finding, LayerListing

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


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of a file, which is read when it is chosen."""

    listing: LayerListing
    read: Callable[[], RawLayer]
    """Raises UploadError or LimitMet."""
    error: UploadError | None = None
    """Why the layer cannot be read, while others of the file may be; ``read`` raises it."""


def unreadable(listing: LayerListing | str, error: UploadError) -> Layer:
    """A layer, by its listing or its name, that is listed and cannot be read."""

    def read() -> RawLayer:
        raise error

    if isinstance(listing, str):
        listing = LayerListing(listing, 0, "unreadable", ())
    return Layer(listing, read, error)


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
    return "".join(c if c.isprintable() else " " for c in value_text(value)).strip()[:200]


def value_text(value: Any) -> str:
    """A value of a field as a person would write it; whatever it holds is still in it."""
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, float | np.floating):
        if np.isnan(value):
            return ""
        if float(value).is_integer():
            value = int(value)
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    return str(value)[:_LONGEST_VALUE].strip()
