"""What a reader has left in its folder. A file may have taken it over: nothing is believed."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import shapely

from analytics.grid import FARTHEST
from analytics.uploads import errors
from analytics.uploads.errors import LimitMet, UploadError, refusal
from analytics.uploads.formats.wkb import Geometries, from_wkb
from analytics.uploads.limits import MEGABYTE
from analytics.uploads.records import Reading, from_json

_KINDS = {kind.__name__: kind for kind in (UploadError, LimitMet, errors.HostileArchive)}
_BYTES = 300 * MEGABYTE
_LONGEST_WORDS = 1_000


@dataclass(frozen=True, slots=True)
class Upload:
    """A reading and its zones: multipolygons in EPSG:3035 by the report's indices, or None."""

    reading: Reading
    zones: Geometries


def taken(folder: Path) -> Upload:
    """The answer in a reader's folder. Raises UploadError: the one that is the answer, or another
    that says that there is none."""
    try:
        answer = json.loads(left(folder / "result.json"))
        if "error" in answer:
            raise _error(answer["error"])
        zones = _zones(left(folder / "zones.wkb"), answer["lengths"])
        reading = from_json(answer["reading"])
        features = reading.report.features if reading.report is not None else ()
        if len(features) != len(zones):
            raise ValueError("not an answer")
        return Upload(reading, zones)
    except (
        OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError,
        shapely.errors.GEOSException,
    ) as error:  # fmt: skip
        raise broken_off() from error


def points(folder: Path) -> list[dict[str, str]]:
    """The rows of points in a reader's folder. Raises UploadError, as ``taken`` does."""
    try:
        answer = json.loads(left(folder / "result.json"))
        if "error" in answer:
            raise _error(answer["error"])
        columns = answer["points"]
        if not all(isinstance(v, str) for column in columns.values() for v in column):
            raise ValueError("not an answer")
        rows = zip(*columns.values(), strict=True)
        return [dict(zip(columns, row, strict=True)) for row in rows]
    except (
        OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError
    ) as error:  # fmt: skip
        raise broken_off() from error


def broken_off(how: str = "") -> UploadError:
    """The error for a reader that has left no answer."""
    return refusal("reader-died", f"a file at which reading broke off{how}")


def left(file: Path) -> bytes:
    """The content of a file that a reader has left. Raises OSError, or ValueError where it is no
    plain file, or a very large one."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as content:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode) or about.st_size > _BYTES:
            raise ValueError("not an answer")
        return content.read(_BYTES)


def _error(record: Mapping[str, str]) -> UploadError:
    code, found, expected, hint = (
        _words(record[name]) for name in ("code", "found", "expected", "hint")
    )
    return _KINDS[record["kind"]](code[:40], found=found, expected=expected, hint=hint)


def _words(said: str) -> str:
    return "".join(c if c.isprintable() else " " for c in said[:_LONGEST_WORDS])


def _zones(content: bytes, lengths: list[int]) -> Geometries:
    if any(length < 0 for length in lengths) or sum(lengths) != len(content):
        raise ValueError("not an answer")
    ends = np.cumsum([0, *lengths]).tolist()
    parts = [content[a:b] or None for a, b in pairwise(ends)]
    zones, broken = from_wkb(np.array(parts, dtype=object))
    present = zones[~shapely.is_missing(zones)]
    areas = shapely.get_type_id(present) == shapely.GeometryType.MULTIPOLYGON
    # False for NaN.
    near = (np.abs(shapely.get_coordinates(present)) < FARTHEST).all()
    if broken or not areas.all() or not near:
        raise ValueError("not an answer")
    return zones
