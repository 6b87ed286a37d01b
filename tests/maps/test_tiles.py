"""Tiles over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
from django.core.cache import cache
from django.db import connections
from django.test import Client
from redis.exceptions import ConnectionError as RedisDown

from analytics import queries
from clcplus.database import read_side
from clcplus.models import Edition
from tests.maps.pictures import address_at, pixels, write
from tests.statements import counted
from tests.world import SIDE, SOUTH, WEST, World

pytestmark = pytest.mark.django_db

# The meridian 5.625° E, an edge of tiles from zoom 6 on, runs through the row of communes.
MIDDLE = address_at(WEST + 2 * SIDE, SOUTH + SIDE / 2, 5)
ADDRESS = f"{MIDDLE.zoom}/{MIDDLE.column}/{MIDDLE.row}"


@pytest.fixture(autouse=True)
def _world(world: World) -> None:
    cache.clear()


def features(content: bytes, tmp_path: Path) -> dict[str, dict[str, Any]]:
    """Properties of a vector tile's territories by code."""
    path = tmp_path / "tile.mvt"
    path.write_bytes(content)
    layers = pyogrio.list_layers(path)
    assert [name for name, _ in layers] == ["territories"]
    meta, _, shapes, columns = pyogrio.raw.read(path, layer="territories")
    assert all(shape is not None for shape in shapes)
    rows = zip(*columns, strict=True)
    named = [dict(zip(meta["fields"], row, strict=True)) for row in rows]
    return {row["code"]: row for row in named}


def problem(client: Client, path: str, status: int = 404) -> dict[str, Any]:
    response = client.get(path)
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response["Access-Control-Allow-Origin"] == "*"
    body: dict[str, Any] = response.json()
    return body


def test_territories(client: Client, tmp_path: Path) -> None:
    with counted() as sent:
        response = client.get(f"/tiles/territories/commune/{ADDRESS}.mvt")
    assert len(sent) <= 6
    assert response.status_code == 200
    assert response["Content-Type"] == "application/vnd.mapbox-vector-tile"
    assert response["Cache-Control"] == "public, no-cache"
    found = features(response.content, tmp_path)
    assert set(found) == {"07001", "07002", "07101", "07102"}
    assert found["07001"]["name"] == "Saint-Élie-d'Aubrac"
    assert found["07001"]["share_clcplus_2018"] == 0.1
    assert found["07101"]["share_clcplus_2021"] == 0.22
    assert "share_clcplus_2023" not in found["07001"]
    # Not observed: absent, which GDAL reads as a missing value.
    assert np.isnan(found["07102"]["share_clcplus_2021"])


def test_two_editions_have_no_flicker(client: Client) -> None:
    about = client.get("/tiles/territories/commune.json").json()
    assert not any(name.startswith("flicker") for name in about["vector_layers"][0]["fields"])
    assert "flicker_rate_clcplus" not in client.get("/").content.decode()
    plain = client.get(f"/tiles/territories/commune/{ADDRESS}.mvt")
    asked = client.get(f"/tiles/territories/commune/{ADDRESS}.mvt?figure=flicker_rate")
    assert asked.content == plain.content


def test_a_tile_is_kept(client: Client) -> None:
    first = client.get(f"/tiles/territories/commune/{ADDRESS}.mvt")
    with counted() as sent:
        second = client.get(f"/tiles/territories/commune/{ADDRESS}.mvt")
    assert second.content == first.content
    assert not any("ST_AsMVT" in statement for statement in sent)


def test_a_cache_that_is_down_costs_time_only(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RedisDown("down")

    monkeypatch.setattr("clcplus.maps.kept.cache.get", fail)
    monkeypatch.setattr("clcplus.maps.kept.cache.set", fail)
    assert client.get(f"/tiles/territories/commune/{ADDRESS}.mvt").status_code == 200


def test_tiles_are_asked_for_each_time(client: Client) -> None:
    path = f"/tiles/territories/commune/{ADDRESS}.mvt"
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    with read_side.snapshot() as connection:
        data = queries.data_version(connection)
    for version in (data.number, data):
        assert client.get(f"{path}?v={version}")["Cache-Control"] == "public, no-cache"
    assert client.get(f"{path}?v=0")["Cache-Control"] == "public, no-cache"


@pytest.mark.parametrize("zoom", range(15))
def test_every_zoom_shows_the_region(client: Client, tmp_path: Path, zoom: int) -> None:
    at = address_at(WEST + 2.5 * SIDE, SOUTH + SIDE / 2, zoom)
    path = f"/tiles/territories/region/{zoom}/{at.column}/{at.row}.mvt"
    content = client.get(path).content
    # At the smallest zooms 4 km are less than a unit of the tile: nothing, not an error.
    assert (set(features(content, tmp_path)) if content else {"07"}) == {"07"}
    assert content or zoom < 4


def test_an_empty_tile_has_no_bytes(client: Client) -> None:
    response = client.get("/tiles/territories/commune/10/0/0.mvt")
    assert (response.status_code, response.content) == (200, b"")


def test_tiles_that_do_not_exist(client: Client, world: World) -> None:
    assert problem(client, "/tiles/territories/canton/0/0/0.mvt")["levels"][0] == "region"
    assert "zoom" in problem(client, "/tiles/territories/commune/15/0/0.mvt")["detail"]
    assert problem(client, "/tiles/territories/commune/1/2/0.mvt")
    assert problem(client, "/tiles/territories/commune/1/x/0.mvt")
    assert problem(client, "/tiles/territories/canton.json")
    assert problem(client, "/tiles/editions/clcplus-2021/17/0/0.png")
    for path in ("3/4/2.png", "12/1/1.png", "12/1/1@2x.png"):
        body = problem(client, f"/tiles/editions/clcplus-2023/{path}")
        assert body["published"] == ["clcplus-2018", "clcplus-2021"]
    assert problem(client, "/tiles/editions/clcplus-2023.json")


def test_tiles_are_only_read(client: Client) -> None:
    response = Client(enforce_csrf_checks=True).post("/tiles/editions/clcplus-2021/12/1/1.png")
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, OPTIONS"
    assert response["Content-Type"] == "application/problem+json"


def test_about_territories(client: Client) -> None:
    body = client.get("/tiles/territories/commune.json").json()
    assert body["tilejson"] == "3.0.0"
    assert "/tiles/territories/commune/{z}/{x}/{y}.mvt?v=" in body["tiles"][0]
    west, south, east, north = body["bounds"]
    assert west < east
    assert south < north
    assert "share_clcplus_2018" in body["vector_layers"][0]["fields"]


# Pictures
@pytest.fixture
def drawn(settings: Any, tmp_path: Path, world: World) -> Edition:
    """An edition with one tile in the store: sealed west of the middle, meadow east of it."""
    settings.RASTER_STORE = str(tmp_path / "rasters")
    cells = np.full((400, 400), 6, dtype=np.uint8)
    cells[:, :200] = 1
    north = SOUTH + 4 * SIDE
    write(tmp_path / "rasters" / "e" / "tile.tif", cells, west=WEST, north=north, cell=10)
    shares = np.full((40, 40), 200, dtype=np.uint8)
    write(tmp_path / "rasters" / "e" / "overview.tif", shares, west=WEST, north=north, cell=100)
    edition = world.editions[2021]
    # Committed on a connection of its own: the read side sees nothing of a test's transaction.
    other = connections["default"].copy()
    try:
        with other.cursor() as cursor:
            cursor.execute(
                "update clcplus_edition set overview_key = 'e/overview.tif' where id = %s",
                [edition.pk],
            )
            cursor.execute(
                "insert into clcplus_editiontile (edition_id, name, key, overview_key, sha256,"
                ' "row", "column", height, width, in_series)'
                " values (%s, 'E40N29', 'e/tile.tif', '', '', %s, %s, 400, 400, true)"
                " on conflict do nothing",
                [edition.pk, (10_000_000 - north) // 10, WEST // 10],
            )
    finally:
        other.close()
    return edition


def test_pictures(client: Client, drawn: Edition) -> None:
    at = address_at(WEST + SIDE, SOUTH + SIDE, 14)
    path = f"/tiles/editions/clcplus-2021/{at.zoom}/{at.column}/{at.row}"
    response = client.get(f"{path}.png")
    assert response.status_code == 200
    assert response["Content-Type"] == "image/png"
    picture = pixels(response.content)
    assert picture.shape == (256, 256, 4)
    assert (picture[128, 128] == (255, 0, 0, 255)).all()
    assert pixels(client.get(f"{path}@2x.png").content).shape == (512, 512, 4)
    at = address_at(WEST + 2 * SIDE, SOUTH + 2 * SIDE, 11)
    picture = pixels(
        client.get(f"/tiles/editions/clcplus-2021/11/{at.column}/{at.row}.png").content
    )
    assert (picture[..., 3] > 0).any()


def test_a_raster_that_is_gone_is_an_error_not_an_empty_tile(
    client: Client, drawn: Edition, settings: Any, tmp_path: Path
) -> None:
    settings.RASTER_STORE = str(tmp_path / "elsewhere")
    client.raise_request_exception = False
    at = address_at(WEST + SIDE, SOUTH + SIDE, 14)
    body = problem(client, f"/tiles/editions/clcplus-2021/14/{at.column}/{at.row}.png", 503)
    assert "tile.tif" not in str(body)


def test_about_an_edition(client: Client) -> None:
    body = client.get("/tiles/editions/clcplus-2021.json").json()
    assert "/tiles/editions/clcplus-2021/{z}/{x}/{y}.png?v=" in body["tiles"][0]
    assert body["classes"][0] == {"code": 1, "name": "Sealed", "colour": "#ff0000"}
    assert body["classesFromZoom"] == 12
    assert "10.2909" in body["attribution"]
