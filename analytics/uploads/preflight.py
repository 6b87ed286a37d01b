"""What is to be said of each feature of an upload before anything is stored.

An invalid geometry is repaired as territories are, by the even-odd rule
(analytics.geometry.even_odd). The area before is that of the rings as they were drawn, each for
itself: outer rings less holes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely

from analytics.geometry import SMALLEST_AREA, area_as_drawn, areas_in, multipolygon, valid_area
from analytics.grid import CELL_SIZE, FARTHEST
from analytics.uploads.cell_counts import check_outlines, count_cells
from analytics.uploads.errors import LimitMet
from analytics.uploads.formats.raw_layer import Geometries, RawLayer, simple_parts
from analytics.uploads.labels import check_codes, clean_names, visible, why_unusable
from analytics.uploads.limits import Limits
from analytics.uploads.records import FeatureReport, Finding, Overlap, Report, Severity

FEW_CELLS = 100
"""Cells below which the border decides the figures of a zone (docs/method.md)."""
_LEAST_AREA = 0.5
"""Square metres; what is smaller is 0 m² to the reader of a page."""
MOST_PAIRS = 1_000
"""Overlaps that are listed; a file in which all lies on all has millions."""

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE


@dataclass(frozen=True, slots=True)
class Checked:
    """The report and, in its order, the zones as multipolygons; None where there is an error."""

    report: Report
    zones: Geometries


def check(
    layer: RawLayer,
    located: Geometries | None,
    *,
    codes: Sequence[str],
    names: Sequence[str],
    coverage: Any | None,
    limits: Limits,
) -> Checked:
    """Check features whose geometries in EPSG:3035 are ``located``; None where the layer has no
    areas and nobody knows where it lies. Raises LimitMet."""
    geometries = layer.geometries if located is None else located
    findings = [[*layer.of_features.get(index, ())] for index in range(len(geometries))]
    zones = np.full(len(geometries), None, dtype=object)
    for index, geometry in enumerate(geometries):
        # Moving to EPSG:3035 has dropped heights: only the layer still has them.
        if shapely.has_z(layer.geometries[index]):
            findings[index].append(
                Finding("heights-dropped", NOTE, "heights", "an area in the plane", "Nothing to do")
            )
        zones[index] = _area(geometry, layer.broken.get(index), findings[index])
    areas = np.where(shapely.is_missing(zones), 0.0, shapely.area(zones))
    _check_total(float(areas.sum()), limits)
    check_outlines(zones, limits)
    cells = count_cells(zones).tolist()
    for index, zone in enumerate(zones):
        if zone is None:
            continue
        if coverage is not None:
            _check_coverage(zone, coverage, findings[index])
        if areas[index] < _LEAST_AREA:
            findings[index].append(_no_area())
            zones[index] = None
        else:
            _check_shape(zone, cells[index], findings[index])
    codes = [code.strip() for code in codes]
    check_codes(codes, findings)
    names = clean_names(names, [visible(code) for code in codes], findings)
    _check_duplicates(zones, findings)
    overlaps, of_file = _overlaps(zones, findings)
    features = tuple(
        FeatureReport(
            index,
            codes[index] if why_unusable(codes[index]) is None else visible(codes[index]),
            names[index],
            round(float(areas[index]), 3),
            cells[index],
            tuple(sorted(found, key=lambda f: (_ORDER[f.severity], f.code))),
        )
        for index, found in enumerate(findings)
    )
    features = tuple(
        feature
        if feature.usable or located is None
        else replace(feature, extent=_extent(located[feature.index]))
        for feature in features
    )
    for feature in features:
        if not feature.usable:
            zones[feature.index] = None
    return Checked(Report(features, (*layer.findings, *of_file), overlaps), zones)


_ORDER = {ERROR: 0, WARNING: 1, NOTE: 2}


def _extent(geometry: Any | None) -> tuple[float, float, float, float] | None:
    """Where a geometry lies, or None where that is nowhere on the Earth."""
    if geometry is None or shapely.is_empty(geometry):
        return None
    bounds = shapely.bounds(geometry)
    if not (np.abs(bounds) < FARTHEST).all():  # false for NaN
        return None
    west, south, east, north = bounds.round(1).tolist()
    return west, south, east, north


def _area(geometry: Any, broken: str | None, findings: list[Finding]) -> Any | None:
    """A feature's geometry as a valid multipolygon, or None with an error among the findings."""
    if broken is not None:
        findings.append(
            Finding("geometry-broken", ERROR, broken, "a polygon", "Draw or export it again")
        )
        return None
    if geometry is None or shapely.is_empty(geometry):
        found = "no geometry" if geometry is None else "an empty geometry"
        findings.append(
            Finding("geometry-missing", ERROR, found, "a polygon", "Leave it out, or draw it")
        )
        return None
    if not (np.abs(shapely.get_coordinates(geometry)) < FARTHEST).all():  # false for NaN
        findings.append(
            Finding(
                "coordinates-impossible",
                ERROR,
                "coordinates that the reference system does not have",
                "coordinates on the Earth",
                "Check the reference system",
            )
        )
        return None
    geometry = shapely.force_2d(geometry)
    if geometry.geom_type not in {"Polygon", "MultiPolygon"}:
        geometry = _polygons_of_collection(geometry, findings)
    if geometry is not None and not (
        geometry.geom_type in {"Polygon", "MultiPolygon"} and shapely.is_valid(geometry)
    ):
        geometry = _repaired(geometry, findings)
    if geometry is not None and not shapely.area(geometry):
        findings.append(_no_area())
        return None
    return None if geometry is None else multipolygon(geometry)


def _no_area() -> Finding:
    return Finding("no-area", ERROR, "an area of 0 m²", "a polygon with an area", "Draw it again")


def _polygons_of_collection(geometry: Any, findings: list[Finding]) -> Any | None:
    """The areas among what a collection holds, as a multipolygon or, where they cross or lie on
    each other, as a collection still; other kinds have none."""
    parts = simple_parts(geometry)
    areas = parts[shapely.get_type_id(parts) == 3]
    if not len(areas):
        findings.append(
            Finding(
                "not-an-area",
                ERROR,
                f"a {geometry.geom_type}",
                "a Polygon or MultiPolygon",
                "Points and lines have no area: draw an outline",
                names={"kind": geometry.geom_type},
            )
        )
        return None
    if len(areas) < len(parts):
        findings.append(
            Finding(
                "parts-dropped",
                WARNING,
                f"{len(parts) - len(areas)} points or lines beside the areas",
                "areas only",
                "They were left out",
                {"parts": len(parts) - len(areas)},
            )
        )
    together = shapely.multipolygons(areas)
    return (
        together if shapely.is_valid(together) else shapely.geometrycollections(areas_in(geometry))
    )


def _repaired(geometry: Any, findings: list[Finding]) -> Any | None:
    reason = str(shapely.is_valid_reason(geometry)).partition("[")[0]
    before = area_as_drawn(geometry)
    if shapely.is_valid(geometry):
        reason = "Areas that overlap"
    repaired = valid_area(geometry)
    after = float(shapely.area(repaired))
    changed = abs(after - before)
    findings.append(
        Finding(
            "geometry-repaired",
            ERROR
            if after == 0.0
            else WARNING
            if changed > max(SMALLEST_AREA, before / 1000)
            else NOTE,
            f"an outline that crosses or touches itself ({reason}); the repair changed its area "
            f"from {before:.0f} to {after:.0f} m²",
            "rings that do not cross",
            "Look at the repaired outline" if after else "Draw it again",
            {"area_before": round(before, 3), "area_after": round(after, 3)},
        )
    )
    return repaired if after else None


def _check_total(area: float, limits: Limits) -> None:
    if area > limits.area_km2 * 1e6:
        raise LimitMet(
            "too-large-area",
            found=f"zones of {area / 1e6:.0f} km² together",
            expected=f"at most {limits.area_km2:.0f} km²",
            hint="Upload a part, or choose territories that are already there",
        )


def _check_shape(zone: Any, cells: int, findings: list[Finding]) -> None:
    parts = shapely.get_parts(zone)
    holes = int(shapely.get_num_interior_rings(parts).sum())
    if holes:
        findings.append(
            Finding(
                "holes-kept", NOTE, f"{holes} holes", "holes that are meant",
                "They are not counted as part of the zone", {"holes": holes},
            )
        )  # fmt: skip
    widths = 2 * shapely.area(parts) / shapely.length(parts)
    slivers = int((widths < CELL_SIZE / 2).sum())
    if slivers:
        findings.append(
            Finding(
                "slivers",
                WARNING,
                f"{slivers} of {len(parts)} parts narrower than half a cell",
                f"parts wider than {CELL_SIZE} m",
                "Slivers come from outlines that nearly coincide: check whether they are meant",
                {"slivers": slivers, "parts": len(parts)},
            )
        )
    if cells < FEW_CELLS:
        findings.append(
            Finding(
                "few-cells",
                WARNING,
                f"{cells} cells of {CELL_SIZE} m",
                f"at least {FEW_CELLS}",
                "The border decides figures of so small a zone: read them with care",
                {"cells": cells},
            )
        )


def _check_coverage(zone: Any, coverage: Any, findings: list[Finding]) -> None:
    area = float(shapely.area(zone))
    outside = float(shapely.area(shapely.difference(zone, coverage)))
    # What rounding of coordinates may make: never so much of a zone that a small one passes.
    rounding = min(SMALLEST_AREA, area / 1000)
    whole = not shapely.intersects(zone, coverage) or outside >= area - rounding
    if outside <= rounding and not whole:
        return
    findings.append(
        Finding(
            "outside-coverage",
            ERROR if whole else WARNING,
            "a zone outside the map" if whole else f"{outside / area:.1%} of it outside the map",
            "a zone within the map",
            "Check the reference system" if whole else "Figures are of the part inside",
            {"area_outside": round(outside, 3), "share_outside": round(outside / area, 6)},
        )
    )


def _check_duplicates(zones: Geometries, findings: list[list[Finding]]) -> None:
    first: dict[bytes, int] = {}
    for index, zone in enumerate(zones):
        if zone is None:
            continue
        earlier = first.setdefault(shapely.to_wkb(shapely.normalize(zone)), index)
        if earlier != index:
            findings[index].append(
                Finding(
                    "geometry-duplicate",
                    WARNING,
                    f"the same outline as feature {earlier}",
                    "an outline of its own",
                    "Leave one of them out, unless both are meant",
                    {"index": earlier},
                )
            )


def _overlaps(
    zones: Geometries, findings: list[list[Finding]]
) -> tuple[tuple[Overlap, ...], tuple[Finding, ...]]:
    """Pairs that share more than SMALLEST_AREA by index, and what to say where there are more."""
    present = np.flatnonzero(~shapely.is_missing(zones))
    tree = shapely.STRtree(zones[present])
    found: list[Overlap] = []
    more = False
    for position, index in enumerate(present.tolist()):
        if more:
            break
        others = tree.query(zones[index], predicate="intersects")
        for other in sorted(present[others[others > position]].tolist()):
            area = float(shapely.area(shapely.intersection(zones[index], zones[other])))
            if area <= SMALLEST_AREA:
                continue
            if len(found) == MOST_PAIRS:
                more = True
                break
            found.append(Overlap(index, other, round(area, 3)))
    shared: dict[int, list[float]] = {}
    for overlap in found:
        shared.setdefault(overlap.index, []).append(overlap.area)
        shared.setdefault(overlap.other_index, []).append(overlap.area)
    for index, areas in shared.items():
        findings[index].append(
            Finding(
                "overlap",
                WARNING,
                f"{sum(areas):.0f} m² shared with {len(areas)} other features",
                "zones beside each other",
                "Cells in both count in both: check whether that is meant",
                {"area": round(sum(areas), 3), "features": len(areas)},
            )
        )
    if not more:
        return tuple(found), ()
    note = Finding(
        "overlaps-many",
        WARNING,
        f"more than {MOST_PAIRS} overlaps",
        "zones beside each other",
        f"Only the first {MOST_PAIRS} are listed",
    )
    return tuple(found), (note,)
