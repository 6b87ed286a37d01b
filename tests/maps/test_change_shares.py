"""Change from afar: squares of the share of changed cells, against a count of every cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from analytics import queries
from analytics.counting.kernels import observed_pairs, pack_pairs
from analytics.counting.tiles import TileSums, changed_sums, running_sums
from analytics.grid import StoreTile, Window
from clcplus.actions.editions.tile_counts import store_tile_change
from clcplus.database import read_side
from clcplus.maps.change import SIDES, classes_of, squares_below
from clcplus.presentation.colours import CHANGE_SHARES, GAINED_RAMP, LOST_RAMP
from tests.maps.pictures import address_at, pixels, points
from tests.squares import counts_of_squares
from tests.world import SOUTH, WEST, World

Counts = npt.NDArray[np.int64]

HERE, EAST = (StoreTile.from_name(name) for name in ("E40N29", "E41N29"))
FIRST_ROW, FIRST_COLUMN = HERE.window.row // 100, HERE.window.column // 100
ROWS = 40
"""Rows of 1 km tiles that are stored of both 100 km tiles, from the north."""
PATH = "/tiles/change/clcplus-2018/clcplus-2021"


def counts() -> Counts:
    """Cells by former and later class of 40 × 150 squares of 1 km: a hundred in the first 100 km
    tile, fifty in the second; shape (40, 150, 121). Some squares are not observed."""
    random = np.random.default_rng(12)
    made = random.integers(0, 60, (ROWS, 150, 121))
    made[:, ::7] //= 8
    made[random.random((ROWS, 150)) < 0.1] = 0
    # What stays sealed or meadow is most of the ground, here more and there less.
    made[..., 60] += random.integers(0, 9_000, (ROWS, 150)) * (made[..., 0] > 0)
    return made


def naive(made: Counts) -> Counts:
    """Cells observed in both, gained and lost; shape (40, 150, 3)."""
    found = np.zeros((*made.shape[:2], 3), dtype=np.int64)
    for former in range(11):
        for later in range(11):
            cells = made[..., 11 * former + later]
            found[..., 0] += cells
            if later == 0 and former != 0:
                found[..., 1] += cells
            if former == 0 and later != 0:
                found[..., 2] += cells
    return found


def in_squares(window: Window, side: int) -> Counts:
    """The same in squares of ``side`` kilometres that fill a window."""
    cells = 100 * side
    found = np.zeros((window.height // cells, window.width // cells, 3), dtype=np.int64)
    for (row, column), cell in np.ndenumerate(naive(counts()).view("i8,i8,i8")[..., 0]):
        north = (FIRST_ROW + row) // side - window.row // cells
        west = (FIRST_COLUMN + column) // side - window.column // cells
        if 0 <= north < found.shape[0] and 0 <= west < found.shape[1]:
            found[north, west] += list(cell)
    return found


@pytest.fixture(scope="module", autouse=True)
def stored(world: World, django_db_blocker: Any) -> None:
    made = counts()
    with django_db_blocker.unblock(), transaction.atomic():
        for tile, columns in ((HERE, slice(0, 100)), (EAST, slice(100, 150))):
            part = made[:, columns]
            sums = np.zeros((ROWS, part.shape[1] + 1, 121), dtype=np.int64)
            np.cumsum(part, axis=1, out=sums[:, 1:])
            store_tile_change(
                pair=(world.editions[2018].pk, world.editions[2021].pk),
                tile=tile.name,
                sums=TileSums(range(FIRST_ROW, FIRST_ROW + ROWS), tile.window.column // 100, sums),
            )
    cache.clear()


def test_changed_cells_are_those_of_the_codes() -> None:
    random = np.random.default_rng(3)
    codes = [1, 1, 2, 6, 10, 11, 253, 254, 255]
    before, after = (random.choice(codes, (200, 300)).astype(np.uint8) for _ in range(2))
    counts = counts_of_squares(pack_pairs(before, after), side=100, number=256)
    observed = observed_pairs(counts.reshape(6, 16, 16))
    pairs = running_sums(observed, window=Window(0, 0, 200, 300))
    found = np.diff(changed_sums(pairs.sums), axis=1)
    for row in range(2):
        for column in range(3):
            was, became = (
                codes[100 * row : 100 * row + 100, 100 * column : 100 * column + 100]
                for codes in (before, after)
            )
            seen = (was <= 11) & (became <= 11)
            gained = seen & (was != 1) & (became == 1)
            lost = seen & (was == 1) & (became != 1)
            assert found[row, column].tolist() == [seen.sum(), gained.sum(), lost.sum()]


@pytest.mark.django_db
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("reach", [0, 200])
def test_squares_are_counted_as_their_cells(world: World, side: int, reach: int) -> None:
    top, left = FIRST_ROW - reach, FIRST_COLUMN - reach
    # From within the first tile to within the second, or far beyond both.
    near = Window(100 * (FIRST_ROW + 3), 100 * (FIRST_COLUMN + 41), 1_900, 8_300)
    wide = Window(100 * top, 100 * left, 100 * (100 + 2 * reach), 100 * (200 + 2 * reach))
    window = (wide if reach else near).snapped(100 * side)
    with read_side.snapshot() as connection:
        found = queries.change_squares(
            connection,
            earlier_id=world.editions[2018].pk,
            later_id=world.editions[2021].pk,
            window=window,
            side=side,
        )
    assert found.tolist() == in_squares(window, side).tolist()


@pytest.mark.django_db
def test_what_is_not_published_has_no_squares(world: World) -> None:
    window = Window(100 * FIRST_ROW, 100 * FIRST_COLUMN, 1_000, 1_000)
    with read_side.snapshot() as connection:
        found = queries.change_squares(
            connection,
            earlier_id=world.editions[2018].pk,
            later_id=world.editions[2023].pk,
            window=window,
            side=1,
        )
    assert not found.any()


def test_classes_are_of_the_larger_share() -> None:
    found = classes_of(
        np.array(
            [
                [[0, 0, 0], [10_000, 49, 0], [10_000, 50, 49], [1_000, 99, 0]],
                [[10_000, 50, 50], [10_000, 49, 50], [200, 20, 19], [4, 0, 4]],
            ]
        )
    )
    last = len(CHANGE_SHARES)
    assert found.tolist() == [[0, 0, 1, 4], [1, last + 1, last, 2 * last]]


@pytest.mark.django_db
@pytest.mark.parametrize("zoom", [5, 7, 9, 11])
@pytest.mark.parametrize("twice", [False, True])
def test_pictures_from_afar(client: Client, zoom: int, twice: bool) -> None:
    address = address_at(WEST + 99_000, SOUTH + 85_000, zoom)
    name = f"{zoom}/{address.column}/{address.row}{'@2x' if twice else ''}.png"
    response = client.get(f"{PATH}/{name}")
    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
    picture = pixels(response.content)
    size = 512 if twice else 256
    squares = squares_below(address, size=size)
    assert squares is not None
    xs, ys = points(address, size)
    side = squares.side
    columns = np.floor(xs / 1_000 / side).astype(int)
    rows = np.floor((10_000_000 - ys) / 1_000 / side).astype(int)
    observed, gained, lost = np.moveaxis(in_squares(squares.window, side), -1, 0)[
        :, rows - squares.window.row // 100 // side, columns - squares.window.column // 100 // side
    ]
    step = sum(
        (np.maximum(gained, lost) >= bound * observed).astype(int) for bound in CHANGE_SHARES
    )
    colours = np.array([(0, 0, 0), *GAINED_RAMP, *LOST_RAMP], dtype=np.uint8)
    entry = np.where(lost > gained, step + len(CHANGE_SHARES), step)
    wanted = colours[np.where((observed > 0) & (step > 0), entry, 0)]
    same = (picture[..., :3] * (picture[..., 3:] > 0) == wanted).all(-1)
    # GDAL bends its own straight lines: a pixel on the edge of two squares may fall to either.
    assert same.mean() > 0.97
    assert (picture[..., 3] > 0).any()


def test_squares_are_not_smaller_than_pixels() -> None:
    for zoom in range(12):
        for size in (256, 512):
            squares = squares_below(address_at(WEST, SOUTH, zoom), size=size)
            assert squares is not None
            wanted = address_at(WEST, SOUTH, zoom).pixel(size)
            assert squares.side == SIDES[-1] or squares.side * 1_000 >= wanted
            assert squares.window.height // squares.side // 100 <= 1.5 * size + 2
