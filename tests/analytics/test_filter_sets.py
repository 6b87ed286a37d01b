"""Several filters in one pass: against a plain label of the whole raster for each of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import rasterio
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.counting.scanline import edges_of
from analytics.grid import Window
from analytics.patches import accepted_change, postponed, set_squares
from analytics.patches.accepted_change import accept_change
from analytics.patches.filter_sets import FilteredChange, FilterSet
from analytics.patches.filters import ChangeFilter, InvalidFilter, preset_groups
from analytics.patches.mask_codes import GAIN, LOSS, coded, decoded
from analytics.patches.patch_records import Patches
from analytics.patches.set_mask import set_mask
from analytics.patches.set_squares import SetSquares
from analytics.patches.set_zones import SetZones
from analytics.rasters.grids import open_grid
from tests import oracle
from tests.analytics.test_patches import Codes, Kept, change_of, expected
from tests.rasters import NORTH, WEST, write_raster

SETS = [
    FilterSet({"two": ChangeFilter(0.02), "five": ChangeFilter(0.05), "nine": ChangeFilter(0.09)}),
    FilterSet({"four": ChangeFilter(0.04), "broad": ChangeFilter(0.04, min_width_m=20)}),
    # The most generous filter of this one accepts patches that none of the set accepts.
    FilterSet({"wide": ChangeFilter(0.02, min_width_m=30), "large": ChangeFilter(0.08)}),
    FilterSet({"all": ChangeFilter(0)}),
]
ZONES = [
    shapely.box(WEST + 33, NORTH - 171, WEST + 407, NORTH - 38),
    shapely.box(WEST - 50, NORTH - 900, WEST + 260, NORTH - 120),
    shapely.Polygon([(WEST, NORTH), (WEST + 900, NORTH - 10), (WEST + 300, NORTH - 400)]),
]


def random_pair(
    random: np.random.Generator, *, shape: tuple[int, int], share: float, clump: int
) -> tuple[Codes, Codes]:
    def codes() -> Codes:
        height, width = shape
        rough = (-(-height // clump), -(-width // clump))
        found = np.where(random.random(rough) < share, 1, random.choice([2, 6, 11], rough))
        found = found.repeat(clump, 0).repeat(clump, 1)[:height, :width]
        gone = random.random(shape) < 0.05
        return np.where(gone, random.choice([253, 254, 255], shape), found).astype(np.uint8)

    return codes(), codes()


def bits_by_label(
    earlier: Codes, later: Codes, chosen: FilterSet
) -> tuple[npt.NDArray[np.uint8], dict[int, int]]:
    """The bits of each cell, and of each patch, from a label of the whole raster."""
    cells, patches = np.zeros(earlier.shape, dtype=np.uint8), {}
    for place, one in enumerate(chosen.filters.values()):
        ids, found = expected(earlier, later, one)
        cells[ids > 0] |= 1 << place
        for number in found:
            patches[number] = patches.get(number, 0) | 1 << place
    return cells, patches


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_each_filter_accepts_what_it_accepts_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: st.DataObject
) -> None:
    shape = (data.draw(st.integers(1, 40)), data.draw(st.integers(1, 90)))
    earlier, later = random_pair(
        np.random.default_rng(data.draw(st.integers(0, 2**32 - 1))),
        shape=shape,
        share=data.draw(st.sampled_from([0.05, 0.4, 0.55, 0.7])),
        clump=data.draw(st.sampled_from([1, 3])),
    )
    chosen = data.draw(st.sampled_from(SETS))
    side = data.draw(st.integers(2, 9))
    monkeypatch.setattr(set_squares, "COUNT_TILE_CELLS", side)
    monkeypatch.setattr(accepted_change, "STRIP_CELLS", data.draw(st.integers(1, 12)) * shape[1])
    monkeypatch.setattr(accepted_change, "COG_BLOCK", 1)
    monkeypatch.setattr(accepted_change, "LABELLED_RUNS", data.draw(st.integers(1, 50)))
    monkeypatch.setattr(postponed, "_IN_MEMORY", data.draw(st.sampled_from([1, 2**26])))
    first, last = (
        open_grid(write_raster(tmp_path / f"{n}.tif", cells, blockysize=1))
        for n, cells in enumerate((earlier, later))
    )

    zones = SetZones(chosen, edges_of(ZONES, **first.placement), width=first.width)
    squares = SetSquares(chosen, height=first.height, width=first.width)
    kept = Kept(np.zeros(shape, np.int64), np.zeros(shape, np.uint8))
    with set_mask(tmp_path / "mask.tif", first) as mask:
        receiver = FilteredChange(
            chosen, first.cell_width, counters=(zones, squares, mask), others=(kept,)
        )
        accept_change(first, last, chosen.most_generous, receiver, jobs=2)

    bits, patches = bits_by_label(earlier, later, chosen)
    change = change_of(earlier, later)
    kinds = (change[GAIN] * GAIN + change[LOSS] * LOSS).astype(np.uint8)
    seen = (earlier <= 11) & (later <= 11)
    with rasterio.open(tmp_path / "mask.tif") as dataset:
        codes = dataset.read(1)
    np.testing.assert_array_equal(codes, np.where(seen, kinds + 4 * bits, 255))
    np.testing.assert_array_equal(decoded(codes), np.where(seen, kinds, 255))
    assert sorted(kept.patches.id.tolist()) == sorted(patches)
    inside = [oracle.mask(zone, shape=shape, x0=WEST, y0=NORTH) for zone in ZONES]
    assert zones.raw.tolist() == counts_in(inside, change)
    for place, one in enumerate(chosen.filters.values()):
        of_filter = expected(earlier, later, one)[1].values()
        assert receiver.totals[place].tolist() == [
            [
                sum(patch["cells"] for patch in of_filter if patch["kind"] == kind),
                sum(patch["kind"] == kind for patch in of_filter),
            ]
            for kind in (GAIN, LOSS)
        ]
        accepted = {kind: cells & (bits >> place & 1 == 1) for kind, cells in change.items()}
        assert zones.accepted[place].tolist() == counts_in(inside, accepted)
        np.testing.assert_array_equal(
            decoded(codes, place),
            np.where(seen, accepted[GAIN] * GAIN + accepted[LOSS] * LOSS, 255),
        )
        high, wide = (-(-n // side) for n in shape)
        found = squares.cells(Window(0, 0, high * side, wide * side))[place]
        tiles = [
            (slice(r * side, (r + 1) * side), slice(c * side, (c + 1) * side))
            for r in range(high)
            for c in range(wide)
        ]
        assert found.tolist() == [
            [int(accepted[GAIN][tile].sum()), int(accepted[LOSS][tile].sum())] for tile in tiles
        ]


def counts_in(areas: list[Any], change: dict[int, npt.NDArray[np.bool_]]) -> list[list[int]]:
    return [[int((area & change[kind]).sum()) for kind in (GAIN, LOSS)] for area in areas]


def test_a_patch_over_many_strips_reaches_every_receiver_late(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A column of ten cells and one of three, in strips of one row."""
    monkeypatch.setattr(accepted_change, "STRIP_CELLS", 5)
    monkeypatch.setattr(accepted_change, "COG_BLOCK", 1)
    earlier = np.full((12, 5), 2, dtype=np.uint8)
    later = earlier.copy()
    later[1:11, 1] = 1
    later[4:7, 3] = 1
    chosen = FilterSet({"three": ChangeFilter(0.03), "ten": ChangeFilter(0.10)})
    first, last = (
        open_grid(write_raster(tmp_path / f"{n}.tif", cells, blockysize=1))
        for n, cells in enumerate((earlier, later))
    )
    with set_mask(tmp_path / "mask.tif", first) as mask:
        squares = SetSquares(chosen, height=12, width=5)
        receiver = FilteredChange(chosen, 10.0, counters=(mask, squares))
        accept_change(first, last, chosen.most_generous, receiver, jobs=1)
    with rasterio.open(tmp_path / "mask.tif") as dataset:
        codes = dataset.read(1)
        assert dataset.overviews(1) == []
    assert codes[1:11, 1].tolist() == [GAIN + 4 * 0b11] * 10
    assert codes[4:7, 3].tolist() == [GAIN + 4 * 0b01] * 3
    assert (codes > 0).sum() == 13
    assert squares.cells(Window(0, 0, 100, 100)).tolist() == [[[13, 0]], [[10, 0]]]


def test_codes_of_change_hold_six_filters() -> None:
    kinds = np.array([GAIN, LOSS], dtype=np.uint8).repeat(64)
    bits = np.tile(np.arange(64, dtype=np.uint8), 2)
    codes = coded(kinds, bits)
    assert len(set(codes.tolist())) == 128
    assert not set(codes.tolist()) & {0, 255}
    np.testing.assert_array_equal(decoded(codes), kinds)
    for place in range(6):
        np.testing.assert_array_equal(decoded(codes, place), np.where(bits >> place & 1, kinds, 0))
    nothing = np.array([0, 255], dtype=np.uint8)
    for which in (None, 0, 5):
        assert decoded(nothing, which).tolist() == [0, 255]


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {str(n): ChangeFilter(n) for n in range(7)},
        {"side": ChangeFilter(1), "corner": ChangeFilter(1, connectivity=8)},
        {"any": ChangeFilter(1), "sure": ChangeFilter(1, min_confidence=50)},
    ],
)
def test_sets_of_filters_that_form_no_common_patches_are_refused(
    filters: dict[str, ChangeFilter],
) -> None:
    with pytest.raises(InvalidFilter):
        FilterSet(filters)


def test_the_presets_are_a_set_and_a_quarter_hectare_is_the_most_generous() -> None:
    presets, *_ = preset_groups(confident=True)
    chosen = FilterSet(presets)
    assert chosen.most_generous == presets["0.25ha"]
    cells = np.array([24, 25, 49, 50, 499, 500, 900])
    side = np.array([4, 5, 5, 5, 10, 9, 10])
    nothing = np.zeros(7, dtype=np.uint8)
    patches = Patches(
        np.arange(1, 8), nothing + 1, nothing + 2, nothing + 1, cells, side, np.full(7, np.nan)
    )
    # 5 ha and 100 m: 500 cells of which ten by ten lie in a square.
    assert chosen.bits(patches, cell_size=10).tolist() == [0, 1, 1, 3, 3, 3, 7]


def test_squares_are_asked_for_whole() -> None:
    squares = SetSquares(FilterSet(preset_groups(confident=False)[0]), height=200, width=200)
    with pytest.raises(ValueError, match="squares"):
        squares.cells(Window(10, 0, 100, 100))
