"""Tiles of change: pixel by pixel, over HTTP, and the noise that tiles of territories name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from django.core.cache import cache
from django.db import connections
from django.test import Client
from sqlalchemy import Double, literal, select

from analytics import queries
from analytics.estimation import NUMBERS, accuracy_of, noise_alone, noise_of_pair, noise_of_shares
from analytics.products import CLCPLUS, Accuracy
from analytics.queries.vector_tiles import IN_SQL
from analytics.rasters.store import FolderStore
from analytics.records import StoredTile
from clcplus import reading
from clcplus.maps import views
from clcplus.maps.change import change_of, change_tile
from clcplus.presentation.colours import CHANGE_COLOURS, CHANGE_KINDS
from tests.maps.pictures import address_at, pixels, points, write
from tests.maps.test_tiles import features
from tests.world import SIDE, SOUTH, WEST, World

NORTH = SOUTH + 4 * SIDE
CELLS = 400
CLEAR = (0, 0, 0, 0)
GAINED, LOST, KEPT = (CHANGE_COLOURS[kind] for kind in ("gained", "lost", "kept"))


def maps() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Two editions of the same square: noise of single cells, and a part not observed in one."""
    random = np.random.default_rng(4)
    before, after = (random.choice([1, 2, 6], (CELLS, CELLS)).astype(np.uint8) for _ in range(2))
    before[:100] = 255
    after[-100:] = 254
    return before, after


def drawn(folder: Path) -> tuple[list[StoredTile], list[StoredTile]]:
    """Both in a store; the later one begins an odd number of cells further east and south."""
    before, after = maps()
    row, column = (10_000_000 - NORTH) // 10, WEST // 10
    write(folder / "c" / "before.tif", before, west=WEST, north=NORTH, cell=10)
    write(folder / "c" / "after.tif", after[3:, 5:], west=WEST + 50, north=NORTH - 30, cell=10)
    return (
        [StoredTile("E40N29", "c/before.tif", row, column, CELLS, CELLS)],
        [StoredTile("E40N29", "c/after.tif", row + 3, column + 5, CELLS - 3, CELLS - 5)],
    )


def test_what_became_of_a_cell() -> None:
    codes = [1, 6, 10, 253, 254, 255]
    before, after = np.meshgrid(np.array(codes, np.uint8), np.array(codes, np.uint8))
    kinds = change_of(before, after)
    for where, number in np.ndenumerate(kinds):
        pair, kind = (int(before[where]), int(after[where])), CHANGE_KINDS[number]
        unseen = any(code > 11 for code in pair)
        if unseen or 1 not in pair:
            assert kind == "none"
        elif pair == (1, 1):
            assert kind == "kept"
        else:
            assert kind == ("gained" if pair[1] == 1 else "lost")


@pytest.mark.parametrize("zoom", [12, 13, 15, 16])
@pytest.mark.parametrize("size", [256, 512])
def test_both_editions_are_read_at_the_same_cell(tmp_path: Path, zoom: int, size: int) -> None:
    earlier, later = drawn(tmp_path)
    address = address_at(WEST + 2 * SIDE, SOUTH + 2 * SIDE, zoom)
    picture = pixels(change_tile(FolderStore(tmp_path), earlier, later, address, size=size))
    before, after = maps()
    after[:3], after[:, :5] = 255, 255
    kinds = change_of(before, after)
    xs, ys = points(address, size)
    columns, rows = np.floor((xs - WEST) / 10).astype(int), np.floor((NORTH - ys) / 10).astype(int)
    inside = (rows >= 0) & (rows < CELLS) & (columns >= 0) & (columns < CELLS)
    wanted = np.zeros((size, size, 4), dtype=np.uint8)
    table = np.array([CLEAR, GAINED, LOST, KEPT], dtype=np.uint8)
    wanted[inside] = table[kinds[rows[inside], columns[inside]]]
    same = (picture == wanted).all(-1) | ((picture[..., 3] == 0) & (wanted[..., 3] == 0))
    # GDAL bends its own straight lines: a pixel on the edge of two cells may fall to either.
    assert same.mean() > 0.97
    assert {tuple(colour) for colour in picture.reshape(-1, 4)} <= {CLEAR, GAINED, LOST, KEPT}


# Over HTTP
@pytest.fixture
def stored(world: World, settings: Any, tmp_path: Path) -> None:
    """The two maps as the published editions, committed where the read side sees them."""
    cache.clear()
    settings.RASTER_STORE = str(tmp_path)
    earlier, later = drawn(tmp_path)
    other = connections["default"].copy()
    try:
        with other.cursor() as cursor:
            for year, (tile,) in ((2018, earlier), (2021, later)):
                cursor.execute(
                    "insert into clcplus_editiontile (edition_id, name, key, overview_key, sha256,"
                    ' "row", "column", height, width, in_series)'
                    " values (%s, %s, %s, '', '', %s, %s, %s, %s, true) on conflict do nothing",
                    [
                        world.editions[year].pk,
                        *(tile.name, tile.key),
                        *(tile.row, tile.column, tile.height, tile.width),
                    ],
                )
    finally:
        other.close()
        views.published.cache_clear()


PATH = "/tiles/change/clcplus-2018/clcplus-2021"


def at(zoom: int) -> str:
    address = address_at(WEST + 2 * SIDE, SOUTH + 2 * SIDE, zoom)
    return f"{address.zoom}/{address.column}/{address.row}"


@pytest.mark.django_db
def test_pictures_of_change(client: Client, stored: None) -> None:
    response = client.get(f"{PATH}/{at(14)}.png")
    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
    found = {tuple(colour) for colour in pixels(response.content).reshape(-1, 4)}
    assert {GAINED, LOST, KEPT} <= found
    assert pixels(client.get(f"{PATH}/{at(14)}@2x.png").content).shape == (512, 512, 4)


@pytest.mark.django_db
@pytest.mark.parametrize("zoom", [0, 5, 10, 11])
def test_from_afar_nothing_is_drawn_where_no_cells_were_counted(
    client: Client, stored: None, zoom: int
) -> None:
    assert (pixels(client.get(f"{PATH}/{at(zoom)}.png").content)[..., 3] == 0).all()


@pytest.mark.django_db
def test_change_is_asked_for_each_time(client: Client, stored: None) -> None:
    first = client.get(f"{PATH}/{at(14)}.png")
    again = client.get(f"{PATH}/{at(14)}.png", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    with reading.snapshot() as connection:
        version = str(queries.data_version(connection))
    named = client.get(f"{PATH}/{at(14)}.png?v={version}")
    assert first["Cache-Control"] == named["Cache-Control"] == "public, no-cache"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("clcplus-2018/clcplus-2023/12/1/1.png", 404),
        ("clcplus-1999/clcplus-2021/12/1/1.png", 404),
        ("clcplus-2018/clcplus-2021/17/0/0.png", 404),
        ("clcplus-2018/clcplus-2021/2/4/0.png", 404),
        ("clcplus-2018/clcplus-2023.json", 404),
        ("clcplus-2021/clcplus-2018/12/1/1.png", 422),
        ("clcplus-2021/clcplus-2021/12/1/1@2x.png", 422),
        ("clcplus-2021/clcplus-2018.json", 422),
    ],
)
def test_invalid_pairs(client: Client, world: World, path: str, status: int) -> None:
    response = client.get(f"/tiles/change/{path}")
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response["Access-Control-Allow-Origin"] == "*"


@pytest.mark.django_db
def test_about_change(client: Client, world: World) -> None:
    body = client.get(f"{PATH}.json").json()
    assert f"{PATH}/{{z}}/{{x}}/{{y}}.png?v=" in body["tiles"][0]
    assert (body["minzoom"], body["cellsFromZoom"], body["maxzoom"]) == (0, 12, 16)
    assert [entry["share"] for entry in body["shares"]] == [0.005, 0.01, 0.02, 0.05, 0.1]
    assert [entry["kind"] for entry in body["legend"]] == ["gained", "lost", "kept"]


# Tiles of territories
@pytest.mark.django_db
def test_change_and_area_per_inhabitant(client: Client, world: World, tmp_path: Path) -> None:
    cache.clear()
    content = client.get(f"/tiles/territories/commune/{at(5)}.mvt").content
    found = features(content, tmp_path)
    change, clear = "change_clcplus_2018_clcplus_2021", "clear_clcplus_2018_clcplus_2021"
    assert found["07001"][change] == pytest.approx(0.6)
    assert found["07002"][change] == 0
    assert found["07101"][change] == pytest.approx(4.0)
    # Not observed in both: absent, which GDAL reads as a missing value.
    assert np.isnan(found["07102"][change])
    # Each by the year of its population that is nearest.
    assert found["07001"]["per_inhabitant_clcplus_2018"] == pytest.approx(1000 * 100 / 1000)
    assert found["07001"]["per_inhabitant_clcplus_2021"] == pytest.approx(1060 * 100 / 1060)
    assert found["07002"]["per_inhabitant_clcplus_2018"] == pytest.approx(2000 * 100 / 5000)
    for edition in (2018, 2021):
        assert np.isnan(found["07102"][f"per_inhabitant_clcplus_{edition}"])
    with reading.snapshot() as connection:
        for code in ("07001", "07002", "07101"):
            record = queries.change(
                connection,
                zone_id=world.zones[code].pk,
                earlier=world.editions[2018].pk,
                later=world.editions[2021].pk,
            )
            assert record is not None
            expected = record.verdict
            assert expected is not None
            assert bool(found[code][clear]) == expected.distinguishable
    assert not any("2023" in name for name in found["07001"])


@pytest.fixture
def three_editions(world: World) -> Iterator[None]:
    """That of 2023 too is published; committed where the read side sees it."""
    views.published.cache_clear()
    other = connections["default"].copy()
    try:
        with other.cursor() as cursor:
            change = "update clcplus_edition set status = %s where id = %s"
            cursor.execute(change, ["published", world.editions[2023].pk])
            cache.clear()
            yield
            cursor.execute(change, ["loaded", world.editions[2023].pk])
            cache.clear()
    finally:
        other.close()
        views.published.cache_clear()


@pytest.mark.django_db
def test_tiles_hold_the_change_of_the_pair_that_is_asked_for(
    client: Client, three_editions: None, tmp_path: Path
) -> None:
    path = f"/tiles/territories/commune/{at(5)}.mvt"
    main = features(client.get(path).content, tmp_path)["07001"]
    asked = "?from=clcplus-2018&to=clcplus-2021"
    other = features(client.get(f"{path}{asked}").content, tmp_path)["07001"]
    assert "change_clcplus_2018_clcplus_2023" in main
    assert "change_clcplus_2018_clcplus_2021" not in main
    assert other["change_clcplus_2018_clcplus_2021"] == pytest.approx(0.6)
    assert "change_clcplus_2018_clcplus_2023" not in other
    assert {name for name in main if name.startswith("share")} < set(other)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("from=clcplus-2021&to=clcplus-2018", 422),
        ("from=clcplus-2018&to=clcplus-2018", 422),
        ("from=clcplus-2018&to=clcplus-2023", 404),
        ("from=clcplus-2018", 404),
        ("to=x", 404),
    ],
)
def test_invalid_pairs_of_tiles(client: Client, world: World, query: str, status: int) -> None:
    response = client.get(f"/tiles/territories/commune/{at(5)}.mvt?{query}")
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
def test_the_database_computes_the_same_noise(world: World) -> None:
    random = np.random.default_rng(20)
    edges = [0.0, 1e-6, 0.5, 0.93, 0.97, 0.999, 1.0]
    shares = [*edges, *random.random(60).tolist()]
    accuracies = [
        *(p.accuracy for p in CLCPLUS.editions.values() if p.accuracy is not None),
        *(Accuracy(p, 0, u, 0) for p, u in random.uniform(0.3, 1, (6, 2)).tolist()),
    ]
    with reading.snapshot() as connection:
        for accuracy in accuracies:
            columns = [
                noise_of_shares(literal(share, Double), accuracy, IN_SQL).apparent_gain.label(
                    f"noise_{number}"
                )
                for number, share in enumerate(shares)
            ]
            found = connection.execute(select(*columns)).one()
            wanted = [noise_alone(share, accuracy).apparent_gain for share in shares]
            assert list(found) == pytest.approx(wanted, rel=1e-12, abs=1e-15)


@pytest.mark.django_db
def test_the_database_computes_the_same_noise_of_a_pair(world: World) -> None:
    random = np.random.default_rng(21)
    shares = random.random((60, 2)).tolist()
    with reading.snapshot() as connection:
        pair = queries.editions(connection)[:2]
        accuracies = [accuracy_of(edition)[1] for edition in pair]
        columns = [
            noise_of_pair(
                literal(before, Double),
                literal(after, Double),
                accuracies=accuracies,
                arithmetic=IN_SQL,
            ).label(f"noise_{number}")
            for number, (before, after) in enumerate(shares)
        ]
        found = connection.execute(select(*columns)).one()
    wanted = [noise_of_pair(*both, accuracies=accuracies, arithmetic=NUMBERS) for both in shares]
    assert list(found) == pytest.approx(wanted, rel=1e-12, abs=1e-15)


@pytest.mark.django_db
def test_about_the_fields_of_territories(client: Client, world: World) -> None:
    fields = client.get("/tiles/territories/commune.json").json()["vector_layers"][0]["fields"]
    assert {
        "per_inhabitant_clcplus_2021",
        "change_clcplus_2018_clcplus_2021",
        "clear_clcplus_2018_clcplus_2021",
    } <= set(fields)
