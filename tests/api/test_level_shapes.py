"""All territories of a part of a level with their shapes, figures, change and verdict: one file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pyogrio
import pytest
from django.conf import settings as django_settings
from django.test import Client
from sqlalchemy import QueuePool

from clcplus.database import read_side
from clcplus.files import geofiles
from tests.world import World

pytestmark = pytest.mark.django_db

SHAPES = "/api/v1/shapes/?level=commune"
NORTH = f"{SHAPES}&within=departement:07N"
PAIR = "clcplus_2018_to_clcplus_2021"


@pytest.fixture(autouse=True)
def _world(world: World) -> None:
    """Every test has the world."""


def features(client: Client, path: str) -> dict[str, dict[str, Any]]:
    response = client.get(path)
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "application/geo+json"
    body = json.loads(response.getvalue())
    assert body["type"] == "FeatureCollection"
    assert "Copernicus" in body["citation"]
    return {feature["id"]: feature for feature in body["features"]}


def test_each_commune_of_a_departement_with_change_and_verdict(client: Client) -> None:
    found = features(client, NORTH)
    assert list(found) == ["07001", "07002"]
    told = found["07001"]["properties"]
    assert (told["parent_level"], told["parent_code"]) == ("departement", "07N")
    assert told["clcplus_2021_sealed_share"] == 0.106
    assert told["clcplus_2021_status"] == "ok"
    assert told[f"{PAIR}_sealed_gain"] == 10_000
    assert told[f"{PAIR}_sealed_loss"] == 4_000
    assert told[f"{PAIR}_sealed_net_change"] == 6_000
    assert told[f"{PAIR}_verdict"] == "in_map_noise"
    assert told[f"{PAIR}_status"] == "indicative"
    change = client.get("/api/v1/territories/commune/07001/change/").json()
    assert told[f"{PAIR}_map_noise"] == change["verdict"]["noise_m2"]
    assert found["07001"]["geometry"]["type"] == "MultiPolygon"


def test_not_observed_is_not_zero(client: Client) -> None:
    found = features(client, f"{SHAPES}&within=departement:07S")
    assert found["07101"]["properties"][f"{PAIR}_verdict"] == "in_map_noise"
    unseen = found["07102"]["properties"]
    assert unseen["clcplus_2021_status"] == "not_observed"
    assert unseen["clcplus_2021_sealed_share"] is None
    assert unseen[f"{PAIR}_sealed_net_change"] is None
    assert unseen[f"{PAIR}_verdict"] is None


def test_as_a_geopackage_in_the_grid(client: Client, tmp_path: Path) -> None:
    response = client.get(f"{NORTH}&format=gpkg")
    assert response["Content-Type"] == "application/geopackage+sqlite3"
    assert 'filename="sealing-commune-departement-07N.gpkg"' in response["Content-Disposition"]
    path = tmp_path / "a.gpkg"
    path.write_bytes(response.getvalue())
    assert [name for name, _ in pyogrio.list_layers(path)] == ["territories"]
    meta, _, shapes, columns = pyogrio.raw.read(path)
    assert meta["crs"] == "EPSG:3035"
    table = dict(zip(meta["fields"], columns, strict=True))
    assert table["code"].tolist() == ["07001", "07002"]
    assert table[f"{PAIR}_verdict"].tolist()[0] == "in_map_noise"
    assert len(shapes) == 2
    told = next(iter(features(client, NORTH).values()))["properties"]
    assert set(table) == set(told)


def test_editions_and_pair_may_be_chosen(client: Client) -> None:
    told = features(client, f"{NORTH}&edition=2018")["07001"]["properties"]
    assert "clcplus_2018_sealed_area" in told
    assert "clcplus_2021_sealed_area" not in told
    assert client.get(f"{NORTH}&from=2021&to=2018").status_code == 422
    assert client.get(f"{NORTH}&edition=1999").status_code == 404


@pytest.mark.parametrize(
    ("path", "status", "parameter"),
    [
        ("/api/v1/shapes/", 400, "level"),
        (f"{SHAPES}&within=departement:99", 400, "within"),
        (f"{SHAPES}&format=shp", 400, "format"),
        (f"{SHAPES}&colour=red", 400, "colour"),
        ("/api/v1/shapes/?level=region&within=departement:07N&format=gpkg", 404, None),
    ],
)
def test_what_cannot_be_had(client: Client, path: str, status: int, parameter: str | None) -> None:
    response = client.get(path)
    assert response.status_code == status
    assert response.json().get("parameter") == parameter


def test_too_many_points_are_refused(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geofiles, "LARGEST", 12)
    assert client.get(NORTH).status_code == 200  # two squares of five points
    body = client.get(SHAPES)
    assert body.status_code == 400
    assert body.json()["parameter"] == "within"
    assert "20 points" in body.json()["detail"]


def test_rate_of_large_downloads(client: Client, settings: Any) -> None:
    settings.DOWNLOADS_PER_MINUTE = 1
    assert client.get(NORTH, REMOTE_ADDR="203.0.113.77").status_code == 200
    refused = client.get(f"{NORTH}&format=gpkg", REMOTE_ADDR="203.0.113.77")
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert django_settings.DOWNLOADS_PER_MINUTE == 1


def test_unchanged_files_are_304_and_connections_come_back(client: Client) -> None:
    response = client.get(NORTH)
    response.getvalue()
    response.close()
    again = client.get(NORTH, headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304
    assert client.head(f"{NORTH}&format=gpkg").status_code == 200
    assert cast(QueuePool, read_side.engine().pool).checkedout() == 0


def test_the_page_of_a_departement_leads_to_the_files(client: Client) -> None:
    page = client.get("/territories/departement/07N/").content.decode()
    start = page.index('id="below-files"')
    links = [part.split('"')[0] for part in page[start:].split('href="')[1:6]]
    assert [link.rsplit("format=", 1)[1] for link in links] == [
        "geojson",
        "gpkg",
        "csv",
        "csv&amp;dialect=spreadsheet",
        "xlsx",
    ]
    for link in links:
        assert "within=departement:07N" in link
        response = client.get(link.replace("&amp;", "&"))
        assert response.status_code == 200, link
