"""Ranking pages over the small world, and the rule of ties against its naive form."""

from __future__ import annotations

import html
import re
from itertools import product
from typing import Any

import numpy as np
import pytest
from django.test import Client

from analytics.queries import ties
from clcplus.presentation.numbers import ordinal
from clcplus.views.rankings import page as ranking
from clcplus.views.rankings.standings import standings
from tests.statements import counted
from tests.views.test_pages import MOST_STATEMENTS, source, text
from tests.world import World

pytestmark = pytest.mark.django_db

COMMUNES = "/ranking/commune/"
PAGES = (
    COMMUNES,
    "/ranking/region/",
    f"{COMMUNES}?sort=-net",
    f"{COMMUNES}?sort=gain&in=departement:07N&people=100",
    f"{COMMUNES}?edition=clcplus-2018",
)


@pytest.fixture(autouse=True)
def _world(world: World) -> None:
    """Every test has the world, and no table from before it."""
    standings.clear()


def ranked(client: Client, query: str = "") -> list[tuple[str, str]]:
    """Rank and code of each row."""
    page = source(client, COMMUNES + query)
    rows = re.findall(r'<tr class="is-\w+"><td class="rank">(.*?)</td>.*?/commune/(\d+)/', page)
    return [(html.unescape(re.sub(r"<[^>]+>", "", rank)), code) for rank, code in rows]


# The rule
def test_ranks_are_those_of_counting_each_pair() -> None:
    random = np.random.default_rng(5)
    values = random.choice([*random.random(60), np.nan], 80)
    noise = random.random(80) * 0.2
    found = ties.ranks(ties.with_noise(values, noise))
    known = [i for i in range(80) if not np.isnan(values[i])]
    above: dict[int, int] = dict.fromkeys(known, 0)
    below: dict[int, int] = dict.fromkeys(known, 0)
    for i, j in product(known, known):
        apart = values[j] - noise[j] / 2 > values[i] + noise[i] / 2
        above[i] += bool(apart)
        below[j] += bool(apart)
    for i in range(80):
        if i not in above:
            assert (found.first[i], found.last[i]) == (0, 0)
        else:
            assert found.first[i] == above[i] + 1
            assert found.last[i] == len(known) - below[i]
    assert found.ranked == len(known)


def test_noise_nought_gives_plain_ranks_with_exact_ties() -> None:
    found = ties.ranks(ties.with_noise(np.array([0.2, 0.5, 0.2, 0.1]), np.zeros(4)))
    assert list(zip(found.first, found.last, strict=True)) == [(2, 3), (1, 1), (2, 3), (4, 4)]


def test_order_puts_what_is_in_the_noise_by_name() -> None:
    figures = ties.with_noise(np.array([0.1, 9.0, 0.5, np.nan, -7.0]), np.full(5, 1.0))
    for lowest_first, wanted in ((False, [1, 4, 0, 2, 3]), (True, [4, 1, 0, 2, 3])):
        order = ties.order(figures, among=figures.outside, lowest_first=lowest_first)
        assert order.tolist() == wanted


# The page
def test_shares_are_ranked_with_ties(client: Client) -> None:
    # 22 %, 20 %, 10.6 %: noise at 22 % and 20 % is above three points, so these two are tied.
    assert ranked(client) == [("1–2", "07101"), ("1–2", "07002"), ("3", "07001"), ("–", "07102")]
    assert [code for _r, code in ranked(client, "?sort=share")] == [
        "07001",
        "07002",
        "07101",
        "07102",
    ]
    page = text(client, COMMUNES)
    assert "Ties: two territories are ranked apart only where" in page
    assert "accuracy published for 2021" in page
    assert "Montrieux 07101 · Sud-Valmont Montrieux on the map 50 % not observed in 2021" in page


def test_verdicts_of_the_table_are_those_of_the_territory(client: Client) -> None:
    page = source(client, f"{COMMUNES}?sort=-net")
    # 07101 gains 200 of 5 000 cells; its own page gives the verdict.
    own = text(client, "/territories/commune/07101/")
    inside = "not distinguishable from map noise" in own.split("Net change")[1][:200]
    group = re.search(r'<tr class="is-(\w+)"><td class="rank">(?:(?!</tr>).)*?/07101/', page)
    assert group is not None
    assert group[1] == ("noise" if inside else "ranked")


def test_change_inside_the_noise_has_no_rank(client: Client) -> None:
    rows = dict((code, rank) for rank, code in ranked(client, "?sort=-net"))
    assert "not distinguishable from map noise" in rows["07001"]
    assert "not distinguishable from map noise" in rows["07002"]
    assert rows["07102"] == "–"
    page = text(client, f"{COMMUNES}?sort=-net")
    assert "Not distinguishable from map noise: not ranked, by name" in page
    assert "listed after them by name, without a rank" in page
    assert "No figure: not observed" in page


def test_inhabitants_are_a_figure_of_their_own(client: Client) -> None:
    # 367, 100 and 40 m² a head; nobody is known to live in 07102.
    assert next(code for _r, code in ranked(client, "?sort=-person")) == "07101"
    assert ranked(client, "?sort=-person")[-1] == ("–", "07102")
    assert "367 m²" in text(client, f"{COMMUNES}?sort=-person")


def test_filters_keep_ranks_of_the_whole_level(client: Client) -> None:
    north = ranked(client, "?in=departement:07N")
    assert north == [("1–2", "07002"), ("3", "07001")]
    assert ranked(client, "?in=region:07&people=1060") == north
    assert ranked(client, "?people=2000") == [("1–2", "07002")]
    assert "No territory passes these filters" in text(client, f"{COMMUNES}?people=999999")
    assert ranked(client, "?in=departement:none") == []


def test_edition_is_chosen_by_the_address(client: Client) -> None:
    page = text(client, f"{COMMUNES}?edition=clcplus-2018")
    # 500 of 10 000 cells, in 2018 alone.
    assert "5.0 %" in page
    assert "accuracy published for 2018" in page
    assert "Change since" not in page
    assert "Change since" in text(client, COMMUNES)
    assert "CLC+ Backbone 2021" in text(client, f"{COMMUNES}?edition=clcplus-2023")


def test_pages_of_fifty(client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(ranking, "PAGE_SIZE", 3)
    assert len(ranked(client)) == 3
    assert ranked(client, "?page=2") == [("–", "07102")]
    page = source(client, f"{COMMUNES}?people=1")
    assert "Page 1 of 1" not in page
    assert 'rel="next"' in source(client, COMMUNES)
    assert "sort=-share&amp;edition=clcplus-2021&amp;from=clcplus-2018&amp;page=2" in source(
        client, COMMUNES
    )


def test_links_to_the_data_and_to_the_places(client: Client) -> None:
    page = source(client, COMMUNES)
    assert "/statistics" in page
    assert "format=csv" in page
    assert 'href="/territories/commune/07001/"' in page
    assert 'href="/ranking/region/"' in page
    for path in re.findall(r'href="(/api/[^"]*format=csv)"', page):
        assert client.get(html.unescape(path)).status_code == 200


def test_ranking_without_a_level_leads_to_the_lowest(client: Client) -> None:
    response = client.get("/ranking/")
    assert response.status_code == 302
    assert response["Location"] == COMMUNES
    assert client.get("/ranking/canton/").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "?page=0",
        "?page=x",
        "?page=99999999999999",
        "?sort=--net",
        "?in=:",
        "?in=x",
        "?people=-1",
        "?people=٣",
        "?people=99999999999999999",
        "?edition=x&from=y",
    ],
)
def test_odd_queries_are_answered(client: Client, query: str) -> None:
    source(client, COMMUNES + query)


# Every page
@pytest.mark.parametrize("path", PAGES)
def test_page_is_like_the_others(client: Client, path: str) -> None:
    with counted() as sent:
        page = source(client, path)
    assert len(sent) <= MOST_STATEMENTS, "\n".join(sent)
    assert page.count("<h1") == 1
    assert not re.search(r"<style|\sstyle=|\son\w+=\"|<script(?![^>]*\bsrc=)", page)
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert "Fantôme" not in page
    first = client.get(path)
    assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 304


def test_table_is_kept_until_something_is_published(client: Client) -> None:
    source(client, COMMUNES)
    with counted() as sent:
        source(client, f"{COMMUNES}?sort=-sealed")
    assert not any("DISTINCT ON" in statement for statement in sent)


def test_page_of_a_territory_gives_the_ranks_of_the_ranking(client: Client) -> None:
    ranks = {code: rank for rank, code in ranked(client) if rank != "–"}
    assert ranks == {"07101": "1–2", "07002": "1–2", "07001": "3"}
    for code, rank in ranks.items():
        page = source(client, f"/territories/commune/{code}/")
        card = page.split('id="k4"')[1].split("</section>")[0]
        plain = html.unescape(re.sub(r"<[^>]+>", "", card))
        assert f"{rank}of 3" in plain
        first, _dash, last = rank.partition("–")
        told = "the map cannot tell more precisely"
        assert (told in plain) is bool(last)
        if last:
            assert f"between {ordinal(int(first))} and {ordinal(int(last))}: {told}" in plain
        peers = page.split('id="peers"')[1].split("</table>")[0]
        rows = re.findall(r'class="nowrap">([\d–]+)</span>.*?/commune/(\d+)/', peers)
        assert {c: r for r, c in rows} == ranks


def test_older_boundaries_have_no_rank(client: Client) -> None:
    page = text(client, "/territories/commune/07003/")
    assert "Only the newest boundaries are ranked." in page
