"""TileJSON 3.0, by the rules of its specification, and where its tiles really lie."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from pyproj import CRS, Transformer

from tests.world import World

pytestmark = pytest.mark.django_db

ADDRESSES = [
    "/tiles/territories/commune.json",
    "/tiles/editions/clcplus-2021.json",
    "/tiles/change/clcplus-2018/clcplus-2021.json",
]


def told(client: Client, address: str) -> dict[str, Any]:
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    return dict(response.json())


@pytest.mark.parametrize("address", ADDRESSES)
def test_it_is_valid(client: Client, world: World, address: str) -> None:
    about = told(client, address)
    assert re.fullmatch(r"3\.0\.\d+", about["tilejson"])
    assert about["tiles"]
    for tile in about["tiles"]:
        assert tile.startswith("http://testserver/")
        assert all(part in tile for part in ("{z}", "{x}", "{y}"))
    assert about["scheme"] == "xyz"
    assert 0 <= about["minzoom"] <= about["maxzoom"] <= 30
    west, south, east, north = about["bounds"]
    assert -180 <= west < east <= 180
    assert -90 <= south < north <= 90
    for member in ("name", "attribution"):
        assert isinstance(about[member], str)
    for layer in about.get("vector_layers", []):
        assert layer["id"]
        assert all(isinstance(text, str) for text in layer["fields"].values())
    assert ("vector_layers" in about) == address.startswith("/tiles/territories/")


@pytest.mark.parametrize("address", ADDRESSES)
def test_it_names_the_system_of_its_tiles(client: Client, world: World, address: str) -> None:
    """Tile 0/0/0 of that system is the square of web Mercator, whose side is the equator."""
    crs = CRS(told(client, address)["crs"])
    to_metres = Transformer.from_crs("OGC:CRS84", crs, always_xy=True)
    x, y = to_metres.transform(180, 85.051128779806)
    assert x == pytest.approx(20_037_508.34, abs=0.01)
    assert y == pytest.approx(20_037_508.34, abs=0.01)
