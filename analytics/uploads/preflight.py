"""What is to be said of each feature of an upload before anything is stored.

An invalid geometry is repaired as territories are, by the even-odd rule
(analytics.geometry.areas). The area before is that of the rings as they were drawn, each for
itself: outer rings less holes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
import shapely

from analytics.counting.zone_cells import count_cells
from analytics.geometry import SMALLEST_AREA, area_as_drawn, areas_in, multipolygon, valid_area
from analytics.grid import CELL_SIZE, FARTHEST
from analytics.uploads.findings import FEW_CELLS, MOST_PAIRS, finding
from analytics.uploads.formats.raw_layer import RawLayer, simple_parts
from analytics.uploads.formats.wkb import Geometries
from analytics.uploads.labels import check_codes, clean_names, visible, why_unusable
from analytics.uploads.limits import Limits
from analytics.uploads.records import FeatureReport, Finding, Overlap, Report, Severity

_LEAST_AREA = 0.5
"""Square metres; what is smaller is 0 m² to the reader of a page."""
_AREAS = {"Polygon", "MultiPolygon"}
_GRAVEST_FIRST = (Severity.ERROR, Severity.WARNING, Severity.NOTE)


def check(
    layer: RawLayer,
    located: Geometries | None,
    *,
    codes: Sequence[str],
    names: Sequence[str],
    coverage: Any | None,
    limits: Limits,
) -> tuple[Report, Geometries]:
    """Check features whose geometries in EPSG:3035 are ``located``; None where the layer has no
    areas and nobody knows where it lies. With the report come the zones, in its order, as
    multipolygons; None where there is an error. Raises LimitMet."""
    geometries = layer.geometries if located is None else located
    findings = [[*layer.of_features.get(index, ())] for index in range(len(geometries))]
    zones = np.full(len(geometries), None, dtype=object)
    for index, geometry in enumerate(geometries):
        # Moving to EPSG:3035 has dropped heights: only the layer still has them.
        if shapely.has_z(layer.geometries[index]):
            findings[index].append(finding("heights-dropped", "heights"))
        zones[index] = _area(geometry, layer.broken.get(index), findings[index])
    missing = shapely.is_missing(zones)
    areas = np.where(missing, 0.0, shapely.area(zones))
    limits.check("area_km2", float(areas.sum()) / 1e6)
    limits.check("outline_km", float(shapely.length(zones[~missing]).sum()) / 1000)
    cells = count_cells(zones).tolist()
    for index in np.flatnonzero(~missing).tolist():
        if coverage is not None:
            _check_coverage(zones[index], coverage, findings[index])
        if areas[index] < _LEAST_AREA:
            findings[index].append(_no_area())
            zones[index] = None
        else:
            _check_shape(zones[index], cells[index], findings[index])
    codes = [code.strip() for code in codes]
    check_codes(codes, findings)
    names = clean_names(names, [visible(code) for code in codes], findings)
    _check_duplicates(zones, findings)
    overlaps, of_file = _overlaps(zones, findings)
    features = []
    for index, found in enumerate(findings):
        usable = all(one.severity != Severity.ERROR for one in found)
        if not usable:
            zones[index] = None
        feature = FeatureReport(
            index,
            codes[index] if why_unusable(codes[index]) is None else visible(codes[index]),
            names[index],
            round(float(areas[index]), 3),
            cells[index],
            tuple(sorted(found, key=lambda f: (_GRAVEST_FIRST.index(f.severity), f.code))),
            extent=None if usable or located is None else _extent(located[index]),
        )
        features.append(feature)
    return Report(tuple(features), (*layer.findings, *of_file), overlaps), zones


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
        findings.append(finding("geometry-broken", broken))
        return None
    if geometry is None or shapely.is_empty(geometry):
        empty = "no geometry" if geometry is None else "an empty geometry"
        findings.append(finding("geometry-missing", empty))
        return None
    if not (np.abs(shapely.get_coordinates(geometry)) < FARTHEST).all():  # false for NaN
        impossible = "coordinates that the reference system does not have"
        findings.append(finding("coordinates-impossible", impossible))
        return None
    geometry = shapely.force_2d(geometry)
    if geometry.geom_type not in _AREAS:
        geometry = _polygons_of_collection(geometry, findings)
    if geometry is not None and not (geometry.geom_type in _AREAS and shapely.is_valid(geometry)):
        geometry = _repaired(geometry, findings)
    if geometry is not None and not shapely.area(geometry):
        findings.append(_no_area())
        return None
    return None if geometry is None else multipolygon(geometry)


def _no_area() -> Finding:
    return finding("no-area", "an area of 0 m²")


def _polygons_of_collection(geometry: Any, findings: list[Finding]) -> Any | None:
    """The areas among what a collection holds, as a multipolygon or, where they cross or lie on
    each other, as a collection still; other kinds have none."""
    parts = simple_parts(geometry)
    areas = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    kind = geometry.geom_type
    if not len(areas):
        findings.append(finding("not-an-area", f"a {kind}", names={"kind": kind}))
        return None
    if dropped := len(parts) - len(areas):
        beside = f"{dropped} points or lines beside the areas"
        findings.append(finding("parts-dropped", beside, {"parts": dropped}))
    together = shapely.multipolygons(areas)
    if shapely.is_valid(together):
        return together
    return shapely.geometrycollections(areas_in(geometry))


def _repaired(geometry: Any, findings: list[Finding]) -> Any | None:
    reason = str(shapely.is_valid_reason(geometry)).partition("[")[0]
    before = area_as_drawn(geometry)
    if shapely.is_valid(geometry):
        reason = "Areas that overlap"
    repaired = valid_area(geometry)
    after = float(shapely.area(repaired))
    small = abs(after - before) <= max(SMALLEST_AREA, before / 1000)
    findings.append(
        finding(
            "geometry-repaired",
            f"an outline that crosses or touches itself ({reason}); the repair changed its area "
            f"from {before:.0f} to {after:.0f} m²",
            {"area_before": round(before, 3), "area_after": round(after, 3)},
            severity=Severity.ERROR if not after else Severity.NOTE if small else None,
            action="" if after else "Draw it again",
        )
    )
    return repaired if after else None


def _check_shape(zone: Any, cells: int, findings: list[Finding]) -> None:
    parts = shapely.get_parts(zone)
    if holes := int(shapely.get_num_interior_rings(parts).sum()):
        findings.append(finding("holes-kept", f"{holes} holes", {"holes": holes}))
    widths = 2 * shapely.area(parts) / shapely.length(parts)
    if slivers := int((widths < CELL_SIZE / 2).sum()):
        found = f"{slivers} of {len(parts)} parts narrower than half a cell"
        findings.append(finding("slivers", found, {"slivers": slivers, "parts": len(parts)}))
    if cells < FEW_CELLS:
        findings.append(finding("few-cells", f"{cells} cells of {CELL_SIZE} m", {"cells": cells}))


def _check_coverage(zone: Any, coverage: Any, findings: list[Finding]) -> None:
    area = float(shapely.area(zone))
    outside = float(shapely.area(shapely.difference(zone, coverage)))
    # What rounding of coordinates may make: never so much of a zone that a small one passes.
    rounding = min(SMALLEST_AREA, area / 1000)
    whole = not shapely.intersects(zone, coverage) or outside >= area - rounding
    if outside <= rounding and not whole:
        return
    findings.append(
        finding(
            "outside-coverage",
            "a zone outside the map" if whole else f"{outside / area:.1%} of it outside the map",
            {"area_outside": round(outside, 3), "share_outside": round(outside / area, 6)},
            severity=Severity.ERROR if whole else None,
            action="Check the reference system" if whole else "",
        )
    )


def _check_duplicates(zones: Geometries, findings: list[list[Finding]]) -> None:
    first: dict[bytes, int] = {}
    for index in np.flatnonzero(~shapely.is_missing(zones)).tolist():
        earlier = first.setdefault(shapely.to_wkb(shapely.normalize(zones[index])), index)
        if earlier != index:
            same = f"the same outline as feature {earlier}"
            findings[index].append(finding("geometry-duplicate", same, {"index": earlier}))


def _overlaps(
    zones: Geometries, findings: list[list[Finding]]
) -> tuple[tuple[Overlap, ...], tuple[Finding, ...]]:
    """Pairs that share more than SMALLEST_AREA by index, and what to say where there are more."""
    found = list(islice(_pairs(zones), MOST_PAIRS + 1))
    more = found[MOST_PAIRS:]
    del found[MOST_PAIRS:]
    shared: dict[int, list[float]] = {}
    for overlap in found:
        shared.setdefault(overlap.index, []).append(overlap.area)
        shared.setdefault(overlap.other_index, []).append(overlap.area)
    for index, areas in shared.items():
        said = f"{sum(areas):.0f} m² shared with {len(areas)} other features"
        measures = {"area": round(sum(areas), 3), "features": len(areas)}
        findings[index].append(finding("overlap", said, measures))
    note = finding("overlaps-many", f"more than {MOST_PAIRS} overlaps")
    return tuple(found), (note,) if more else ()


def _pairs(zones: Geometries) -> Iterator[Overlap]:
    present = np.flatnonzero(~shapely.is_missing(zones))
    tree = shapely.STRtree(zones[present])
    for position, index in enumerate(present.tolist()):
        others = tree.query(zones[index], predicate="intersects")
        for other in sorted(present[others[others > position]].tolist()):
            area = float(shapely.area(shapely.intersection(zones[index], zones[other])))
            if area > SMALLEST_AREA:
                yield Overlap(index, other, round(area, 3))
