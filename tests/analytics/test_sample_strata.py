"""Strata of cells, their counts and the draw, against hand-checked grids and a naive oracle."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.counting.scanline import edges_of
from analytics.errors import InvalidCodes, SampleError, WrongGrid
from analytics.rasters.grids import open_grid
from analytics.sampling import draws, row_blocks, strata
from analytics.sampling.row_blocks import Area
from analytics.sampling.samples import Sample
from tests import oracle
from tests.rasters import NORTH, WEST, write_raster

NAMES = ("stable_sealed", "gain", "loss", "buffer", "stable_unsealed")
CODES = np.array([1, 1, 2, 6, 10, 11, 253, 254, 255], dtype=np.uint8)

Codes = npt.NDArray[np.uint8]


def naive_strata(earlier: Codes, later: Codes, *, reach: int) -> npt.NDArray[np.object_]:
    """The name of each cell's stratum, a cell and its square of neighbours at a time."""
    found = np.full(earlier.shape, "", dtype=object)
    for row, column in np.ndindex(*earlier.shape):
        first, second = int(earlier[row, column]), int(later[row, column])
        if first > 11 or second > 11:
            continue
        square = (
            slice(max(row - reach, 0), row + reach + 1),
            slice(max(column - reach, 0), column + reach + 1),
        )
        near = (earlier[square] == 1).any() or (later[square] == 1).any()
        found[row, column] = {
            (True, True): "stable_sealed",
            (False, True): "gain",
            (True, False): "loss",
            (False, False): "buffer" if near and reach else "stable_unsealed",
        }[first == 1, second == 1]
    return found


def area_of(folder: Path, *editions: Any, zones: Any = None, **profile: Any) -> Area:
    grids = [
        open_grid(write_raster(folder / f"{n}.tif", cells, **profile))
        for n, cells in enumerate(editions)
    ]
    edges = None if zones is None else edges_of(zones, x_origin=WEST, y_origin=NORTH)
    return Area(grids, edges)


def scheme(editions: int = 2, buffer: float = 30) -> strata.Scheme:
    return strata.scheme_of(editions, buffer=buffer, cell_width=10, cell_height=10)


def sizes(area: Area, used: strata.Scheme) -> dict[str, int]:
    return {stratum.name: stratum.cells for stratum in draws.sizes_of(area, used)}


def everything(area: Area, used: strata.Scheme, seed: int = 1) -> Sample:
    """A sample of every cell of every stratum."""
    cells = area.grids[0].height * area.grids[0].width
    return draws.stratified(
        area, used, most=[cells] * len(used.names), allocate=lambda found: found, seed=seed
    )


def drawn(
    area: Area, used: strata.Scheme, *, most: int, seed: int, jobs: int | None = None
) -> Sample:
    return draws.stratified(
        area,
        used,
        most=[most] * len(used.names),
        allocate=lambda found: [min(most, size) for size in found],
        seed=seed,
        work=draws.Work(jobs=jobs),
    )


def by_cell(sample: Sample) -> dict[tuple[int, int], str]:
    names = [stratum.name for stratum in sample.strata]
    places = zip(sample.row.tolist(), sample.column.tolist(), strict=True)
    return dict(zip(places, (names[n] for n in sample.stratum.tolist()), strict=True))


def test_each_stratum_by_hand(tmp_path: Path) -> None:
    area = area_of(
        tmp_path,
        [[1, 2, 1], [2, 2, 2], [255, 2, 2]],
        [[1, 1, 2], [2, 254, 2], [2, 2, 2]],
    )
    assert by_cell(everything(area, scheme(buffer=10))) == {
        (0, 0): "stable_sealed",
        (0, 1): "gain",
        (0, 2): "loss",
        (1, 0): "buffer",
        (1, 2): "buffer",
        (2, 1): "stable_unsealed",
        (2, 2): "stable_unsealed",
    }


def test_the_buffer_is_a_square_of_three_cells_each_way(tmp_path: Path) -> None:
    earlier = np.full((9, 11), 6, dtype=np.uint8)
    later = earlier.copy()
    later[4, 5] = 1
    found = by_cell(everything(area_of(tmp_path, earlier, later), scheme()))
    buffer = {cell for cell, name in found.items() if name == "buffer"}
    square = {(row, column) for row in range(1, 8) for column in range(2, 9)}
    assert buffer == square - {(4, 5)}
    assert found[4, 5] == "gain"


def test_a_sealed_cell_that_the_other_edition_missed_has_a_buffer(tmp_path: Path) -> None:
    area = area_of(tmp_path, [[1, 2, 2, 2, 2]], [[255, 2, 2, 2, 2]])
    assert sizes(area, scheme()) == {
        "stable_sealed": 0, "gain": 0, "loss": 0, "buffer": 3, "stable_unsealed": 1,
    }  # fmt: skip


def test_one_edition_has_three_strata(tmp_path: Path) -> None:
    area = area_of(tmp_path, [[1, 2, 2, 2, 2, 2, 254]])
    assert sizes(area, scheme(1, 20)) == {"sealed": 1, "buffer": 2, "unsealed": 3}
    assert sizes(area, scheme(1, 0)) == {"sealed": 1, "unsealed": 5}
    assert sizes(area, strata.OBSERVED) == {"observed": 6}


def test_declared_nodata_and_masks_are_in_no_stratum(tmp_path: Path) -> None:
    area = area_of(tmp_path, [[1, 0, 2, 7]], [[1, 2, 0, 7]], nodata=0)
    assert sizes(area, strata.OBSERVED) == {"observed": 2}
    wide = area_of(tmp_path / "wide", [[1, 0, 2, 7]], nodata=0, dtype="int16")
    assert sizes(wide, scheme(1, 0)) == {"sealed": 1, "unsealed": 2}


@pytest.mark.parametrize("code", [0, 12, 100, 252])
def test_codes_of_no_class_are_refused(tmp_path: Path, code: int) -> None:
    with pytest.raises(InvalidCodes, match=f"code {code};"):
        sizes(area_of(tmp_path, [[1, 2]], [[1, code]]), scheme())


@pytest.mark.parametrize("buffer", [-1, 4, 1011, 1e308, float("nan"), float("inf")])
def test_a_buffer_too_narrow_or_too_wide_is_refused(buffer: float) -> None:
    with pytest.raises(SampleError, match="buffer"):
        scheme(buffer=buffer)


def test_different_grids_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongGrid):
        sizes(area_of(tmp_path, [[1, 2]], [[1, 2, 3]]), scheme())


def test_zones_limit_the_strata_by_the_centre_rule(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    earlier, later = random.choice(CODES, (2, 40, 30))
    zone = shapely.Polygon(
        [(WEST + 33, NORTH - 41), (WEST + 260, NORTH - 100), (WEST + 120, NORTH - 390)]
    )
    area = area_of(tmp_path, earlier, later, zones=[zone, zone.buffer(-30)])
    inside = oracle.mask(zone, shape=(40, 30), x0=WEST, y0=NORTH)
    expected = naive_strata(earlier, later, reach=3)
    found = by_cell(everything(area, scheme()))
    assert inside.any()
    assert found == {
        cell: expected[cell] for cell in np.ndindex(40, 30) if inside[cell] and expected[cell]
    }


def test_zones_outside_are_refused(tmp_path: Path) -> None:
    area = area_of(tmp_path, [[1, 2]], zones=[shapely.box(0, 0, 10, 10)])
    with pytest.raises(SampleError, match="zones"):
        sizes(area, scheme(1))


@st.composite
def cases(draw: st.DrawFn) -> tuple[int, int, int, int, int, float]:
    rows, columns = draw(st.integers(1, 40)), draw(st.integers(1, 30))
    strip, reach = draw(st.integers(1, 20)), draw(st.integers(0, 5))
    share = draw(st.sampled_from([0.02, 0.3]))
    return rows, columns, strip, reach, draw(st.integers(0, 2**32)), share


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=cases())
def test_strata_counts_and_ranks_against_the_oracle(
    case: tuple[int, int, int, int, int, float],
) -> None:
    rows, columns, strip, reach, seed, share = case
    random = np.random.default_rng(seed)
    earlier, later = (
        np.where(
            random.random((rows, columns)) < share,
            np.uint8(1),
            random.choice(CODES[2:], (rows, columns)),
        )
        for _ in range(2)
    )
    expected = naive_strata(earlier, later, reach=reach)
    used = scheme(buffer=10 * reach)
    if not (expected != "").any():
        return
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        area = area_of(Path(folder), earlier, later, blockysize=1)
        patch.setattr(row_blocks, "LEAST_ROWS", 1)
        patch.setattr(row_blocks, "STRIP_CELLS", strip * columns)
        whole = everything(area, used, seed=seed)
        some = drawn(area, used, most=7, seed=seed)
        patch.undo()
        again = drawn(area, used, most=7, seed=seed)
    names = Counter(name for name in expected.ravel().tolist() if name)
    assert {s.name: s.cells for s in whole.strata} == {name: names[name] for name in used.names}
    assert by_cell(whole) == {
        cell: expected[cell] for cell in np.ndindex(rows, columns) if expected[cell]
    }
    assert (whole.earlier == earlier[whole.row, whole.column]).all()
    assert (whole.later == later[whole.row, whole.column]).all()
    assert (whole.probability == 1).all()
    # The same seed draws the same points from strips of any size, in the same order.
    assert some.row.tolist() == again.row.tolist()
    assert some.column.tolist() == again.column.tolist()
    assert len(by_cell(some)) == len(some)
    assert set(by_cell(some).items()) <= set(by_cell(whole).items())
