"""Composites of a STAC API's scenes, with medians that a hand can check."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import rasterio

from analytics.grid import CELL_SIZE
from inference.composites.bands import BANDS, MISSING, OBSERVATIONS, REFLECTANCE
from inference.composites.composite import open_bands, open_composite
from tests.inference.compose_command import bands_of, compose_from, inside, only
from tests.inference.sentinel import EAST_TILE, WEST_TILE, Shot
from tests.inference.stac_server import Catalogue, serving

TWO = ("B04", "B08")
DAYS = ("2024-06-01", "2024-06-11", "2024-06-21", "2024-07-01", "2024-07-11")


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with serving(tmp_path / "served") as served:
        yield served


def rows_of_scl(north: float, codes: list[int]) -> Any:
    """SCL in stripes of equal height of a western tile, from north to south."""
    height = WEST_TILE.side / len(codes)
    return lambda _, northings: np.take(codes, ((north - northings) // height).astype(int))


def test_three_scenes_give_the_middle_one_in_every_band(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    for day, start in zip(DAYS, (1000, 2000, 9000), strict=False):
        catalogue.add(Shot(day, {band: start + i for i, band in enumerate(REFLECTANCE)}))
    out = tmp_path / "composite.tif"

    assert compose_from(catalogue, out=out) == 0

    bands = bands_of(out)
    assert tuple(bands) == (*BANDS, OBSERVATIONS)
    assert [only(bands[band]) for band in REFLECTANCE] == [2000 + i for i in range(12)]
    assert only(bands[OBSERVATIONS]) == 3
    assert only(bands["NDVI"]) == round((2007 - 2003) / (2007 + 2003) * 10_000)
    assert only(bands["NDWI"]) == round((2002 - 2007) / (2002 + 2007) * 10_000)
    assert catalogue.searches == ["POST", "POST"]  # three items are two pages
    assert list(tmp_path.glob(".composite*")) == []

    composite = open_composite(out)
    with open_bands(composite, ["B12", "B04"]) as reader:
        assert only(reader.stored(composite.window)[0]) == 2011
    with rasterio.open(out) as dataset:
        assert dataset.tags()["SEASONS"] == "2024-06-01/2024-08-31"
        assert len(dataset.tags()["SCENES"].split()) == 3
        assert dataset.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"


@pytest.mark.parametrize("world", ["earth-search", "cdse", "planetary"])
def test_the_offset_is_taken_off_from_baseline_4_on_in_each_naming_world(
    catalogue: Catalogue, tmp_path: Path, world: str
) -> None:
    for day, baseline, number in zip(
        DAYS, ("03.01", "04.00", "05.11"), (1100, 2200, 2300), strict=False
    ):
        catalogue.add(Shot(day, number, baseline=baseline, bands=TWO), world=world)
    out = tmp_path / "composite.tif"
    assert compose_from(catalogue, "--bands", "B04,B08", out=out) == 0
    # 1100, 1200 and 1300: whichever were left or taken twice, the middle would be another.
    assert only(bands_of(out)["B04"]) == 1200


def test_an_offset_that_earth_search_took_off_is_not_taken_off_again(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    applied = {"earthsearch:boa_offset_applied": True}
    catalogue.add(Shot(DAYS[0], 1234, baseline="05.10", bands=TWO, properties=applied))
    out = tmp_path / "composite.tif"
    assert compose_from(catalogue, "--bands", "B04", out=out) == 0
    assert only(bands_of(out)["B04"]) == 1234
    assert compose_from(catalogue, "--bands", "B04", "--offset", "-1000", out=out) == 0
    assert only(bands_of(out)["B04"]) == 234


def test_bands_of_unknown_keys_are_found_by_their_names_or_common_names(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    catalogue.add(Shot(DAYS[0], {"B04": 400, "B08": 800}, bands=TWO), world="planetary")
    assets = catalogue.items[0]["assets"]
    assets["one"] = {**assets.pop("B04"), "eo:bands": [{"name": "B04"}]}
    assets["two"] = {**assets.pop("B08"), "eo:bands": [{"common_name": "nir"}]}
    picture = {"href": "https://nowhere.invalid/tci.tif", "type": "image/tiff", "roles": ["visual"]}
    catalogue.items[0]["assets"] = {"tci": {**picture, "eo:bands": [{"name": "B04"}]}, **assets}
    out = tmp_path / "composite.tif"
    assert compose_from(catalogue, "--bands", "B04,B08", out=out) == 0
    assert only(bands_of(out)["B04"]) == 400
    assert only(bands_of(out)["B08"]) == 800


def test_clouds_are_masked_and_counted_out(catalogue: Catalogue, tmp_path: Path) -> None:
    north = WEST_TILE.north
    catalogue.add(Shot(DAYS[0], 1000, scl=rows_of_scl(north, [4, 4, 4, 9]), bands=TWO))
    catalogue.add(Shot(DAYS[1], 3000, scl=rows_of_scl(north, [4, 3, 8, 9]), bands=TWO))
    catalogue.add(Shot(DAYS[2], 2000, scl=rows_of_scl(north, [4, 2, 10, 0]), bands=TWO))
    out = tmp_path / "composite.tif"
    assert compose_from(catalogue, "--bands", "B04", inside(margin=0.002), out=out) == 0

    bands = bands_of(out)
    found = set(zip(bands["B04"].flat, bands[OBSERVATIONS].flat, strict=True))
    # All three; the first and the dark third, of which the mean; the first alone; none.
    assert found == {(2000, 3), (1500, 2), (1000, 1), (MISSING, 0)}
    counts = bands[OBSERVATIONS][:, bands[OBSERVATIONS].shape[1] // 2]
    assert (np.diff(counts) <= 0).all()  # from north to south

    assert compose_from(catalogue, "--bands", "B04", "--scl-masked", "0", out=out) == 0
    assert 3 in bands_of(out)[OBSERVATIONS][-1]


def test_a_margin_round_clouds_masks_more(catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.add(Shot(DAYS[0], scl=rows_of_scl(WEST_TILE.north, [9, 4]), bands=TWO))
    catalogue.add(Shot(DAYS[1], bands=TWO))
    out = tmp_path / "composite.tif"
    clouded = []
    for margin in ("0", "200"):
        options = ("--bands", "B04", "--margin", margin, inside(margin=0.002))
        assert compose_from(catalogue, *options, out=out) == 0
        clouded.append((bands_of(out)[OBSERVATIONS] == 1).sum(axis=0))
    wider = clouded[1] - clouded[0]
    # Twenty cells further south; the cloud's edge is not quite along a row of the grid.
    assert set(wider.tolist()) <= {20, 21}


def test_an_overpass_is_one_observation_in_whichever_zones_its_tiles_lie(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    catalogue.add(Shot(DAYS[0], 1000, tile=WEST_TILE, bands=TWO))
    catalogue.add(Shot(DAYS[0], 1000, tile=EAST_TILE, bands=TWO))
    catalogue.add(Shot(DAYS[1], 3000, tile=EAST_TILE, bands=TWO))
    out = tmp_path / "composite.tif"
    box = [min(a, b) for a, b in zip(WEST_TILE.degrees[:2], EAST_TILE.degrees[:2], strict=True)]
    box += [max(a, b) for a, b in zip(WEST_TILE.degrees[2:], EAST_TILE.degrees[2:], strict=True)]
    where = f"--bbox={','.join(map(str, box))}"
    assert compose_from(catalogue, "--bands", "B04", where, out=out) == 0

    bands = bands_of(out)
    found = dict(zip(bands[OBSERVATIONS].flat, bands["B04"].flat, strict=True))
    pairs = set(zip(bands[OBSERVATIONS].flat, bands["B04"].flat, strict=True))
    # Beyond both, in the western tile alone, in the eastern (twice seen).
    assert pairs == {(0, MISSING), (1, 1000), (2, 2000)}, found
    assert (bands[OBSERVATIONS] == 2).sum() > 30_000


def test_of_two_products_of_one_observation_the_newer_baseline_counts(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    catalogue.add(Shot(DAYS[0], 1000, baseline="02.14", bands=TWO))
    catalogue.add(
        Shot(DAYS[0], 2500, scl=rows_of_scl(WEST_TILE.north, [9, 4]), baseline="05.00", bands=TWO)
    )
    out = tmp_path / "composite.tif"
    assert compose_from(catalogue, "--bands", "B04", out=out) == 0
    bands = bands_of(out)
    # What the newer calls cloud is not taken from the older.
    pairs = set(zip(bands[OBSERVATIONS].flat, bands["B04"].flat, strict=True))
    assert pairs == {(0, MISSING), (1, 1500)}


@pytest.mark.parametrize("tile", [WEST_TILE, EAST_TILE], ids=lambda tile: tile.name)
def test_bands_of_all_resolutions_are_warped_to_their_place(
    catalogue: Catalogue, tmp_path: Path, tile: Any
) -> None:
    """Numbers that rise with easting and northing: bilinear reading keeps a plane as it is."""

    def plane(eastings: Any, northings: Any) -> Any:
        return 2000 + (eastings - tile.west) + 2 * (tile.north - northings)

    catalogue.add(Shot(DAYS[0], plane, tile=tile, bands=("B04", "B11", "B01")))
    out = tmp_path / "composite.tif"
    where = inside(tile, margin=0.002)
    assert compose_from(catalogue, "--bands", "B01,B04,B11", where, out=out) == 0

    west, _, _, north = open_composite(out).window.bounds
    bands = bands_of(out)
    rows, columns = np.mgrid[: bands["B04"].shape[0], : bands["B04"].shape[1]]
    to_utm = pyproj.Transformer.from_crs(3035, tile.epsg, always_xy=True)
    easting, northing = to_utm.transform(
        west + (columns + 0.5) * CELL_SIZE, north - (rows + 0.5) * CELL_SIZE
    )
    expected = plane(np.array(easting), np.array(northing))
    far_in = (
        (easting > tile.west + 60)
        & (easting < tile.west + tile.side - 60)
        & (northing < tile.north - 60)
        & (northing > tile.north - tile.side + 60)
    )
    assert far_in.sum() > 20_000
    for band in ("B01", "B04", "B11"):
        # Nothing but rounding: a cell is 10 numbers wide to the east, 20 to the south.
        error = np.abs(bands[band][far_in] - expected[far_in]).max()
        assert error < 0.52, (band, error)


def test_seasons_are_composed_side_by_side(catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.add(Shot("2024-03-15", {"B04": 300, "B08": 900}, bands=TWO))
    catalogue.add(Shot("2024-06-15", {"B04": 600, "B08": 1800}, bands=TWO))
    catalogue.add(Shot("2024-08-31", {"B04": 800, "B08": 1600}, bands=TWO))
    out = tmp_path / "composite.tif"
    spring = ("--season", "spring=2024-03-01/2024-05-31")
    summer = "summer=2024-06-01/2024-08-31"
    assert compose_from(catalogue, "--bands", "B08,B04", *spring, out=out, season=summer) == 0
    assert {band: only(cells) for band, cells in bands_of(out).items()} == {
        "spring.B04": 300, "spring.B08": 900, "spring.NDVI": 5000, "spring.observations": 1,
        "summer.B04": 700, "summer.B08": 1700, "summer.NDVI": 4167, "summer.observations": 2,
    }  # fmt: skip


def test_an_api_that_only_gets_is_searched_too(catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.accepts_post = False
    for day, number in zip(DAYS, (1000, 2000, 3000, 4000, 5000), strict=True):
        catalogue.add(Shot(day, number, bands=("B04",)))
    out = tmp_path / "composite.tif"
    assert compose_from(catalogue, "--bands", "B04", out=out) == 0
    assert only(bands_of(out)["B04"]) == 3000
    assert catalogue.searches == ["POST", "GET", "GET", "GET"]


def test_zones_leave_out_blocks_without_one(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.composites.plans.BLOCK", 50)
    catalogue.add(Shot(DAYS[0], 700, bands=("B04",)))
    west, south, east, north = WEST_TILE.degrees
    x, y, d = (west + east) / 2, (south + north) / 2, 0.0002
    corners = [(x - 0.01, y - 0.006), (x + 0.01, y + 0.006)]  # far from one another
    squares = [
        [[[a - d, b - d], [a + d, b - d], [a + d, b + d], [a - d, b + d], [a - d, b - d]]]
        for a, b in corners
    ]
    zones = tmp_path / "zones.geojson"
    features = [
        {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": s}}
        for s in squares
    ]
    zones.write_text(
        '{"type": "FeatureCollection", "features": ' + str(features).replace("'", '"') + "}"
    )
    out = tmp_path / "composite.tif"
    assert compose_from(catalogue, "--bands", "B04", "--zones", str(zones), out=out) == 0

    cells = bands_of(out)["B04"]
    assert cells[-1, 0] == 700  # the south-west
    assert cells[0, -1] == 700
    assert cells[0, 0] == MISSING  # a block that no zone touches
    assert set(np.unique(cells)) == {MISSING, 700}


def test_cloudy_items_can_be_left_out(catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.add(Shot(DAYS[0], 1000, bands=TWO, properties={"eo:cloud_cover": 80.5}))
    catalogue.add(Shot(DAYS[1], 2000, bands=TWO, properties={"eo:cloud_cover": 80.0}))
    out = tmp_path / "composite.tif"
    assert compose_from(catalogue, "--bands", "B04", "--max-cloud", "80", out=out) == 0
    assert only(bands_of(out)["B04"]) == 2000


def test_assets_in_a_bucket_are_read_as_the_environment_says(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = catalogue.address.removeprefix("http://")
    catalogue.add(Shot(DAYS[0], 1500, bands=TWO), base="s3://assets")
    for name, value in {
        "AWS_S3_ENDPOINT": host,
        "AWS_HTTPS": "NO",
        "AWS_VIRTUAL_HOSTING": "FALSE",
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": "something",
    }.items():
        monkeypatch.setenv(name, value)
    out = tmp_path / "composite.tif"
    assert compose_from(catalogue, "--bands", "B04", out=out) == 0
    assert only(bands_of(out)["B04"]) == 1500
