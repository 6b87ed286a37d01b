"""The ground by former and later class, SDG 11.3.1, the citation, the formula of the noise."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from django.test import Client
from django.utils import timezone

from analytics import estimation
from analytics.products import CLCPLUS
from clcplus import freshness
from tests.api.test_downloads import sheets
from tests.views.test_pages import SAINT_ELIE, source, text
from tests.world import World

pytestmark = pytest.mark.django_db

FILE = f"{SAINT_ELIE}transitions"


@pytest.fixture(autouse=True)
def _world(world: World) -> None:
    """Every test has the world."""


def lines(client: Client, path: str) -> list[dict[str, str]]:
    response = client.get(path)
    assert response.status_code == 200, response.content
    return list(csv.DictReader(io.StringIO(response.content.decode())))


def test_every_pair_of_classes_is_in_the_file(client: Client) -> None:
    found = lines(client, f"{FILE}.csv")
    assert len(found) == 11 * 11 + 1
    cells = {(row["from_class"], row["to_class"]): int(row["cells"]) for row in found}
    assert cells["1", "1"] == 960
    assert cells["1", "6"] == 40
    assert cells["6", "1"] == 100
    assert cells["6", "6"] == 8_900
    assert sum(n for key, n in cells.items() if key != ("missing", "missing")) == 10_000
    assert cells["missing", "missing"] == 0
    assert {row["area_ha"] for row in found if row["cells"] == "40"} == {"0.4"}


def test_missing_cells_are_said(client: Client) -> None:
    found = lines(client, "/territories/commune/07101/transitions.csv")
    assert found[-1]["from_class"] == "missing"
    assert found[-1]["cells"] == "5000"
    page = text(client, "/territories/commune/07101/")
    assert "50.0 ha of the territory are not observed in one of the editions" in page
    assert "The whole territory is observed in both." in text(client, SAINT_ELIE)
    # Nothing is observed in both: all of it is missing, and no pair has a row.
    nothing = lines(client, "/territories/commune/07102/transitions.csv")
    assert [row["cells"] for row in nothing] == ["10000"]


def test_other_formats_and_what_cannot_be_had(client: Client) -> None:
    book = sheets(client.get(f"{FILE}.xlsx").getvalue())
    assert book["transitions"][1][4] == 960
    assert any("Copernicus" in str(line) for line in book["about"])
    body = json.loads(client.get(f"{FILE}.json").content)
    assert body["rows"][0]["cells"] == 960
    assert body["status"] == "indicative"
    assert client.get(f"{FILE}.pdf").status_code == 404
    assert client.get(f"{FILE}.csv?from=2021&to=2018").status_code == 422
    assert client.get(f"{FILE}.csv?colour=1").status_code == 400
    assert client.get("/territories/commune/99999/transitions.csv").status_code == 404


def test_the_page_has_the_table_and_leads_to_the_files(client: Client) -> None:
    page = source(client, SAINT_ELIE)
    section = page[page.index('aria-labelledby="transitions"') :]
    row = re.search(r'<tr class="is-sealed">(.*?)</tr>', section, flags=re.S)
    assert row is not None
    cells = re.findall(r"<td>(?:<strong>)?(.*?)(?:</strong>)?</td>", row[1])
    assert cells == ["9.60", *["0"] * 4, "0.40", *["0"] * 5, "10.00"]
    for link in re.findall(r'href="([^"]*transitions\.[^"]*)"', section):
        assert client.get(link.replace("&amp;", "&")).status_code == 200


def test_sdg_on_page_and_api(client: Client) -> None:
    told = client.get(f"/api/v1{SAINT_ELIE}change/").json()["sdg_11_3_1"]
    assert told["status"] == "in_map_noise"
    assert told["ratio"] is None
    assert (told["inhabitants_before"], told["inhabitants_after"]) == (1000, 1060)
    assert "SDG 11.3.1" in text(client, SAINT_ELIE)
    assert "not more than map noise alone could make" in text(client, SAINT_ELIE)
    page = text(client, "/territories/commune/07002/")
    assert "Not given: the population is not known for both 2018 and 2021." in page


def test_the_citation_names_the_day_of_access(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = source(client, SAINT_ELIE)
    assert re.search(r'id="citation".*Accessed on \d{1,2} \w+ \d{4}\.</p>', page, flags=re.S)
    assert 'data-copies="citation"' in page
    # Tomorrow it is another page, for those too who have today's.
    tag = client.get(SAINT_ELIE)["ETag"]
    tomorrow = timezone.localdate() + timezone.timedelta(days=1)
    monkeypatch.setattr(freshness.timezone, "localdate", lambda: tomorrow)
    assert client.get(SAINT_ELIE, headers={"If-None-Match": tag}).status_code == 200


def test_the_formula_of_the_noise_is_that_of_the_code(client: Client) -> None:
    page = source(client, "/method/")
    assert page.count("<math") == 3
    assert f"<mn>{estimation.WORST_RATE}</mn>" in page
    french = source(client, "/fr/method/")
    assert "<mtext>bruit</mtext>" in french
    assert "<mo>;</mo><mn>0,5</mn>" in french
    # Domain table: q = .10 gives π = .10573 and F = .0074586, 26.35 ha of 15 km².
    said = text(client, "/method/")
    assert "π = 10.6 %" in said
    assert "F = 0.75 %" in said
    assert "noise alone could make 1.76 % of the observed area" in said
    accuracy = CLCPLUS.editions[2021].accuracy
    assert accuracy is not None
    assert estimation.noise_alone(0.1, accuracy).apparent_gain * 1500 == pytest.approx(
        26.35, abs=0.005
    )
