"""Files of a ranking: the rows of its pages, all of them, in their order."""

from __future__ import annotations

import csv
import html
import io
import re
from typing import Any

import pytest
from django.test import Client

from clcplus.views.rankings import page as ranking
from clcplus.views.rankings.standings import standings
from tests.api.test_downloads import sheets
from tests.views.test_pages import source
from tests.world import World

pytestmark = pytest.mark.django_db

PAGE = "/ranking/commune/"
FILE = "/ranking/commune/table.csv"
QUERIES = (
    "",
    "?sort=share",
    "?sort=-net",
    "?sort=person&edition=clcplus-2018",
    "?sort=-gain&in=departement:07N",
    "?people=1060",
)


@pytest.fixture(autouse=True)
def _world(world: World) -> None:
    """Every test has the world, and no table from before it."""
    standings.clear()


def body(client: Client, path: str) -> bytes:
    response = client.get(path)
    assert response.status_code == 200
    return bytes(response.getvalue())


def rows(client: Client, query: str = "") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body(client, FILE + query).decode())))


def shown(client: Client, query: str) -> list[tuple[str, str]]:
    """First to last rank, and code, of each row of all pages."""
    found, number, join = [], 1, "&" if query else "?"
    while True:
        page = source(client, f"{PAGE}{query}{join}page={number}")
        for rank, code in re.findall(
            r'<tr class="is-\w+"><td class="rank">(.*?)</td>.*?/commune/(\d+)/', page
        ):
            bare = html.unescape(re.sub(r"<[^>]+>", "", rank))
            found.append((bare if bare[0].isdigit() else "", code))
        if 'rel="next"' not in page:
            return found
        number += 1


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("size", [2, 50])
def test_file_has_the_rows_of_all_pages(
    client: Client, query: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "PAGE_SIZE", size)
    found = []
    for row in rows(client, query):
        first, last = row["rank_first"], row["rank_last"]
        found.append((first if first == last else f"{first}–{last}", row["code"]))
    assert found == shown(client, query)
    assert found


def test_page_leads_to_its_own_file(client: Client) -> None:
    page = source(client, f"{PAGE}?sort=net&in=departement:07S&people=100")
    links = [html.unescape(a) for a in re.findall(r'href="(/ranking/commune/table\.[^"]+)"', page)]
    assert len(links) == 3
    for link in links:
        assert "in=departement%3A07S" in link
        assert "people=100" in link
        assert "sort=net" in link
        assert body(client, link)


def test_figures_are_the_counts(client: Client) -> None:
    by_code = {row["code"]: row for row in rows(client)}
    own = by_code["07001"]
    assert (own["sealed_share"], own["sealed_area_ha"]) == ("0.106", "10.6")
    assert (own["sealed_m2_per_inhabitant"], own["inhabitants"]) == ("100.0", "1060")
    assert (own["sealed_gain_ha"], own["sealed_net_change_ha"]) == ("1.0", "0.6")
    assert (own["change_from"], own["gain_stands_out"]) == ("clcplus-2018", "no")
    assert (own["edition"], own["within"]) == ("clcplus-2021", "Nord-Valmont")
    unseen = by_code["07102"]
    assert unseen["rank_status"] == "no_figure"
    assert unseen["sealed_share"] == unseen["sealed_gain_ha"] == unseen["inhabitants"] == ""
    assert unseen["not_observed_share"] == "1.0"


def test_spreadsheets_get_semicolons_and_decimal_commas(client: Client) -> None:
    text = body(client, f"{FILE}?dialect=spreadsheet").decode()
    assert text.startswith("\ufeffrank_first;rank_last;")
    assert ";0,106;10,6;" in text


def test_workbook_is_the_same_table(client: Client) -> None:
    book = sheets(body(client, "/ranking/commune/table.xlsx?sort=-net"))
    expected = rows(client, "?sort=-net")
    assert book["ranking"][0] == list(expected[0])
    for got, wanted in zip(book["ranking"][1:], expected, strict=True):
        # Empty cells are not stored; a code is text.
        plain = [str(value) if isinstance(value, str) else float(value) for value in got]
        filled = [text for text in wanted.values() if text]
        assert plain == [
            float(text) if isinstance(cell, float) else text
            for cell, text in zip(plain, filled, strict=True)
        ]
    notes: dict[Any, Any] = dict(book["about"])
    assert "CLC+ Backbone 2018" in notes["citation"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?sort=x", 400),
        ("?edition=clcplus-2023", 400),
        ("?from=clcplus-2021", 400),
        ("?people=x", 400),
        ("?colour=red", 400),
        ("?sort=-net", 200),
    ],
)
def test_what_cannot_be_had_is_a_problem(client: Client, query: str, status: int) -> None:
    response = client.get(FILE + query)
    response.getvalue()
    assert response.status_code == status
    if status != 200:
        assert response["Content-Type"] == "application/problem+json"


def test_unknown_level_or_format_is_missing(client: Client) -> None:
    assert client.get("/ranking/canton/table.csv").status_code == 404
    assert client.get("/ranking/commune/table.pdf").status_code == 404
    head = client.head(FILE)
    assert head.status_code == 200
    assert not head.getvalue()
