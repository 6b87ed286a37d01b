"""What is told of each feature before anything is stored: squares that a reader counts by hand."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from analytics.uploads import findings
from analytics.uploads.confinement.process import Upload
from analytics.uploads.limits import Limits
from tests import oracle
from tests.uploads.files import SQUARE
from tests.uploads.upload_results import features, finding, found, refusal, refused, upload

X, Y = 4_000_000, 2_500_000


def drawn(tmp_path: Path, *geometries: Any, **options: Any) -> Upload:
    """Geometries of EPSG:3035, as well-known text."""
    return upload(tmp_path, text(*geometries), **options)


def text(*geometries: Any) -> bytes:
    # All decimals: a corner that moves by a millionth may change its side of a centre.
    lines = (shapely.to_wkt(one, rounding_precision=-1, output_dimension=3) for one in geometries)
    return "\n".join(f"SRID=3035;{line}" for line in lines).encode()


def box(x: float, y: float, width: float, height: float) -> Any:
    return shapely.box(X + x, Y + y, X + x + width, Y + y + height)


def test_holes_are_kept(tmp_path: Path) -> None:
    ring = shapely.difference(SQUARE, box(100, 100, 200, 200))
    both = shapely.union_all([ring, box(2000, 0, 500, 500) - box(2100, 100, 100, 100)])
    read = drawn(tmp_path, ring, both)
    assert finding(read, 0, "holes-kept").measures == {"holes": 1}
    assert finding(read, 1, "holes-kept").measures == {"holes": 2}
    assert [zone.area for zone in features(read)] == [960_000, 1_200_000]
    assert [zone.cells for zone in features(read)] == [9_600, 12_000]
    assert shapely.area(read.zones).tolist() == [960_000, 1_200_000]


def test_slivers_are_told(tmp_path: Path) -> None:
    thin = shapely.union_all([box(0, 0, 1000, 1000), box(0, 2000, 1000, 2)])
    read = drawn(tmp_path, thin, box(0, 3000, 1000, 20))
    assert finding(read, 0, "slivers").measures == {"slivers": 1, "parts": 2}
    assert "slivers" not in found(read, 1)


def test_heights_are_dropped(tmp_path: Path) -> None:
    high = shapely.force_3d(SQUARE, z=12.0)
    read = drawn(tmp_path, high)
    assert found(read, 0) == {"heights-dropped"}
    assert not shapely.has_z(read.zones[0])


def test_few_cells_below_a_hundred(tmp_path: Path) -> None:
    read = drawn(tmp_path, box(0, 0, 100, 100), box(200, 0, 90, 110), box(400, 0, 3, 3))
    assert [zone.cells for zone in features(read)] == [100, 99, 0]
    assert "few-cells" not in found(read, 0)
    assert finding(read, 1, "few-cells").measures == {"cells": 99}
    assert finding(read, 2, "few-cells").measures == {"cells": 0}


def test_a_repair_tells_the_area_before_and_after(tmp_path: Path) -> None:
    # A ring that goes round one square twice, and a hole that lies beside its shell.
    spike = shapely.Polygon([*box(0, 0, 100, 100).exterior.coords[:-1], (X + 500, Y)])
    beside = shapely.Polygon(SQUARE.exterior, [box(3000, 0, 100, 100).exterior.coords])
    flat = shapely.Polygon([(X, Y), (X + 100, Y), (X + 200, Y)])
    read = drawn(tmp_path, spike, beside, flat)
    assert finding(read, 1, "geometry-repaired").measures == {
        "area_before": 990_000,
        "area_after": 1_010_000,
    }
    assert finding(read, 2, "geometry-repaired").severity == "error"
    assert read.zones[2] is None
    assert all(shapely.is_valid(zone) for zone in read.zones if zone is not None)


def test_rings_follow_the_even_odd_rule(tmp_path: Path) -> None:
    on_side = [(X, Y), (X + 1000, Y), (X + 500, Y + 500), (X, Y)]
    inner, other = box(100, 100, 500, 500), box(400, 400, 500, 500)
    read = drawn(
        tmp_path,
        shapely.Polygon(SQUARE.exterior, [on_side]),
        shapely.Polygon(SQUARE.exterior, [inner.exterior, other.exterior]),
        shapely.Polygon([*SQUARE.exterior.coords, *SQUARE.exterior.coords[1:]]),
    )
    assert [zone.cells for zone in features(read)] == [7_500, 10_000 - 5_000 + 2 * 400, 0]
    assert finding(read, 0, "geometry-repaired").measures["area_after"] == 750_000
    assert finding(read, 2, "geometry-repaired").severity == "error"


def test_areas_of_collections_however_deep(tmp_path: Path) -> None:
    nested = shapely.GeometryCollection(
        [shapely.GeometryCollection([shapely.MultiPolygon([box(0, 0, 100, 100)])]),
         box(500, 0, 100, 100)]
    )  # fmt: skip
    overlapping = shapely.GeometryCollection([box(0, 500, 100, 100), box(50, 500, 100, 100)])
    read = drawn(tmp_path, nested, overlapping)
    assert [zone.cells for zone in features(read)] == [200, 150]
    assert finding(read, 1, "geometry-repaired").measures["area_after"] == 15_000


def test_the_area_before_a_repair_is_that_of_all_loops(tmp_path: Path) -> None:
    """Loops that turn in opposite ways do not take away from each other."""
    bow = shapely.Polygon([(X, Y), (X + 100, Y + 100), (X + 100, Y), (X, Y + 100)])
    uneven = shapely.Polygon([(X, Y), (X + 300, Y + 100), (X + 300, Y), (X, Y + 20)])
    two = shapely.MultiPolygon([bow, shapely.transform(bow, lambda p: p + np.array([500.0, 0]))])
    read = drawn(tmp_path, bow, uneven, two)
    for index, area in enumerate((5_000, shapely.area(shapely.make_valid(uneven)), 10_000)):
        measures = finding(read, index, "geometry-repaired").measures
        assert measures["area_before"] == round(area, 3)
        assert measures["area_after"] == round(area, 3)


def test_no_zone_of_nothing(tmp_path: Path) -> None:
    read = drawn(tmp_path, box(0, 0, 0.5, 0.5), box(100, 0, 1, 1))
    assert "no-area" in found(read, 0)
    assert read.zones[0] is None
    assert features(read)[1].area == 1.0


def test_a_zone_partly_and_wholly_outside_the_map(tmp_path: Path) -> None:
    read = drawn(
        tmp_path,
        box(0, 0, 1000, 1000),
        box(500, 5000, 1000, 100),
        box(9000, 0, 100, 100),
        coverage=box(0, 0, 1000, 9000),
    )
    assert "outside-coverage" not in found(read, 0)
    assert finding(read, 1, "outside-coverage").measures == {
        "area_outside": 50_000,
        "share_outside": 0.5,
    }
    assert finding(read, 2, "outside-coverage").severity == "error"
    assert features(read)[2].extent == (X + 9000, Y, X + 9100, Y + 100)


@pytest.mark.parametrize("side", [1.0, 0.9, 0.01, 1e-4])
def test_a_zone_outside_the_map_is_so_however_small(tmp_path: Path, side: float) -> None:
    read = drawn(
        tmp_path,
        box(9000, 0, side, side),
        box(1000, 0, side, side),  # touches the map
        box(1000 - side / 2, 0, side, side),
        box(500, 0, side, side),
        coverage=box(0, 0, 1000, 1000),
    )
    said = [
        {f.code: f.severity.value for f in one.findings}.get("outside-coverage")
        for one in features(read)
    ]
    assert said == ["error", "error", "warning", None]
    assert finding(read, 2, "outside-coverage").measures["share_outside"] == pytest.approx(
        0.5, abs=0.01
    )


def test_areas_beside_points_and_lines(tmp_path: Path) -> None:
    line = shapely.LineString([(X, Y), (X + 10, Y)])
    mixed = shapely.GeometryCollection([SQUARE, line, shapely.GeometryCollection([line])])
    read = drawn(tmp_path, mixed)
    assert finding(read, 0, "parts-dropped").measures == {"parts": 2}
    assert features(read)[0].area == 1e6


def test_overlaps_are_listed_so_far(tmp_path: Path) -> None:
    same = [SQUARE] * 50  # 1 225 pairs
    report = drawn(tmp_path, *same).reading.report
    assert report is not None
    assert len(report.overlaps) == findings.MOST_PAIRS
    assert [one.code for one in report.findings] == ["overlaps-many"]


def test_zones_that_touch_do_not_overlap(tmp_path: Path) -> None:
    read = drawn(tmp_path, box(0, 0, 100, 100), box(100, 0, 100, 100), box(100, 100, 100, 100))
    assert [found(read, index) for index in range(3)] == [set()] * 3


def test_the_area_is_looked_at_before_overlaps_are(tmp_path: Path) -> None:
    """Each zone on each other: overlaps alone would take longer than reading may."""
    around = np.linspace(0, 2 * np.pi, 3_000)
    wave = 50_000 + 500 * np.sin(around * 500)
    star = np.column_stack((X + wave * np.cos(around), Y + wave * np.sin(around)))
    stars = (shapely.Polygon(star + np.array([7.3 * n, 3.1 * n])) for n in range(60))
    error = refusal(tmp_path, text(*stars), limits=Limits(cpu_seconds=20))
    assert error.code == "too-large-area"
    assert "expected at most 100000 km²" in str(error)


def test_the_total_area_is_that_of_all_zones(tmp_path: Path) -> None:
    content = text(box(0, 0, 1000, 1000), box(2000, 0, 1000, 1000))
    assert refused(tmp_path, content, limits=Limits(area_km2=1.9)) == "too-large-area"
    assert len(upload(tmp_path, content, limits=Limits(area_km2=2.0)).zones) == 2


def test_a_comb_of_long_teeth_is_refused(tmp_path: Path) -> None:
    """Few corners and little area, and an outline that takes long to count."""
    teeth = [shapely.box(X + 3 * n, Y, X + 3 * n + 1, Y + 900_000) for n in range(400)]
    comb = shapely.MultiPolygon(teeth)
    error = refusal(tmp_path, text(comb), limits=Limits(outline_km=500_000))
    assert (error.code, error.found) == ("too-long-outlines", "outlines of 720001 km together")


def test_cells_are_those_of_the_oracle(tmp_path: Path) -> None:
    """Zones with corners on centres, borders through them, and holes: cell by cell."""
    chance = np.random.default_rng(7)
    zones = [_zone(chance) for _ in range(12)]
    read = drawn(tmp_path, *zones)
    expected = [int(oracle.mask(zone, shape=(24, 24), x0=X, y0=Y + 240).sum()) for zone in zones]
    assert [one.cells for one in features(read)] == expected
    assert len(set(expected)) > 8


def _zone(chance: np.random.Generator) -> Any:
    """A star of corners at multiples of 5 m: half of these are centres of cells, or between two."""
    turns = np.sort(chance.uniform(0, 2 * np.pi, 9))
    reach = chance.uniform(60, 115, 9)
    corners = np.round((120 + np.column_stack((np.cos(turns), np.sin(turns))) * reach[:, None]) / 5)
    star = shapely.make_valid(shapely.Polygon(corners * 5 + np.array([X, Y])))
    hole = shapely.box(X + 105, Y + 105, X + 135, Y + 125)
    areas = shapely.get_parts(shapely.difference(star, hole))
    return shapely.MultiPolygon([part for part in areas if part.geom_type == "Polygon"])


def test_two_zones_that_share_a_border_share_no_cell(tmp_path: Path) -> None:
    """A square cut by lines through centres: each cell is counted once."""
    cuts = [0.0, 115.0, 340.0, 345.0, 705.0, 1000.0]
    strips = [box(a, 0, b - a, 1000) for a, b in pairwise(cuts)]
    slanted = shapely.Polygon([(X, Y), (X + 1000, Y), (X, Y + 1000)])
    other = shapely.Polygon([(X + 1000, Y), (X + 1000, Y + 1000), (X, Y + 1000)])
    read = drawn(tmp_path, *strips, slanted, other)
    cells = [zone.cells for zone in features(read)]
    assert sum(cells[:5]) == 10_000
    assert sum(cells[5:]) == 10_000
