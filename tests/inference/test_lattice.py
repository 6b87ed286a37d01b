"""Windows lie on a lattice of the whole grid, and their weights add up to one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.grid import Window
from inference.prediction.blend import weights
from inference.prediction.lattice import Lattice

SIDES = st.sampled_from([8, 9, 10, 12, 16, 31, 64, 250, 512])
STARTS = st.integers(0, 3000)
LENGTHS = st.integers(1, 200)
WIDTHS = st.integers(20, 300)
FEW = settings(max_examples=40, deadline=None)


@pytest.mark.parametrize(("side", "stride"), [(512, 384), (256, 192), (250, 184), (16, 12), (8, 4)])
def test_windows_overlap_by_a_quarter_or_more_and_start_at_multiples_of_four(
    side: int, stride: int
) -> None:
    assert Lattice.of(side) == Lattice(side, stride)
    assert stride <= side * 3 / 4
    assert stride % 4 == 0


@FEW
@given(SIDES)
def test_weights_of_all_windows_that_hold_a_cell_add_up_to_one(side: int) -> None:
    lattice, along = Lattice.of(side), weights(Lattice.of(side))
    sums = np.zeros(side * 6)
    for start in range(0, side * 5, lattice.stride):
        sums[start : start + side] += along
    inner = sums[side : side * 4]
    np.testing.assert_allclose(inner, 1, atol=1e-12)


@pytest.mark.parametrize("side", [16, 512])
def test_weights_fall_towards_the_border_and_are_never_zero(side: int) -> None:
    along = weights(Lattice.of(side))
    overlap = side - Lattice.of(side).stride
    assert along.min() > 0
    assert (np.diff(along[:overlap]) > 0).all()
    assert (np.diff(along[-overlap:]) < 0).all()
    np.testing.assert_allclose(along, along[::-1], atol=1e-12)
    # The middle, which no other window holds, counts in full.
    np.testing.assert_allclose(along[overlap : side - overlap], 1)


@FEW
@given(SIDES, STARTS, STARTS, LENGTHS, LENGTHS, WIDTHS)
def test_strips_and_their_bands_are_each_cell_once(
    side: int, row: int, column: int, height: int, width: int, cells: int
) -> None:
    whole = Window(row, column, height, width)
    found = np.zeros(whole.shape, dtype=np.int64)
    for strip in Lattice.of(side).strips(whole, cells=cells):
        assert strip.window.width <= max(cells, strip.lattice.stride)
        for number in strip.bands:
            band = strip.band(number)
            found[
                band.row - row : band.row_stop - row,
                band.column - column : band.column_stop - column,
            ] += 1
    assert (found == 1).all()


@FEW
@given(SIDES, STARTS, STARTS, LENGTHS, LENGTHS, WIDTHS)
def test_a_strip_sees_all_windows_of_the_lattice_that_hold_a_cell_of_it_and_no_others(
    side: int, row: int, column: int, height: int, width: int, cells: int
) -> None:
    lattice = Lattice.of(side)
    for strip in lattice.strips(Window(row, column, height, width), cells=cells):
        part = strip.window
        seen = {
            (number * lattice.stride, start)
            for number in strip.rows(strip.bands[0])
            for start in strip.columns
        }
        first_row, first_column = (start // lattice.stride - 3 for start in (part.row, part.column))
        expected = {
            (r * lattice.stride, c * lattice.stride)
            for r in range(first_row, part.row_stop // lattice.stride + 2)
            for c in range(first_column, part.column_stop // lattice.stride + 2)
            if Window(r * lattice.stride, c * lattice.stride, side, side).intersection(part)
        }
        assert expected <= seen
        # Rows before the first are those that reach into the stride, be it not into the cells.
        assert {start for _, start in seen} == {start for _, start in expected}


@FEW
@given(SIDES, STARTS, LENGTHS, st.data())
def test_going_on_at_a_band_sees_each_window_that_holds_a_cell_of_it(
    side: int, row: int, height: int, data: st.DataObject
) -> None:
    lattice = Lattice.of(side)
    (strip,) = lattice.strips(Window(row, 0, height, 10))
    number = data.draw(st.sampled_from(strip.bands))
    rows = strip.rows(number)
    for other in range(number - 5, number + 1):
        if strip.read(other).intersection(strip.band(number)):
            assert other in rows
    assert rows.stop == strip.bands.stop
