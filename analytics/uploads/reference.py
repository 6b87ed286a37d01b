"""The reference system of an upload: read, or asked for with guesses; never assumed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from analytics.grid import EPSG
from analytics.uploads.errors import UploadError
from analytics.uploads.raw_layer import Geometries, RawLayer
from analytics.uploads.records import Choice, CrsGuess, Reference

CANDIDATES = (
    "EPSG:4326", "EPSG:2154", "EPSG:3035", "EPSG:2180", "EPSG:25831", "EPSG:25832", "EPSG:25833",
    "EPSG:32631", "EPSG:32632", "EPSG:32633", "EPSG:32634", "EPSG:32635", "EPSG:31370",
    "EPSG:28992", "EPSG:31287", "EPSG:21781", "EPSG:2056", "EPSG:27700", "EPSG:3857",
)  # fmt: skip
"""What layers of Europe are usually in; guesses are ranked, equal ones in this order."""

_SAMPLE = 1_000
_LEAST_SHARE = 0.5
_EUROPE = (-32.0, 27.0, 45.0, 72.0)
"""Longitudes and latitudes that the 10 m grid can hold: used only to notice swapped axes."""

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Placed:
    """What is known of the reference system, and the geometries in EPSG:3035 if that is enough."""

    reference: Reference
    geometries: Geometries | None


def place(layer: RawLayer, choice: Choice, *, coverage: Any | None) -> Placed:
    """Move a layer to EPSG:3035, or say what has to be asked. Raises UploadError."""
    points = _sample(layer.geometries)
    if choice.crs is not None:
        source, status = _known(choice.crs), "chosen"
        if source is None:
            raise UploadError(
                "unknown-reference-system",
                found=f"the reference system {choice.crs[:60]!r}",
                expected="a code such as EPSG:2154",
            )
    else:
        asked = _asked(layer, points, swapped=choice.swap_axes)
        source = None if layer.crs is None else _known(layer.crs)
        if asked is not None or source is None:
            return Placed(_question(asked or "missing", layer.crs, points, coverage), None)
        status = layer.crs_status
        if not choice.swap_axes and _is_swapped(source, points, coverage):
            return Placed(_question("axes", layer.crs, points, coverage), None)
    return _moved(layer.geometries, source, status, swap=choice.swap_axes)


def guesses(points: Points, coverage: Any | None) -> tuple[CrsGuess, ...]:
    """Reference systems in whose area of use most points lie, the likeliest first."""
    if not len(points):
        return ()
    found = []
    for rank, name in enumerate(CANDIDATES):
        crs = pyproj.CRS.from_user_input(name)
        for swapped in (False, True):
            ordered = points[:, ::-1] if swapped else points
            use = _share_in_use(crs, ordered)
            if use < _LEAST_SHARE:
                continue
            held = None if coverage is None else _share_in_coverage(crs, ordered, coverage)
            guess = CrsGuess(name, crs.name, round(use, 3), held, swapped)
            found.append((-(held or 0.0), swapped, -use, rank, guess))
    return tuple(guess for *_, guess in sorted(found, key=lambda f: f[:4]))


def _asked(layer: RawLayer, points: Points, *, swapped: bool) -> str | None:
    """Why the uploader has to be asked, or None."""
    if layer.crs is None:
        return "missing"
    if layer.crs_status == "foreign":
        return "foreign"
    crs = _known(layer.crs)
    if crs is None:
        return "unreadable"
    ordered = points[:, ::-1] if swapped else points
    if len(ordered) and _is_contradicted(crs, ordered):
        return "contradicted"
    return None


def _is_contradicted(crs: pyproj.CRS, points: Points) -> bool:
    """Degrees beyond the globe, or metres that are all degrees."""
    inside = (np.abs(points[:, 0]) <= 360) & (np.abs(points[:, 1]) <= 360)
    if crs.is_geographic:
        return bool((~inside).any())
    return bool(crs.is_projected and inside.all())


def _is_swapped(crs: pyproj.CRS, points: Points, coverage: Any | None) -> bool:
    """Whether no point lies where it should, and all would with axes swapped."""
    if not len(points) or not (crs.is_geographic or crs.is_projected):
        return False
    swapped = points[:, ::-1]
    if coverage is not None:
        here, there = (_share_in_coverage(crs, p, coverage) for p in (points, swapped))
        if here == 0.0 and there == 1.0:
            return True
    return bool(crs.is_geographic and not _in_europe(points).any() and _in_europe(swapped).all())


def _in_europe(points: Points) -> npt.NDArray[np.bool_]:
    west, south, east, north = _EUROPE
    x, y = points[:, 0], points[:, 1]
    return np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north))


def _question(status: str, declared: str | None, points: Points, coverage: Any | None) -> Reference:
    known = None if declared is None else _known(declared)
    return Reference(
        status,
        crs="" if known is None else _code(known),
        name=(declared or "")[:80] if known is None else known.name,
        guesses=guesses(points, coverage),
    )


def _known(name: str) -> pyproj.CRS | None:
    """A reference system that a name or definition means; None for none, or for a local one."""
    try:
        crs = pyproj.CRS.from_user_input(name)
        usable = crs.is_geographic or crs.is_projected
        # "Undefined" systems of GeoPackage are engineering ones, or say so in their names.
        return crs.to_2d() if usable and not crs.name.lower().startswith("undefined") else None
    except (pyproj.exceptions.CRSError, pyproj.exceptions.ProjError, UnicodeError, TypeError):
        return None


def _code(crs: pyproj.CRS) -> str:
    authority = crs.to_authority()
    return ":".join(authority) if authority else ""


def _sample(geometries: Geometries) -> Points:
    """Some coordinates from all over the layer."""
    points = np.asarray(shapely.get_coordinates(geometries), dtype=np.float64)
    points = points[np.isfinite(points).all(axis=1)]
    return points[:: max(1, len(points) // _SAMPLE)]


def _share_in_use(crs: pyproj.CRS, points: Points) -> float:
    if crs.is_geographic:
        return float(_in_europe(points).mean())
    area = crs.area_of_use
    if area is None:
        return 0.0
    lon, lat = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(
        points[:, 0], points[:, 1]
    )
    inside = (lon >= area.west) & (lon <= area.east) & (lat >= area.south) & (lat <= area.north)
    if crs.equals(pyproj.CRS.from_epsg(3857)):
        inside &= _in_europe(np.column_stack((lon, lat)))
    return float(inside.mean())


def _share_in_coverage(crs: pyproj.CRS, points: Points, coverage: Any) -> float:
    x, y = pyproj.Transformer.from_crs(crs, EPSG, always_xy=True).transform(
        points[:, 0], points[:, 1]
    )
    west, south, east, north = shapely.bounds(coverage)
    return round(float(((x >= west) & (x <= east) & (y >= south) & (y <= north)).mean()), 3)


def _moved(geometries: Geometries, source: pyproj.CRS, status: str, *, swap: bool) -> Placed:
    try:
        transformer = pyproj.Transformer.from_crs(source, EPSG, always_xy=True)
    except pyproj.exceptions.ProjError as error:
        raise UploadError(
            "unknown-transformation",
            found=f"the reference system {source.name[:60]!r}",
            expected="one that can be transformed to EPSG:3035",
        ) from error
    same = source.equals(pyproj.CRS.from_epsg(EPSG), ignore_axis_order=True)

    def move(points: Points) -> Points:
        x, y = (points[:, 1], points[:, 0]) if swap else (points[:, 0], points[:, 1])
        return np.column_stack((x, y) if same else transformer.transform(x, y))

    moved = shapely.transform(geometries, move)
    # Among several operations PROJ chooses by the place: the last is that of the last point.
    used = (
        transformer
        if same or not len(shapely.get_coordinates(geometries))
        else transformer.get_last_used_operation()
    )
    accuracy = used.accuracy
    return Placed(
        Reference(
            status,
            crs=_code(source),
            name=source.name,
            operation="none: it is EPSG:3035" if same else used.description,
            accuracy=float(accuracy) if accuracy is not None and accuracy >= 0 else None,
        ),
        np.asarray(moved, dtype=object),
    )
