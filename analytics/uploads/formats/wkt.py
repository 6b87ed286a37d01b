"""Well-known text, as databases show it and people paste it: a geometry, or one after the other,
each beginning on a line of its own and perhaps with ``SRID=2154;``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from analytics.uploads.errors import refusal
from analytics.uploads.formats.detection import WKT_START
from analytics.uploads.formats.raw_layer import RawLayer, text
from analytics.uploads.formats.wkb import Geometries
from analytics.uploads.limits import Limits

_DEEPEST = 12
"""Brackets in brackets: a collection of multipolygons needs five; GEOS falls over thousands."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """Geometries of texts, None for a blank one; what is wrong with others by index; the SRID."""

    geometries: Geometries
    broken: dict[int, str]
    crs: str | None


def read(path: Path, limits: Limits) -> RawLayer:
    """Read geometries; the reference system is what SRID says. Raises UploadError or LimitMet."""
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refusal("wkt-encoding", "text that is not UTF-8") from error
    texts = _split(content)
    limits.check("features", len(texts))
    read = parsed(texts)
    return RawLayer(read.geometries, {}, read.crs, broken=read.broken)


def parsed(texts: Sequence[str]) -> Parsed:
    """Geometries of texts, each with its SRID or without. Raises UploadError where these differ."""
    geometries = np.empty(len(texts), dtype=object)
    broken: dict[int, str] = {}
    srids = set()
    for index, one in enumerate(texts):
        if not one:
            continue
        start = WKT_START.match(one)
        if start is not None and int(start["srid"] or 0):
            srids.add(int(start["srid"]))
        if _depth(one) > _DEEPEST:
            broken[index] = "brackets nested far too deep"
            continue
        try:
            geometries[index] = shapely.from_wkt(one.rpartition(";")[2] if start else one)
        except (shapely.errors.GEOSException, NotImplementedError, ValueError) as error:
            broken[index] = f"text that is no geometry ({text(error)[:100]})"
    if len(srids) > 1:
        raise refusal("wkt-srid", f"geometries of SRID {' and '.join(map(str, sorted(srids)[:3]))}")
    return Parsed(geometries, broken, f"EPSG:{srids.pop()}" if srids else None)


def _split(content: str) -> list[str]:
    """Texts of one geometry each: lines that begin none go on with the one before."""
    texts: list[list[str]] = []
    for line in content.splitlines():
        if WKT_START.match(line) or not texts:
            texts.append([])
        texts[-1].append(line)
    joined = (" ".join(lines).strip().rstrip(";").strip() for lines in texts)
    return [one for one in joined if one]


def _depth(one: str) -> int:
    signs = np.frombuffer(one.encode(errors="replace"), dtype=np.uint8)
    steps = (signs == ord("(")).astype(np.int64) - (signs == ord(")"))
    return int(np.cumsum(steps).max(initial=0))
