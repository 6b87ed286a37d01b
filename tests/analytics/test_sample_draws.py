"""Draws: every cell has its chance, the same seed draws the same points, beginnings are samples."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import shapely
from scipy import stats

from analytics.errors import SampleError
from analytics.sampling import draws, row_blocks, strata
from analytics.sampling.samples import Sample, mixed_order
from tests.analytics.test_sample_strata import area_of, by_cell, drawn, naive_strata, scheme
from tests.rasters import NORTH, WEST

RANDOM = np.random.default_rng(5)
EARLIER, LATER = RANDOM.choice(np.array([1, 2, 6, 255], dtype=np.uint8), (2, 12, 1300))
"""Wide enough for several segments of a row."""


def cells(sample: Sample) -> list[tuple[int, int]]:
    return list(zip(sample.row.tolist(), sample.column.tolist(), strict=True))


def test_points_lie_in_their_strata_and_carry_their_codes(tmp_path: Path) -> None:
    area = area_of(tmp_path, EARLIER, LATER)
    sample = drawn(area, scheme(buffer=10), most=300, seed=8)
    expected = naive_strata(EARLIER, LATER, reach=1)
    assert all(expected[cell] == name for cell, name in by_cell(sample).items())
    assert (sample.earlier == EARLIER[sample.row, sample.column]).all()
    assert (sample.later == LATER[sample.row, sample.column]).all()
    for number, stratum in enumerate(sample.strata):
        assert stratum.cells == np.count_nonzero(expected == stratum.name)
        assert stratum.area == 100 * stratum.cells
        assert (
            stratum.points == np.count_nonzero(sample.stratum == number) == min(300, stratum.cells)
        )
        chances = sample.probability[sample.stratum == number]
        assert set(chances.tolist()) <= {stratum.points / max(stratum.cells, 1)}


def test_a_draw_depends_on_the_seed_and_not_on_strips_or_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    area = area_of(tmp_path, EARLIER, LATER, blockysize=1)
    whole = drawn(area, scheme(buffer=10), most=40, seed=8)
    monkeypatch.setattr(row_blocks, "LEAST_ROWS", 1)
    monkeypatch.setattr(row_blocks, "STRIP_CELLS", 3 * 1300)
    for jobs in (1, 4):
        again = draws.stratified(
            area,
            scheme(buffer=10),
            most=[1000] * 5,
            allocate=lambda sizes: [min(40, size) for size in sizes],
            seed=8,
            work=draws.Work(jobs=jobs),
        )
        assert cells(again) == cells(whole)
    other = drawn(area, scheme(buffer=10), most=40, seed=9)
    assert len(set(cells(other)) & set(cells(whole))) < 60


def test_the_points_of_a_seed_stay_the_same(tmp_path: Path) -> None:
    """Samples are quoted by their seed: if these points change, so do all samples."""
    codes = np.where(np.indices((6, 40)).sum(axis=0) % 3 == 0, 1, 6).astype(np.uint8)
    sample = drawn(area_of(tmp_path, codes, codes), scheme(), most=3, seed=2024)
    assert cells(sample) == [(5, 22), (4, 3), (3, 24), (5, 38), (2, 11), (1, 2)]


def test_seeds_of_any_size_are_taken(tmp_path: Path) -> None:
    area = area_of(tmp_path, EARLIER, LATER)
    assert cells(drawn(area, scheme(), most=5, seed=2**200))
    with pytest.raises(SampleError, match="seed"):
        drawn(area, scheme(), most=5, seed=-1)


def test_every_cell_has_the_same_chance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """χ² of how often each cell of a stratum is drawn, and of pairs of neighbours, over seeds."""
    monkeypatch.setattr(row_blocks, "LEAST_ROWS", 1)
    monkeypatch.setattr(row_blocks, "STRIP_CELLS", 7)
    earlier = np.full((6, 10), 6, dtype=np.uint8)
    earlier[2, :5] = 1
    area = area_of(tmp_path, earlier, earlier, blockysize=1)
    rounds, times, together = 600, Counter[tuple[int, int]](), 0
    for seed in range(rounds):
        # Each thread opens the rasters, which takes longer than the draw.
        found = set(cells(drawn(area, scheme(buffer=0), most=11, seed=seed, jobs=1)))
        times.update(found - {(2, column) for column in range(5)})
        together += {(0, 0), (0, 1)} <= found
    assert len(times) == 55
    # Draws without replacement vary less than independent ones, by the factor of the population.
    statistic = sum((n - rounds / 5) ** 2 for n in times.values()) / (rounds / 5 * (1 - 11 / 55))
    assert 0.001 < stats.chi2.cdf(statistic * 54 / 55, 54) < 0.999
    chance = 11 / 55 * 10 / 54
    assert abs(together - rounds * chance) < 4 * (rounds * chance) ** 0.5


def test_a_beginning_is_a_sample_with_the_same_proportions() -> None:
    stratum = np.repeat([0, 1, 2], [10, 100, 890])
    order = mixed_order(stratum, seed=4)
    for start in (100, 300, 700):
        counts = np.bincount(stratum[order[:start]], minlength=3)
        assert np.abs(counts - start * np.array([0.01, 0.1, 0.89])).max() <= 2
    for number in range(3):
        # Within a stratum the random order of the keys stays.
        assert (np.diff(order[stratum[order] == number]) > 0).all()


def test_a_systematic_sample_is_a_grid_where_observed(tmp_path: Path) -> None:
    area = area_of(tmp_path, EARLIER, LATER)
    sample = draws.systematic(area, step=5, seed=3)
    start = sample.row.min() % 5, sample.column.min() % 5
    expected = {
        (row, column)
        for row in range(int(start[0]), 12, 5)
        for column in range(int(start[1]), 1300, 5)
        if EARLIER[row, column] < 12 and LATER[row, column] < 12
    }
    assert set(cells(sample)) == expected
    assert set(sample.probability.tolist()) == {1 / 25}
    starts = {
        (int(s.row.min() % 5), int(s.column.min() % 5))
        for s in (draws.systematic(area, step=5, seed=seed) for seed in range(40))
    }
    assert len(starts) > 15


def test_a_systematic_sample_does_not_depend_on_strips(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone = shapely.box(WEST + 105, NORTH - 115, WEST + 9005, NORTH - 12)
    area = area_of(tmp_path, EARLIER, LATER, blockysize=1, zones=[zone])
    whole = draws.systematic(area, step=3, seed=3)
    monkeypatch.setattr(row_blocks, "LEAST_ROWS", 1)
    monkeypatch.setattr(row_blocks, "STRIP_CELLS", 2 * 900)
    assert cells(draws.systematic(area, step=3, seed=3)) == cells(whole)
    assert whole.column.min() >= 10
    assert whole.column.max() < 901


def test_two_stages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zone = shapely.box(WEST + 55, NORTH - 120, WEST + 12_905, NORTH - 12)
    area = area_of(tmp_path, EARLIER, LATER, blockysize=1, zones=[zone])
    sample = draws.two_stage(area, side=7, units=60, points=9, seed=6)
    inside = np.zeros(EARLIER.shape, dtype=bool)
    inside[1:12, 5:1290] = True  # centres of columns 5 and 1290 lie on a border
    inside &= (EARLIER < 12) & (LATER < 12)
    columns = -(-1300 // 7)
    row, column = np.nonzero(inside)
    unit_sizes = Counter((row // 7 * columns + column // 7 + 1).tolist())
    assert set(Counter(sample.unit.tolist())) <= set(unit_sizes)
    assert len(set(sample.unit.tolist())) == 60
    for unit, taken in Counter(sample.unit.tolist()).items():
        assert taken == min(9, unit_sizes[unit])
        chances = sample.probability[sample.unit == unit]
        assert np.allclose(chances, 60 / len(unit_sizes) * taken / unit_sizes[unit], rtol=1e-12)
    assert all(inside[cell] for cell in cells(sample))
    assert len(set(cells(sample))) == len(sample)
    monkeypatch.setattr(row_blocks, "LEAST_ROWS", 1)
    monkeypatch.setattr(row_blocks, "STRIP_CELLS", 4 * 1300)
    again = draws.two_stage(area, side=7, units=60, points=9, seed=6, work=draws.Work(jobs=3))
    assert cells(again) == cells(sample)


def test_more_than_there_is_is_refused(tmp_path: Path) -> None:
    area = area_of(tmp_path, [[1, 2, 2, 255]])
    with pytest.raises(SampleError, match="2 primary units"):
        draws.two_stage(area, side=4, units=2, points=1, seed=0)
    with pytest.raises(SampleError, match="1000001 points"):
        draws.stratified(
            area, strata.OBSERVED, most=[1_000_001], allocate=lambda sizes: sizes, seed=0
        )
    with pytest.raises(SampleError, match="4 points"):
        draws.step_for(4, 3)
    nothing = area_of(tmp_path / "none", [[255, 253]])
    for draw in (
        lambda: draws.systematic(nothing, step=2, seed=0),
        lambda: draws.two_stage(nothing, side=2, units=1, points=1, seed=0),
        lambda: drawn(nothing, scheme(1), most=1, seed=0),
    ):
        with pytest.raises(SampleError, match="no observed cell"):
            draw()
