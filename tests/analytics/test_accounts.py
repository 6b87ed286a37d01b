"""Accounts of sealed stock balance, raw and filtered, on the cells that both editions observed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from analytics.change.accounts import Account, filtered_account, raw_account
from analytics.counting.passes import count_cells
from analytics.counting.scanline import edges_of
from analytics.nomenclature import OBSERVED_CODES
from analytics.patches.accepted_change import accept_change
from analytics.patches.filters import ChangeFilter
from analytics.patches.zone_change import ZoneChange
from analytics.rasters.grids import open_grid
from tests.rasters import NORTH, WEST, write_raster

SIDE = 60


def codes(seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    coarse = random.choice(np.array([1, 1, 2, 6, 11]), (SIDE // 4, SIDE // 4))
    found = coarse.repeat(4, 0).repeat(4, 1)
    found[random.random(found.shape) < 0.05] = 254
    return found


def test_the_stock_of_zones_balances_raw_and_filtered(tmp_path: Path) -> None:
    earlier, later = codes(1), codes(2)
    grids = [
        open_grid(write_raster(tmp_path / f"{n}.tif", cells))
        for n, cells in enumerate((earlier, later))
    ]
    south, middle = NORTH - 10 * SIDE, WEST + 10 * SIDE / 2 + 3
    halves = [
        shapely.box(WEST, south, middle, NORTH),
        shapely.box(middle, south, WEST + 900, NORTH),
    ]
    edges = edges_of(halves, x_origin=WEST, y_origin=NORTH)
    counted = count_cells(edges, grids, missing=frozenset({254}))
    transitions = np.zeros((2, 11, 11), dtype=np.int64)
    rows, columns = ([OBSERVED_CODES.index(code) for code in axis] for axis in counted.codes)
    transitions[np.ix_([0, 1], rows, columns)] = counted.cells[:, :-1, :-1]

    change = ZoneChange(edges, width=SIDE)
    accept_change(*grids, ChangeFilter(mmu_ha=0.3, min_width_m=40), change)
    raw = raw_account(transitions)
    np.testing.assert_array_equal(change.raw, np.column_stack((raw.gain, raw.loss)))
    filtered = filtered_account(raw, accepted=change.accepted)
    assert (change.accepted > 0).all()
    assert (change.accepted < change.raw).all()

    seen = (earlier < 12) & (later < 12)
    assert raw.before.sum() == (earlier[seen] == 1).sum()
    assert raw.after.sum() == (later[seen] == 1).sum()
    np.testing.assert_array_equal(raw.before + raw.gain - raw.loss, raw.after)
    np.testing.assert_array_equal(
        filtered.before + change.accepted[:, 0] - change.accepted[:, 1], filtered.after
    )


def test_an_account_that_does_not_balance_is_refused() -> None:
    one = np.array([1])
    with pytest.raises(ValueError, match="is not after"):
        Account(before=one, gain=one, loss=one, after=one + 1)
    with pytest.raises(ValueError, match="below 0"):
        Account(before=-one, gain=one, loss=0 * one, after=0 * one)


def test_a_filter_cannot_accept_more_than_has_changed() -> None:
    transitions = np.zeros((1, 11, 11), dtype=np.int64)
    transitions[0, 0, 0], transitions[0, 4, 0], transitions[0, 0, 5] = 7, 3, 2
    raw = raw_account(transitions)
    assert [a.tolist() for a in (raw.before, raw.gain, raw.loss, raw.after)] == [
        [9],
        [3],
        [2],
        [10],
    ]
    assert filtered_account(raw, accepted=np.array([[3, 0]])).after.tolist() == [12]
    with pytest.raises(ValueError, match="more cells"):
        filtered_account(raw, accepted=np.array([[4, 0]]))
    with pytest.raises(ValueError, match="more cells"):
        filtered_account(raw, accepted=np.array([[0, 3]]))
