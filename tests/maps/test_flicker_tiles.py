"""The flicker rate as a shade of the map: in tiles that ask for it, and nowhere else."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from tests.maps.test_tiles import ADDRESS, features, problem
from tests.queries.test_flicker import three
from tests.statements import counted
from tests.views.test_pages import source
from tests.world import World, world

__all__ = ["three", "world"]

pytestmark = pytest.mark.django_db

TILE = f"/tiles/territories/commune/{ADDRESS}.mvt"


@pytest.fixture(autouse=True)
def _empty() -> None:
    cache.clear()


def shadings(client: Client) -> list[dict[str, Any]]:
    found = re.search(r'data-config="([^"]*)"', source(client, "/"))
    assert found is not None
    config: dict[str, Any] = json.loads(html.unescape(found[1]))
    return list(config.get("shadings", []))


def test_tiles_have_it_where_it_is_asked_for(client: Client, three: World, tmp_path: Path) -> None:
    with counted() as sent:
        usual = features(client.get(TILE).content, tmp_path)
    assert not any("clcplus_zoneseries" in statement for statement in sent)
    assert not any(name.startswith("flicker") for name in usual["07001"])
    found = features(client.get(f"{TILE}?figure=flicker_rate").content, tmp_path)
    # 36 of 254 cells, to one decimal.
    assert found["07001"]["flicker_rate_clcplus_2023"] == 14.2
    # Nobody has seen any cell of it three times: GDAL reads what is absent as a missing value.
    missing = found["07102"]["flicker_rate_clcplus_2023"]
    assert missing != missing
    assert found["07001"]["share_clcplus_2021"] == usual["07001"]["share_clcplus_2021"]
    # Each is kept under its own name.
    assert features(client.get(TILE).content, tmp_path).keys() == usual.keys()
    assert not any(
        name.startswith("flicker") for name in features(client.get(TILE).content, tmp_path)["07001"]
    )


def test_what_tiles_do_not_have_is_refused(client: Client, three: World) -> None:
    body = problem(client, f"{TILE}?figure=happiness", 400)
    assert body["allowed"] == ["flicker_rate"]


def test_the_map_offers_it_for_three_editions(client: Client, three: World) -> None:
    (shading,) = [one for one in shadings(client) if one["name"] == "flicker_rate"]
    name = "flicker_rate_clcplus_2023"
    assert shading["keys"] == {f"clcplus-{year}": name for year in (2018, 2021, 2023)}
    assert shading["asked"] == "&figure=flicker_rate"
    assert shading["unit"] == "%"
    assert shading["vintages"]["clcplus-2018"].endswith("2018, 2021, 2023")
    fields = client.get("/tiles/territories/commune.json").json()["vector_layers"][0]["fields"]
    assert "only in tiles that are asked for figure=flicker_rate" in fields[name]
    page = html.unescape(source(client, "/"))
    assert 'data-legend="flicker_rate"' in page


@pytest.mark.parametrize(
    ("language", "legend", "left_out"),
    [
        ("", "Flicker rate, per cent of the cells", "Zoom in to see all patches"),
        ("fr/", "Taux de scintillement, en pour cent des cellules", "Zoomez pour voir toutes"),
        ("pl/", "Wskaźnik migotania, procent komórek", "Przybliż mapę, aby zobaczyć"),
    ],
)
def test_the_map_speaks_the_language_of_its_page(
    client: Client, three: World, language: str, legend: str, left_out: str
) -> None:
    page = html.unescape(source(client, f"/{language}"))
    assert legend in page
    assert left_out in page
