"""Pages over the small world of :mod:`tests.world`: their figures are its counts."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client

from tests.statements import counted
from tests.world import UNSEEN, World

pytestmark = pytest.mark.django_db

SAINT_ELIE = "/territories/commune/07001/"
PAGES = (
    "/",
    "/territories/",
    "/territories/commune/",
    "/territories/commune/?sort=name",
    "/territories/region/07/",
    "/territories/departement/07N/",
    SAINT_ELIE,
    "/territories/commune/07003/",
    "/territories/commune/07102/",
    "/editions/",
    "/method/",
    "/search/?q=saint",
    "/search/?q=",
    "/search/?q=nowhere",
)
MOST_STATEMENTS = 15


@pytest.fixture(autouse=True)
def _world(world: World) -> None:
    """Every test has the world."""


def source(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, (path, response.status_code)
    return str(response.content.decode())


def text(client: Client, path: str, status: int = 200) -> str:
    """What a reader sees: without tags, with plain spaces."""
    markup = re.sub(r"<(script|style)\b.*?</\1>", " ", source(client, path, status), flags=re.S)
    words = html.unescape(re.sub(r"<[^>]+>", " ", markup))
    return re.sub(r"[\s\u202f\u00a0]+", " ", words)


# Every page
@pytest.mark.parametrize("path", PAGES)
def test_page_has_landmarks_and_nothing_inline(client: Client, path: str) -> None:
    page = source(client, path)
    assert page.count("<h1") == 1
    assert '<main id="main"' in page
    assert 'class="skip" href="#main"' in page
    assert 'lang="en-gb"' in page
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"<style|\sstyle=|\son\w+=\"", page)
    assert "https://" not in re.sub(r'href="https://doi\.org/[^"]*"', "", page)


@pytest.mark.parametrize("path", PAGES)
def test_ids_are_unique(client: Client, path: str) -> None:
    ids = re.findall(r'\sid="([^"]+)"', source(client, path))
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", PAGES)
def test_statements_are_few(client: Client, path: str) -> None:
    with counted() as sent:
        source(client, path)
    assert len(sent) <= MOST_STATEMENTS, "\n".join(sent)


@pytest.mark.parametrize("path", PAGES)
def test_unpublished_figures_are_nowhere(client: Client, path: str) -> None:
    page = text(client, path)
    assert "Fantôme" not in page
    assert str(UNSEEN) not in page
    assert "9 999" not in page


@pytest.mark.parametrize("path", PAGES)
def test_synthetic_data_is_said_on_every_page(client: Client, path: str, settings: Any) -> None:
    assert "Synthetic data." not in text(client, path)
    settings.DEMONSTRATION = True
    assert "Synthetic data." in text(client, path)


@pytest.mark.parametrize("path", PAGES)
def test_page_is_kept_until_something_is_published(client: Client, path: str) -> None:
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert not again.content
    assert "no-cache" in first["Cache-Control"]
    assert not first.cookies


def test_policy_forbids_what_is_inline(client: Client) -> None:
    policy = client.get("/")["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'self'" in policy


def test_missing_page_offers_the_search(client: Client) -> None:
    page = text(client, "/territories/commune/00000/", 404)
    assert "There is no such page" in page
    assert 'action="/search/"' in source(client, "/nowhere/", 404)
    source(client, "/territories/canton/", 404)


def test_pages_are_only_read(client: Client) -> None:
    assert client.post("/").status_code == 405
    assert client.head("/").status_code == 200


def test_slash_is_added(client: Client) -> None:
    response = client.get(SAINT_ELIE.rstrip("/"))
    assert response.status_code == 301
    assert response["Location"] == SAINT_ELIE


# Home
def test_home_has_the_key_figure_and_the_second_level(client: Client) -> None:
    page = text(client, "/")
    # 1 060 + 2 000 + 1 100 of 10 000 + 10 000 + 5 000 cells in 2021.
    assert "16.6 %" in page
    assert "of Valmont is mapped as sealed in 2021" in page
    assert "41.6 ha" not in page
    assert "42 ha of 250 ha observed" in page
    assert "Nord-Valmont" in page
    # (1 060 + 2 000) of 20 000 cells.
    assert "15.3 %" in page
    assert "+0.6 ha" in page


# A territory
def test_territory_shows_its_counts(client: Client) -> None:
    page = text(client, SAINT_ELIE)
    assert "Saint-Élie-d'Aubrac" in page
    assert "Commune 07001" in page
    assert "boundary of 2024" in page
    assert "1.0 km²" in page
    assert "1 060 inhabitants in 2021" in page
    assert "10.6 %" in page
    assert "10.6 ha of 100 ha observed" in page
    assert "100 m²" in page  # 106 000 m² for 1 060 people
    assert "1 060 10 000 0" in page  # raw counts of 2021


def test_change_is_told_with_its_verdict(client: Client) -> None:
    page = text(client, SAINT_ELIE)
    assert "+0.60 ha" in page
    assert "gain 1.00 ha, loss 0.40 ha" in page
    assert "not distinguishable from map noise" in page
    assert "ha a year, as mapped 0.33 0.13 +0.20" in page
    assert "percentage points, as mapped 1.00 0.40 +0.60" in page
    # The stock of 10 ha is below 50 ha.
    assert "% of what was sealed in 2018, as mapped not given" in page
    assert "less than 50 ha were sealed" in page
    assert "Most of the gain, 100 %, was mapped as “Permanent herbaceous” in 2018." in page


def test_not_observed_is_not_zero(client: Client) -> None:
    page = text(client, "/territories/commune/07102/")
    assert "Sealed share, 2021 not observed" in page
    assert "Nothing is observed here, so it has no rank." in page
    assert "Sealed share, 2021 0" not in page


def test_causes_of_not_observed_are_apart(client: Client) -> None:
    page = text(client, "/territories/commune/07101/")
    assert "Not observed: coastal seawater buffer 0 40.00" in page
    assert "Not observed: outside area 10.00 10.00" in page
    assert "50 % not observed in 2021" in page


def test_merged_territory_leads_to_its_successor(client: Client) -> None:
    page = source(client, "/territories/commune/07003/")
    assert "boundary of 2020" in page
    assert 'href="/territories/commune/07002/"' in page
    assert "no longer in the newest ones" in text(client, "/territories/commune/07003/")


def test_older_boundary_leads_to_the_newest(client: Client) -> None:
    page = text(client, "/territories/commune/07002/?vintage=2020")
    assert "boundary of 2020" in page
    assert "there are newer ones" in page


def test_children_are_sorted_by_the_address(client: Client) -> None:
    def names(query: str) -> list[str]:
        page = source(client, f"/territories/departement/07N/{query}")
        table = page[page.index('id="below"') :]
        return re.findall(r'<th scope="row"><a[^>]*>([^<]+)</a>', table)

    assert [html.unescape(n) for n in names("")] == ["Bourg-l'Évêque", "Saint-Élie-d'Aubrac"]
    assert next(html.unescape(n) for n in names("?sort=share")) == "Saint-Élie-d'Aubrac"
    assert next(html.unescape(n) for n in names("?sort=-name")) == "Saint-Élie-d'Aubrac"
    assert names("?sort=drop table") == names("")


def test_pair_of_editions_is_chosen_by_the_address(client: Client) -> None:
    page = text(client, f"{SAINT_ELIE}?from=clcplus-2018&to=clcplus-2021")
    assert "Change, 2018 → 2021" in page
    assert "Change, 2018 → 2021" in text(client, f"{SAINT_ELIE}?from=x&to=y")


# Lists, search, editions
def test_list_of_a_level(client: Client) -> None:
    page = source(client, "/territories/commune/")
    order = re.findall(r'href="/territories/commune/(\d+)/"', page)
    assert order == ["07101", "07002", "07001", "07102"]
    by_name = source(client, "/territories/commune/?sort=name&page=99")
    assert re.findall(r'href="/territories/commune/(\d+)/"', by_name) == [
        "07002",
        "07102",
        "07101",
        "07001",
    ]


def test_search_by_name_and_code(client: Client) -> None:
    assert "Saint-Élie-d'Aubrac" in text(client, "/search/?q=saint%20elie")
    assert "Montrieux" in text(client, "/search/?q=montrieu")
    assert "No place of this name or code" in text(client, "/search/?q=zzz")
    assert "&lt;b&gt;" in source(client, "/search/?q=%3Cb%3E")


def test_editions_say_what_is_published_of_them(client: Client) -> None:
    page = text(client, "/editions/")
    assert "CLC+ Backbone 2021" in page
    assert "10.2909/71fc9d1b-479f-4da1-aa66-662a2fff2cf7" in page
    assert "88.3 % ± 1.9 %" in page
    assert "1 October 2020 – 31 March 2022" in page
    assert "2023" not in re.sub(r"\d\d? \w+ 2023", "", page)


def test_method_names_the_rule_of_ties(client: Client) -> None:
    page = text(client, "/method/")
    assert "belongs to the territory east of it" in page
    assert "to the territory south of it" in page
    assert "CLC+ Backbone 2023 not published" in page


# Odd addresses
@pytest.mark.parametrize(
    "query",
    ["?page=0", "?page=-1", "?page=99999999999", "?page=x", "?sort=--share", "?sort="],
)
def test_odd_queries_are_answered(client: Client, query: str) -> None:
    source(client, f"/territories/commune/{query}")


@pytest.mark.parametrize("path", ["/territories/commune/%00/", "/search/?q=%25_"])
def test_odd_text_is_answered(client: Client, path: str) -> None:
    assert client.get(path).status_code in {200, 404}
