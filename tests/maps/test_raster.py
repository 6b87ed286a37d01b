"""Pictures of editions, pixel by pixel against the raster that they are drawn from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from analytics.nomenclature import BY_CODE
from analytics.rasters.store import FolderStore
from analytics.records import StoredTile
from clcplus.maps import raster
from clcplus.maps.addresses import TileAddress
from clcplus.presentation.colours import RAMP, share_palette
from tests.maps.pictures import address_at, pixels, points, write

WEST, NORTH = 4_000_000, 2_910_000
# Corner of a square of 10 km whose western neighbour, in another 100 km tile, is of woods.
SIDE = 1_000


def classes() -> npt.NDArray[np.uint8]:
    """Meadow with a sealed stripe, sea, outside and no data."""
    values = np.full((SIDE, SIDE), 6, dtype=np.uint8)
    values[:, 200:400] = 1
    values[500:600] = 253
    values[600:700] = 254
    values[700:] = 255
    return values


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> FolderStore:
    folder = tmp_path_factory.mktemp("store")
    write(folder / "east.tif", classes(), west=WEST, north=NORTH, cell=10)
    woods = np.full((SIDE, SIDE), 2, dtype=np.uint8)
    write(folder / "west.tif", woods, west=WEST - 10_000, north=NORTH, cell=10)
    shares = np.zeros((100, 100), dtype=np.uint8)
    shares[:, 50:] = 100
    shares[50:] = 255
    write(folder / "overview.tif", shares, west=WEST, north=NORTH, cell=100)
    return FolderStore(folder)


ROW, COLUMN = (10_000_000 - NORTH) // 10, WEST // 10
TILES = [
    StoredTile("E39N29", "west.tif", ROW, COLUMN - SIDE, SIDE, SIDE),
    StoredTile("E40N29", "east.tif", ROW, COLUMN, SIDE, SIDE),
]


def expected(address: TileAddress, size: int) -> npt.NDArray[np.uint8]:
    """Colours by looking up each pixel's middle in the rasters."""
    xs, ys = points(address, size)
    columns = np.floor((xs - WEST) / 10).astype(int)
    rows = np.floor((NORTH - ys) / 10).astype(int)
    codes = np.full(xs.shape, 255, dtype=np.uint8)
    inside = (rows >= 0) & (rows < SIDE)
    east = inside & (columns >= 0) & (columns < SIDE)
    codes[east] = classes()[rows[east], columns[east]]
    codes[inside & (columns < 0) & (columns >= -SIDE)] = 2
    table = np.zeros((256, 4), dtype=np.uint8)
    for code in (1, 2, 6, 253):
        table[code] = (*BY_CODE[code].colour, 255)
    return table[codes]


@pytest.mark.parametrize("zoom", [12, 13, 14, 16])
@pytest.mark.parametrize("size", [256, 512])
@pytest.mark.parametrize(
    ("x", "y"),
    [(WEST + 3_000, NORTH - 4_900), (WEST + 5, NORTH - 2_000), (WEST + 9_900, NORTH - 100)],
    ids=["inside", "seam", "corner"],
)
def test_classes_by_nearest_neighbour(
    store: FolderStore, zoom: int, size: int, x: float, y: float
) -> None:
    address = address_at(x, y, zoom)
    picture = pixels(raster.classes_tile(store, TILES, address, size=size))
    assert picture.shape == (size, size, 4)
    wanted = expected(address, size)
    transparent = wanted[..., 3] == 0
    same = (picture == wanted).all(axis=-1) | (transparent & (picture[..., 3] == 0))
    # Only beside an edge of classes may a pixel be drawn from the neighbouring cell.
    assert same.mean() > 0.985


def test_what_is_missing_is_transparent_and_the_sea_is_light_blue(store: FolderStore) -> None:
    sea = address_at(WEST + 5_000, NORTH - 5_500, 16)
    assert (pixels(raster.classes_tile(store, TILES, sea)) == (191, 223, 255, 255)).all(-1).any()
    for depth in (6_500, 8_000):
        nothing = address_at(WEST + 5_000, NORTH - depth, 16)
        picture = pixels(raster.classes_tile(store, TILES, nothing))
        middle = picture[100:150, 100:150]
        assert (middle[..., 3] == 0).all()


def test_shares(store: FolderStore) -> None:
    half = share_palette()[100]
    inside = address_at(WEST + 9_000, NORTH - 1_000, 15)
    picture = pixels(raster.shares_tile(store, "overview.tif", inside))
    assert (picture == half).all()
    for x, y in ((WEST + 1_000, NORTH - 1_000), (WEST + 9_000, NORTH - 9_000)):
        picture = pixels(raster.shares_tile(store, "overview.tif", address_at(x, y, 15)))
        assert (picture[..., 3] == 0).all()


def test_shares_are_averaged_where_pixels_are_large(store: FolderStore) -> None:
    address = address_at(WEST + 5_000, NORTH - 2_000, 5)
    picture = pixels(raster.shares_tile(store, "overview.tif", address))
    drawn = picture[picture[..., 3] > 0]
    # 10 km are two or three pixels here, and some of them half nought, half a half.
    assert 1 <= len(drawn) <= 16


@pytest.mark.parametrize("address", [TileAddress(3, 0, 0), TileAddress(12, 0, 4095)])
def test_beyond_europe_nothing_is_drawn(store: FolderStore, address: TileAddress) -> None:
    assert address.window is None
    picture = pixels(raster.shares_tile(store, "overview.tif", address))
    assert (picture[..., 3] == 0).all()


class Spy:
    """A dataset that notes how much is read."""

    def __init__(self, dataset: Any, read: list[int]) -> None:
        self._dataset, self._read = dataset, read

    def __getattr__(self, name: str) -> Any:
        return getattr(self._dataset, name)

    def read(self, *args: Any, **options: Any) -> Any:
        values = self._dataset.read(*args, **options)
        self._read.append(values.size)
        return values


class SpyStore(FolderStore):
    """A store whose datasets are spied upon."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.read: list[int] = []

    @contextmanager
    def open(self, key: str) -> Iterator[Any]:
        with super().open(key) as dataset:
            yield Spy(dataset, self.read)


@pytest.mark.parametrize("zoom", range(12))
def test_a_tile_reads_a_bounded_part(tmp_path: Path, zoom: int) -> None:
    # 40 000 km² at 100 m: far more than the smallest zooms can show.
    shares = np.full((2_000, 2_000), 20, dtype=np.uint8)
    write(tmp_path / "large.tif", shares, west=WEST - 100_000, north=NORTH + 100_000, cell=100)
    store = SpyStore(tmp_path)
    picture = pixels(raster.shares_tile(store, "large.tif", address_at(WEST, NORTH, zoom)))
    assert (picture[..., 3] > 0).any()
    assert sum(store.read) <= (2 * raster.SIZE) ** 2 * 2


def test_the_ramp_darkens_evenly() -> None:
    shares = [share for share, _ in RAMP]
    assert shares == sorted(shares)
    lightness = [0.3 * r + 0.59 * g + 0.11 * b for _, (r, g, b) in RAMP]
    assert lightness == sorted(lightness, reverse=True)
    palette = share_palette()
    assert palette[0, 3] == palette[255, 3] == palette[201, 3] == 0
    assert (palette[1:201, 3] > 0).all()
