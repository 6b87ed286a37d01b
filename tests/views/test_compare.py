"""Comparisons over the small world."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest
from django.test import Client

from tests.statements import counted
from tests.views.test_pages import MOST_STATEMENTS, SAINT_ELIE, source, text
from tests.world import World

pytestmark = pytest.mark.django_db

TWO = "/compare/?t=commune:07001&t=commune:07101"
ALL = "/compare/?" + "&".join(f"t=commune:{c}" for c in ("07001", "07002", "07101", "07102"))
SIX = f"{ALL}&t=departement:07N&t=departement:07S"
SEVEN = f"{SIX}&t=region:07"
PAGES = ("/compare/", TWO, SIX, "/compare/?t=commune:07003", f"{TWO}&add=zzz")


@pytest.fixture(autouse=True)
def _world(world: World) -> None:
    """Every test has the world."""


def row(client: Client, path: str, heading: str) -> list[str]:
    """Cells of a row of the table of key figures."""
    page = source(client, path)
    cells = re.search(rf'<th scope="row">{re.escape(heading)}</th>(.*?)</tr>', page, flags=re.S)
    assert cells is not None, heading
    found = re.findall(r"<td[^>]*>(.*?)</td>", cells[1], flags=re.S)
    plain = (html.unescape(re.sub(r"<[^>]+>", "", cell)) for cell in found)
    return [re.sub(r"[\s\u202f]+", " ", cell).strip() for cell in plain]


def test_key_figures_stand_side_by_side(client: Client) -> None:
    assert row(client, TWO, "Sealed share, 2021") == [
        "10.6 %",
        "22.0 % 50 % not observed in 2021",
    ]
    assert row(client, TWO, "Sealed area") == ["10.6 ha", "≥ 11.0 ha"]
    assert row(client, TWO, "Sealed area per inhabitant") == ["100 m²", "≥ 367 m²"]
    assert row(client, TWO, "Inhabitants") == ["1 060 (2021)", "300 (2021)"]
    assert row(client, TWO, "Not observed") == ["0 %", "50.0 %"]
    assert row(client, TWO, "Gain") == ["1.00 ha", "2.00 ha"]
    assert row(client, TWO, "Loss") == ["0.40 ha", "0.00 ha"]
    assert row(client, TWO, "Net") == ["+0.60 ha", "+2.00 ha"]
    assert row(client, TWO, "Net, percentage points") == ["+0.60 pp", "+4.00 pp"]
    assert row(client, TWO, "Certainty of the net change")[0] == (
        "not distinguishable from map noise"
    )
    page = text(client, TWO)
    assert "CLC+ Backbone 2021" in page
    assert "as mapped" in page


def test_not_observed_is_not_zero(client: Client) -> None:
    path = "/compare/?t=commune:07001&t=commune:07102"
    assert row(client, path, "Sealed share, 2021") == ["10.6 %", "not observed"]
    assert row(client, path, "Gain") == ["1.00 ha", "–"]
    assert row(client, path, "Certainty of the net change")[1] == "not observed in both editions"
    assert "No cell of it is observed in both editions." in text(client, path)


def test_what_was_sealed_by_former_class(client: Client) -> None:
    page = text(client, TWO)
    assert "What became sealed, 2018 → 2021" in page
    assert "Permanent herbaceous 1.00 ha 100 %" in page


def test_charts_have_one_scale(client: Client) -> None:
    page = source(client, TWO)
    charts = re.findall(r'<svg class="chart".*?</svg>', page, flags=re.S)
    assert len(charts) == 2
    grids = [re.findall(r'<line class="chart-(?:axis|grid)".*?/>', chart) for chart in charts]
    assert grids[0] == grids[1]
    labels = [re.findall(r'<text x="0".*?</text>', chart) for chart in charts]
    assert labels[0] == labels[1]


def test_sentence_names_those_that_cannot_be_told_apart(client: Client) -> None:
    clear = text(client, "/compare/?t=commune:07001&t=commune:07002")
    assert "Its lead over each of the others is more than map noise" in clear
    # Half of 07101 is not observed in 2021: nothing is known of the other half.
    assert "Its lead over each of the others" not in text(client, TWO)
    alike = text(client, "/compare/?t=commune:07002&t=commune:07101")
    assert "Montrieux has the highest sealed share, 22.0 % in 2021." in alike
    assert "It cannot be told from Bourg-l'Évêque" in alike


def test_place_is_added_by_name_or_code_and_taken_away_by_a_link(client: Client) -> None:
    for add in ("07101", "montrieux", "MONTRIEUX"):
        response = client.get(f"/compare/?t=commune:07001&add={add}")
        assert response.status_code == 302
        assert response["Location"] == TWO
    page = source(client, TWO)
    assert 'href="/compare/?t=commune:07101" aria-label="Remove Saint-Élie' in page
    assert '<input type="hidden" name="t" value="commune:07001">' in page


def test_name_of_several_places_is_asked_back(client: Client) -> None:
    page = source(client, "/compare/?t=commune:07001&add=valmont")
    assert "Which one is meant by" in page
    assert 'href="/compare/?t=commune:07001&amp;t=departement:07N"' in page
    assert "No other place of the name" in text(client, f"{TWO}&add=zzz")


def test_more_than_six_is_said_and_six_are_shown(client: Client) -> None:
    page = text(client, SEVEN, 422)
    assert "names 7 territories; up to 6 fit" in page
    assert source(client, SEVEN, 422).count('aria-label="Remove ') == 6
    assert "remove one before another is added" in text(client, f"{SIX}&add=07", 422)


def test_unknown_territory_is_said_and_the_others_are_shown(client: Client) -> None:
    page = text(client, f"{TWO}&t=commune:99999", 422)
    assert "There is no territory commune:99999." in page
    assert "22.0 %" in page
    assert "There is no territory &lt;b&gt;" in source(client, "/compare/?t=<b>:1", 422)
    # A layer that is not active is not there.
    assert "Fantôme" not in text(client, "/compare/?t=commune:07999", 422)


def test_territory_twice_is_once(client: Client) -> None:
    assert len(row(client, f"{TWO}&t=commune:07001", "Area")) == 2


def test_older_boundary_is_named(client: Client) -> None:
    assert row(client, "/compare/?t=commune:07003", "Boundary of") == ["2020 older"]


def test_page_of_a_territory_leads_here(client: Client) -> None:
    page = source(client, SAINT_ELIE)
    assert 'href="/compare/?t=commune:07001"' in page
    assert client.get("/compare/?t=commune:07001").status_code == 200


@pytest.mark.parametrize("query", ["?t=", "?t=:", "?add=%25", "?t=x"])
def test_odd_queries_are_answered(client: Client, query: str) -> None:
    assert client.get(f"/compare/{query}").status_code in {200, 422}


@pytest.mark.parametrize("path", PAGES)
def test_page_is_like_the_others(client: Client, path: str) -> None:
    with counted() as sent:
        page = source(client, path)
    assert len(sent) <= MOST_STATEMENTS, "\n".join(sent)
    assert page.count("<h1") == 1
    assert not re.search(r"<style|\sstyle=|\son\w+=\"|<script(?![^>]*\bsrc=)", page)
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    first = client.get(path)
    assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 304


@pytest.fixture
def three_editions(world: World) -> Iterator[None]:
    """With the edition of 2023 published as well, which has sealed every cell that it counts."""
    world.editions[2023].status = "published"
    world.editions[2023].published_at = world.editions[2021].published_at
    world.editions[2023].save()
    yield
    world.editions[2023].status = "loaded"
    world.editions[2023].published_at = None
    world.editions[2023].save()


def test_editions_are_chosen_by_the_address(client: Client) -> None:
    path = f"{TWO}&edition=clcplus-2018"
    # 1 000 of 10 000 and 900 of 9 000 cells, with the inhabitants of the year nearest to 2018.
    assert row(client, path, "Sealed share, 2018") == ["10.0 %", "10.0 %"]
    assert row(client, path, "Inhabitants") == ["1 000 (2018)", "300 (2021)"]
    page = source(client, path)
    assert '<option value="clcplus-2018" selected>' in page
    assert f"http://testserver{html.escape(path)}</a>" in page
    assert 'href="/compare/?t=commune:07101&amp;edition=clcplus-2018"' in page
    assert '<input type="hidden" name="edition" value="clcplus-2018">' in page
    response = client.get(f"{path}&add=07002")
    assert response["Location"].endswith("&t=commune:07002&edition=clcplus-2018")
    # What nobody chose follows the newest data.
    assert f"http://testserver{html.escape(TWO)}</a>" in source(client, TWO)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("three_editions")
def test_pair_is_chosen_by_the_address(client: Client) -> None:
    one = "/compare/?t=commune:07001"
    assert "Change 2018 → 2023, indicative" in text(client, one)
    chosen = f"{one}&from=clcplus-2018&to=clcplus-2021"
    assert "Change 2018 → 2021, indicative" in text(client, chosen)
    assert row(client, chosen, "Gain") == ["1.00 ha"]
    assert "Change 2021 → 2023, indicative" in text(client, f"{one}&from=clcplus-2021")
    page = source(client, chosen)
    assert (
        'href="/?layer=swipe&amp;from=clcplus-2018&amp;to=clcplus-2021&amp;place=commune:07001"'
        in page
    )


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("edition=clcplus-1999", "There is no published edition “clcplus-1999”."),
        ("edition=clcplus-2023", "There is no published edition “clcplus-2023”."),
        ("from=clcplus-2021&to=clcplus-2018", "not from 2021 to 2018"),
        ("from=clcplus-2021", "not from 2021 to 2021"),
    ],
)
def test_editions_that_cannot_be_had_are_said(client: Client, query: str, said: str) -> None:
    page = text(client, f"{TWO}&{query}", 422)
    assert said in page
    assert "The usual editions are shown." in page
    assert "Sealed share, 2021" in page
    assert "Change 2018 → 2021, indicative" in page
