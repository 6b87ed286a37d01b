"""A comparison as a file."""

from __future__ import annotations

import csv
import html
import io
import json
import re

import pytest
from django.test import Client

from tests.api.test_downloads import sheets
from tests.views.test_compare import SEVEN, TWO
from tests.views.test_pages import source
from tests.world import World

pytestmark = pytest.mark.django_db

QUERY = TWO.partition("?")[2]


@pytest.fixture(autouse=True)
def _world(world: World) -> None:
    """Every test has the world."""


def test_the_figures_of_the_page(client: Client) -> None:
    response = client.get(f"/compare/table.csv?{QUERY}")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    first, second = csv.DictReader(io.StringIO(response.content.decode()))
    assert (first["code"], second["code"]) == ("07001", "07101")
    assert first["sealed_share"] == "0.106"
    assert (first["sealed_gain_ha"], first["sealed_loss_ha"]) == ("1.0", "0.4")
    assert first["sealed_net_change_ha"] == "0.6"
    assert first["verdict"] == "in_map_noise"
    change = client.get("/api/v1/territories/commune/07001/change/").json()
    assert float(first["map_noise_ha"]) == pytest.approx(change["verdict"]["noise_ha"])
    assert (first["change_from"], first["change_to"]) == ("clcplus-2018", "clcplus-2021")
    assert second["not_observed_share"] == "0.5"


def test_every_format(client: Client) -> None:
    book = sheets(client.get(f"/compare/table.xlsx?{QUERY}").getvalue())
    assert [line[1] for line in book["comparison"]] == ["code", "07001", "07101"]
    body = json.loads(client.get(f"/compare/table.json?{QUERY}").content)
    assert [row["name"] for row in body["rows"]] == ["Saint-Élie-d'Aubrac", "Montrieux"]
    assert "Copernicus" in body["citation"]
    spreadsheet = client.get(f"/compare/table.csv?{QUERY}&dialect=spreadsheet").content.decode()
    assert ";0,106;" in spreadsheet


def test_not_observed_is_not_zero(client: Client) -> None:
    response = client.get("/compare/table.csv?t=commune:07102")
    (row,) = csv.DictReader(io.StringIO(response.content.decode()))
    assert (row["status"], row["sealed_share"]) == ("not_observed", "")
    assert (row["sealed_net_change_ha"], row["verdict"]) == ("", "")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        (SEVEN.partition("?")[2], 400),
        ("t=commune:99999", 404),
        ("t=commune:07001&edition=clcplus-1999", 400),
        ("t=commune:07001&colour=red", 400),
    ],
)
def test_what_cannot_be_had(client: Client, query: str, status: int) -> None:
    response = client.get(f"/compare/table.csv?{query}")
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"


def test_the_page_leads_to_the_files(client: Client) -> None:
    page = source(client, f"{TWO}&edition=clcplus-2018")
    links = [html.unescape(link) for link in re.findall(r'href="(/compare/table[^"]*)"', page)]
    assert len(links) == 4
    for link in links:
        assert "edition=clcplus-2018" in link
        assert client.get(link).status_code == 200
