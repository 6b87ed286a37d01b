"""The reference system of an upload: read, or asked for with guesses; never assumed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyproj
import shapely

from analytics.uploads.errors import refusal
from analytics.uploads.findings import finding
from analytics.uploads.formats.raw_layer import RawLayer, text
from analytics.uploads.formats.wkb import Geometries
from analytics.uploads.records import Choice, CrsGuess, Finding, Reference
from analytics.uploads.reference_systems import spherical
from analytics.uploads.reference_systems.guesses import (
    GRID,
    MOST_DEGREES,
    Points,
    guesses,
    in_europe,
    may_be_degrees,
    sample,
    share_in_coverage,
    share_in_use,
    system,
    transformation,
)

_MOST = 0.5
"""Share of the points that swapped axes have to bring to their place: a few may be far off."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What is known of the reference system, and the geometries in EPSG:3035 if that is enough."""

    reference: Reference
    geometries: Geometries | None
    findings: tuple[Finding, ...] = ()


def place(layer: RawLayer, choice: Choice, *, coverage: Any | None) -> Placed:
    """Move a layer to EPSG:3035, or say what has to be asked. Raises UploadError."""
    geometries, points = layer.geometries, sample(layer.geometries)
    if choice.swap_axes:
        geometries, points = shapely.transform(geometries, _swapped), _swapped(points)
    contradicted = False
    if choice.crs is not None:
        source, status = _known(choice.crs), "chosen"
        if source is None:
            raise refusal("unknown-reference-system", f"the reference system {choice.crs[:60]!r}")
        contradicted = _is_contradicted(source, points)
        if contradicted and not choice.insist:
            return _question("doubted", layer, coverage, declared=choice.crs)
    else:
        asked = _asked(layer, points)
        source = None if layer.crs is None else _known(layer.crs)
        if asked is not None or source is None:
            return _question(asked or "missing", layer, coverage, declared=layer.crs)
        status = layer.crs_status
        if not choice.swap_axes and _is_swapped(source, points, coverage):
            return _question("axes", layer, coverage, declared=layer.crs)
    placed = _moved(geometries, source, status)
    if contradicted:
        return replace(placed, findings=(_insisted(source),))
    return replace(placed, findings=_doubt(layer, source, points, coverage))


def _insisted(crs: pyproj.CRS) -> Finding:
    all_the_same = f"of another size than {crs.name} has, which was chosen all the same"
    return finding("reference-doubted", f"coordinates {all_the_same}", names={"crs": crs.name})


def _doubt(
    layer: RawLayer, crs: pyproj.CRS, points: Points, coverage: Any | None
) -> tuple[Finding, ...]:
    """What to say where no point lies on the map, or where the system is in use, and all would in
    another system: the wrong zone of UTM, or axes that are swapped."""
    if not len(points) or (crs.is_geographic and coverage is None):
        return ()
    if coverage is None:
        area = "the area where it is used"
        share = share_in_use(crs, points) if crs.area_of_use else 1.0
    else:
        area = "the map"
        share = share_in_coverage(crs, points, coverage)
    if share > 0.0:
        return ()
    likely = [guess for guess in guesses(layer.geometries, coverage) if _fits(guess)]
    if not likely:
        return ()
    best = likely[0].crs + (" with the axes swapped" if likely[0].swapped else "")
    return (
        finding(
            "reference-doubted",
            f"zones that all lie outside {area} in {crs.name}; they would lie on it in {best}",
            {"swapped": int(likely[0].swapped), "mapped": int(coverage is not None)},
            {"crs": crs.name, "likely": likely[0].crs},
            expected=f"a reference system in which they lie in {area}",
            action=f"Check the reference system: {best} is likely",
        ),
    )


def _fits(guess: CrsGuess) -> bool:
    held = guess.share_in_coverage
    return guess.share_in_area_of_use == 1.0 if held is None else held == 1.0


def _asked(layer: RawLayer, points: Points) -> str | None:
    if layer.crs is None:
        return "missing"
    if layer.crs_status in {"foreign", "sphere"}:
        return layer.crs_status
    crs = _known(layer.crs)
    if crs is None:
        return "unreadable"
    if spherical.is_doubtful(layer.crs):
        return "sphere"
    if _is_contradicted(crs, points):
        return "contradicted"
    return None


def _is_contradicted(crs: pyproj.CRS, points: Points) -> bool:
    """Degrees beyond the globe, or metres of the size of degrees."""
    if not len(points):
        return False
    if crs.is_geographic:
        return bool((np.abs(points) > MOST_DEGREES).any())
    return may_be_degrees(points)


def _is_swapped(crs: pyproj.CRS, points: Points, coverage: Any | None) -> bool:
    """Whether no point lies where it should, and most would with axes swapped."""
    if not len(points) or not (crs.is_geographic or crs.is_projected):
        return False
    swapped = _swapped(points)
    if coverage is not None:
        here, there = (share_in_coverage(crs, p, coverage) for p in (points, swapped))
        if here == 0.0 and there > _MOST:
            return True
    if not crs.is_geographic or in_europe(points).any():
        return False
    return bool(in_europe(swapped).mean() > _MOST)


def _swapped(points: Points) -> Points:
    return points[:, ::-1]


def _question(
    status: str, layer: RawLayer, coverage: Any | None, *, declared: str | None
) -> Placed:
    """A question; ``declared``: the system that the file or the uploader has named."""
    known = None if declared is None else _known(declared)
    meant = spherical.likely(known) if status == "sphere" and known is not None else ()
    asked = Reference(
        status,
        crs="" if known is None else _code(known),
        name=text(declared or "")[:80] if known is None else known.name,
        guesses=guesses(layer.geometries, coverage, meant=meant),
    )
    return Placed(asked, None)


def _known(name: str) -> pyproj.CRS | None:
    """A reference system that a name or definition means; None for none, for a local one, and for
    one from which no way leads to EPSG:3035."""
    try:
        crs = pyproj.CRS.from_user_input(name)
        usable = crs.is_geographic or crs.is_projected
        # "Undefined" systems of GeoPackage are engineering ones, or say so in their names.
        if not usable or crs.name.lower().startswith("undefined"):
            return None
        plane = crs.to_2d()
        transformation(plane, GRID)
        return plane
    except (
        pyproj.exceptions.CRSError, pyproj.exceptions.ProjError, UnicodeError, TypeError,
        RecursionError,
    ):  # fmt: skip
        return None


def _code(crs: pyproj.CRS) -> str:
    authority = crs.to_authority()
    return ":".join(authority) if authority else ""


def _moved(geometries: Geometries, source: pyproj.CRS, status: str) -> Placed:
    try:
        transformer = transformation(source, GRID)
    except pyproj.exceptions.ProjError as error:
        found = f"the reference system {source.name[:60]!r}"
        raise refusal("unknown-transformation", found) from error
    same = source.equals(GRID, ignore_axis_order=True)

    def move(points: Points) -> Points:
        return points if same else np.column_stack(transformer.transform(*points.T))

    moved = np.asarray(shapely.transform(geometries, move), dtype=object)
    used = transformer if same else _used(transformer)
    accuracy = used.accuracy
    return Placed(
        Reference(
            status,
            crs=_code(source),
            name=source.name,
            operation="none: it is EPSG:3035" if same else used.description,
            accuracy=float(accuracy) if accuracy is not None and accuracy >= 0 else None,
            shift_m=0.0 if same else _shift(source, sample(geometries), sample(moved)),
        ),
        moved,
    )


def _used(transformer: pyproj.Transformer) -> pyproj.Transformer:
    """Among several operations PROJ chooses by the place: the last is that of the last point. Where
    there is no point, or none that could be moved, there is none but the way itself."""
    try:
        return transformer.get_last_used_operation()
    except pyproj.exceptions.ProjError:
        return transformer


def _shift(source: pyproj.CRS, points: Points, moved: Points) -> float | None:
    datum = source.geodetic_crs
    if datum is None or not len(points) or len(points) != len(moved):
        return None
    own = transformation(source, datum).transform(*points.T)
    # Angles of the datum, perhaps in grads and from Paris, as degrees from Greenwich.
    degrees = np.rad2deg(np.column_stack(own) * datum.axis_info[0].unit_conversion_factor)
    meridian = datum.prime_meridian
    if meridian is not None:
        degrees[:, 0] += np.rad2deg(meridian.longitude * float(meridian.unit_conversion_factor))
    taken = transformation(system("EPSG:4258"), GRID).transform(*degrees.T)
    distances = np.hypot(*(np.column_stack(taken) - moved).T)
    distances = distances[np.isfinite(distances)]
    return round(float(distances.max()), 2) if len(distances) else None
