"""Cells of zones by stratum, against a naive oracle."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from analytics.sampling import row_blocks
from analytics.sampling.strata import OBSERVED, Scheme
from analytics.sampling.zone_strata import count_zones
from tests import oracle
from tests.analytics.test_sample_strata import NAMES, area_of, naive_strata, scheme
from tests.rasters import NORTH, WEST

RANDOM = np.random.default_rng(7)
EARLIER, LATER = RANDOM.choice(np.array([1, 1, 2, 6, 255], dtype=np.uint8), (2, 40, 30))
ZONES = np.array(
    [
        shapely.box(WEST, NORTH - 400, WEST + 300, NORTH),
        shapely.Polygon([(WEST + 13, NORTH - 7), (WEST + 250, NORTH - 120), (WEST, NORTH - 390)]),
        shapely.MultiPolygon(
            [
                shapely.box(WEST - 100, NORTH - 100, WEST + 20, NORTH + 50),
                shapely.box(WEST + 200, NORTH - 900, WEST + 900, NORTH - 350),
            ]
        ),
        shapely.box(WEST + 5_000, NORTH, WEST + 6_000, NORTH + 1_000),
    ],
    dtype=object,
)


@pytest.mark.parametrize("reach", [1, 3])
def test_cells_of_zones_by_stratum(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reach: int
) -> None:
    monkeypatch.setattr(row_blocks, "LEAST_ROWS", 1)
    monkeypatch.setattr(row_blocks, "STRIP_CELLS", 4 * 30)
    area = area_of(tmp_path, EARLIER, LATER)
    found = count_zones(area.grids, scheme(buffer=10 * reach), ZONES)
    expected = naive_strata(EARLIER, LATER, reach=reach)
    for zone, counts in zip(ZONES, found, strict=True):
        inside = oracle.mask(zone, shape=expected.shape, x0=WEST, y0=NORTH)
        assert counts.tolist() == [np.count_nonzero(expected[inside] == name) for name in NAMES]
    assert found[0].sum() > found[1].sum() > 0 == found[3].sum()


def test_a_hand_checked_grid(tmp_path: Path) -> None:
    """Sealed in the middle, a missing corner; one zone is the upper row."""
    cells = np.array([[255, 6, 6], [6, 1, 6], [6, 6, 6]], dtype=np.uint8)
    area = area_of(tmp_path, cells)
    upper = np.array([shapely.box(WEST, NORTH - 10, WEST + 30, NORTH)], dtype=object)
    one = Scheme(("sealed", "buffer", "unsealed"), (1, 4, 5), (1, 1))
    assert count_zones(area.grids, one, upper).tolist() == [[0, 2, 0]]
    assert count_zones(area.grids, OBSERVED, upper).tolist() == [[2]]


def test_no_zone_and_zones_beside_the_raster(tmp_path: Path) -> None:
    area = area_of(tmp_path, EARLIER)
    none = np.array([], dtype=object)
    assert count_zones(area.grids, OBSERVED, none).shape == (0, 1)
    assert count_zones(area.grids, OBSERVED, ZONES[3:]).tolist() == [[0]]
