"""The share of the buffer from blocks, beside a count of all cells."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import shapely

from analytics.counting.scanline import edges_of
from analytics.errors import InvalidCodes
from analytics.grid import Window
from analytics.sampling.buffer_share import BufferShare, buffer_share
from tests.analytics.test_sample_strata import naive_strata

SIDE = 32
Block = npt.NDArray[np.uint8]


def rasters(side: int, seed: int) -> tuple[Block, Block]:
    """Two editions with towns, so that blocks differ."""
    random = np.random.default_rng(seed)
    towns = random.random((side // 16, side // 16)) < 0.2
    town = np.kron(towns, np.ones((16, 16), dtype=bool))
    earlier = np.where(town & (random.random((side, side)) < 0.4), 1, 6).astype(np.uint8)
    later = earlier.copy()
    later[town & (random.random((side, side)) < 0.05)] = 1
    earlier[random.random((side, side)) < 0.02] = 254
    return earlier, later


def blocks_of(side: int, seed: int) -> list[Window]:
    places = [
        Window(row, column, SIDE, SIDE)
        for row in range(0, side, SIDE)
        for column in range(0, side, SIDE)
    ]
    order = np.random.default_rng(seed).permutation(len(places))
    return [places[n] for n in order]


def shares(
    pair: tuple[Block, Block], blocks: list[Window], *, most: int, **limits: object
) -> BufferShare | None:
    def read(window: Window) -> tuple[Block, Block]:
        place = np.s_[window.row : window.row_stop, window.column : window.column_stop]
        return pair[0][place], pair[1][place]

    zones = limits.get("zones")
    return buffer_share(read, blocks, zones=zones, reach=(1, 1), most=most)  # type: ignore[arg-type]


def naive_share(pair: tuple[Block, Block], inside: npt.NDArray[np.bool_]) -> float:
    """Of the cells that are not at the edge of a block, as the estimate sees them."""
    names = naive_strata(*pair, reach=1)
    place = np.arange(len(names)) % SIDE
    inner = (place > 0) & (place < SIDE - 1)
    seen = inner[:, None] & inner[None, :] & inside
    near = np.count_nonzero((names == "buffer") & seen)
    return near / (near + np.count_nonzero((names == "stable_unsealed") & seen))


def test_all_blocks_give_the_share_itself() -> None:
    pair = rasters(128, seed=1)
    found = shares(pair, blocks_of(128, seed=1), most=100)
    assert found is not None
    assert found.value == naive_share(pair, np.ones((128, 128), dtype=bool))
    assert found.half_width == 0


def test_only_cells_of_the_zones_count() -> None:
    pair = rasters(128, seed=2)
    from analytics.grid import CELL_SIZE, Y_ORIGIN

    west, north = 30 * CELL_SIZE, Y_ORIGIN - 20 * CELL_SIZE
    zone = shapely.box(west, north - 60 * CELL_SIZE, west + 50 * CELL_SIZE, north)
    inside = np.zeros((128, 128), dtype=bool)
    inside[20:80, 30:80] = True
    found = shares(pair, blocks_of(128, seed=1), most=100, zones=edges_of([zone]))
    assert found is not None
    assert found.value == naive_share(pair, inside)


def test_the_interval_of_some_blocks_holds_the_share() -> None:
    pair = rasters(512, seed=3)
    whole = shares(pair, blocks_of(512, seed=0), most=1000)
    assert whole is not None
    found = [shares(pair, blocks_of(512, seed=n), most=60) for n in range(100)]
    held = [abs(one.value - whole.value) <= one.half_width for one in found if one]
    assert len(held) == 100
    assert 85 <= sum(held) <= 100
    assert all(0 < one.half_width < 0.2 for one in found if one)


def test_nothing_observed_has_no_share() -> None:
    nothing = np.full((64, 64), 255, dtype=np.uint8)
    assert shares((nothing, nothing), blocks_of(64, seed=1), most=10) is None
    wrong = np.full((64, 64), 77, dtype=np.uint8)
    with pytest.raises(InvalidCodes):
        shares((wrong, wrong), blocks_of(64, seed=1), most=10)
