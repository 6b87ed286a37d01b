"""An area of one's own from tiles and border cells equals the count of every cell."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import shapely
from django.conf import settings
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from analytics.counting.scanline import edges_of, spans_of
from analytics.custom_zones import batch, count_zone
from analytics.grid import window_of_bounds
from analytics.nomenclature import CODES, OBSERVED_CODES, SEA_BUFFER
from analytics.rasters.store import open_store
from clcplus.actions.editions import registration
from clcplus.database import read_side
from clcplus.models import Edition
from tests import oracle
from tests.rasters import write_raster
from tests.runs import drain

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("store", "quiet_broker"),
]

# 7.3 × 6.1 km round the corner of four 100 km tiles; neither starts nor ends at a whole kilometre.
HEIGHT, WIDTH = 610, 730
WEST, NORTH = 3_796_210, 2_303_340


def in_zone(geometry: shapely.Geometry) -> np.ndarray:
    """The cells of an area by the full scanline, which test_scanline holds to the naive oracle."""
    window = window_of_bounds(WEST, NORTH - HEIGHT * 10, WEST + WIDTH * 10, NORTH)
    spans = spans_of(edges_of([geometry]), window)
    inside = np.zeros((HEIGHT, WIDTH), dtype=bool)
    for row, start, stop in zip(spans.row, spans.start, spans.stop, strict=True):
        inside[row - window.row, start - window.column : stop - window.column] = True
    return inside


@pytest.fixture(params=[batch.SMALL, 0], ids=["read-whole", "by-tiles"], autouse=True)
def read_whole(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Areas whose cells are all read, and the same ones by the tiles inside and the border."""
    monkeypatch.setattr(batch, "SMALL", request.param)


@pytest.fixture
def editions(tmp_path: Path, store: Path) -> dict[int, np.ndarray]:
    random = np.random.default_rng(8)
    codes = {}
    before = random.choice(np.array(OBSERVED_CODES, dtype=np.uint8), (HEIGHT, WIDTH))
    for year in (2021, 2023):
        changed = random.random((HEIGHT, WIDTH)) < 0.2
        before = np.where(changed, random.choice(CODES, (HEIGHT, WIDTH)), before).astype(np.uint8)
        codes[year] = before
        path = write_raster(tmp_path / f"{year}.tif", before, west=WEST, north=NORTH)
        sources = registration.check_sources(paths=[path], product="clcplus", year=year)
        run = drain(
            registration.register_edition(
                sources=sources, product="clcplus", year=year, publish=True, everything=True
            )
        )
        assert run.state == "succeeded", run.message
    return codes


def counted(geometry: shapely.Geometry) -> tuple[dict, dict, dict, int]:
    ids = dict(Edition.objects.values_list("year", "pk"))
    with read_side.snapshot() as connection:
        found = count_zone(
            connection,
            geometry,
            store=open_store(settings.RASTER_STORE),
            edition_ids=[ids[2021], ids[2023]],
            pairs=[(ids[2021], ids[2023])],
            lines=[[ids[2021], ids[2023]]],
        )
    by_class = {
        year: {c: n for c, n in zip(CODES, found.cells[ids[year]].tolist(), strict=True) if n}
        for year in (2021, 2023)
    }
    matrix = found.matrices[ids[2021], ids[2023]]
    pairs = {
        (OBSERVED_CODES[i], OBSERVED_CODES[j]): int(matrix[i, j])
        for i, j in zip(*np.nonzero(matrix), strict=True)
    }
    years = {number: year for year, number in ids.items()}
    patterns = {
        tuple(years[abs(n)] * (1 if n > 0 else -1) for n in pattern): cells
        for pattern, cells in found.patterns.items()
    }
    return by_class, pairs, patterns, found.total


def by_pattern(editions: dict[int, np.ndarray], inside: np.ndarray) -> dict[tuple[int, ...], int]:
    """Cells by the years in which they are sealed, and with a minus observed and not sealed."""
    found: Counter[tuple[int, ...]] = Counter()
    cells = Counter(zip(*(of_year[inside].tolist() for of_year in editions.values()), strict=True))
    for codes, number in cells.items():
        seen = zip(editions, codes, strict=True)
        pattern = tuple(year if code == 1 else -year for year, code in seen if code <= 11)
        if pattern:
            found[pattern] += number
    return dict(found)


def check(geometry: shapely.Geometry, editions: dict[int, np.ndarray]) -> None:
    by_class, pairs, patterns, total = counted(geometry)
    inside = in_zone(geometry)
    outside = total - int(inside.sum())
    assert outside >= 0
    for year, codes in editions.items():
        expected = oracle.class_counts(codes, inside)
        if outside:
            expected[255] = expected.get(255, 0) + outside
        assert by_class[year] == expected
    assert pairs == oracle.pair_counts(editions[2021], editions[2023], inside)
    assert patterns == by_pattern(editions, inside)


def test_areas_of_many_shapes(editions: dict[int, np.ndarray]) -> None:
    corner = shapely.Point(3_800_000.3, 2_300_000.7)
    disc = corner.buffer(2500)
    shapes = [
        disc,
        disc.difference(corner.buffer(1100)),
        shapely.MultiPolygon(
            [corner.buffer(900), shapely.box(WEST + 3, NORTH - 2203.3, WEST + 2004, NORTH)]
        ),
        shapely.box(WEST - 4001, NORTH - 9003, WEST + 12_007, NORTH + 3001),
        shapely.box(WEST + 13.1, NORTH - 28.2, WEST + 31.4, NORTH - 11.3),
    ]
    for shape in shapes:
        check(shape, editions)
    assert counted(shapely.box(5_000_000, 3_000_000, 5_002_000, 3_002_000))[0][2021] == {
        255: 40_000
    }
    assert SEA_BUFFER in counted(disc)[0][2023]


@pytest.mark.slow
def test_any_area(editions: dict[int, np.ndarray]) -> None:
    position = st.tuples(st.floats(WEST - 1500, WEST + 9000), st.floats(NORTH - 8000, NORTH + 1500))

    @examples(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(position, min_size=3, max_size=9))
    def holds(points: list[tuple[float, float]]) -> None:
        shape = shapely.make_valid(shapely.Polygon(points))
        parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon" and p.area > 0]
        if parts:
            check(shapely.MultiPolygon(parts), editions)

    holds()
