"""The nearest and the most similar territories, on the page of a territory."""

from __future__ import annotations

import re

import numpy as np
import pytest
from django.test import Client

from analytics.queries.level_table import LevelTable, ShareIntervals
from analytics.queries.neighbours import similar_ids
from clcplus.views.rankings.standings import standings
from tests.statements import counted
from tests.views.test_pages import MOST_STATEMENTS, SAINT_ELIE, source, text
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(world: World) -> None:
    """Every test has the world, and no table from before it."""
    standings.clear()


def beside(client: Client, path: str, name: str) -> list[str]:
    """Codes of the rows of a table, after the page's own row."""
    page = source(client, path)
    table = page[page.index(f'id="beside-{name}"') :].split("</table>")[0]
    return re.findall(r'<th scope="row" class="text-left"><a href="/territories/\w+/(\w+)/"', table)


def _table(people: list[float], shares: list[float]) -> LevelTable:
    nothing = np.full(len(people), np.nan)
    nobody = np.full(len(people), None, dtype=object)
    observed = np.full(len(people), 1000.0)
    return LevelTable(
        ids=np.arange(len(people), dtype=np.int64) + 10,
        sealed=np.array(shares) * 1000,
        observed=observed,
        not_observed=observed * 0,
        inhabitants=np.array(people),
        common=nothing,
        gain=nothing,
        loss=nothing,
        before=nothing,
        east=nothing,
        north=nothing,
        place=nothing,
        cells=observed,
        most=observed,
        net_estimate=nothing,
        net_low=nothing,
        net_high=nothing,
        share=ShareIntervals(nothing, nothing, nobody, nobody, np.isfinite(nothing)),
        flickering=nothing,
        ever_sealed=nothing,
    )


def test_twice_the_inhabitants_are_as_far_as_twice_the_share() -> None:
    table = _table([1000, 2000, 1000, 1100, np.nan, 0], [0.1, 0.1, 0.19, 0.1, 0.1, 0.1])
    assert similar_ids(table, 10) == [13, 12, 11]
    assert similar_ids(table, 10, shown=1) == [13]


def test_nothing_is_like_what_is_not_known() -> None:
    table = _table([1000, 0, np.nan, 500], [0.1, 0.1, 0.1, np.nan])
    assert similar_ids(table, 11) == similar_ids(table, 12) == similar_ids(table, 13) == []
    assert similar_ids(table, 10) == similar_ids(table, 99) == []


def test_share_of_nought_has_its_like() -> None:
    assert similar_ids(_table([10, 10, 10], [0, 0.0005, 0.2]), 10) == [11, 12]


def test_nearest_are_by_centroid(client: Client) -> None:
    assert beside(client, SAINT_ELIE, "nearest") == ["07002", "07101", "07102"]
    # 07101 lies between two at the same distance: by code.
    assert beside(client, "/territories/commune/07101/", "nearest") == ["07002", "07102", "07001"]
    page = text(client, SAINT_ELIE)
    assert "1.0 km" in page.replace("1.00 km", "1.0 km")
    assert "By the distance between the centroids." in page


def test_similar_are_those_with_figures(client: Client) -> None:
    # From 1 060 people and 10.6 %: 1.99 to 300 and 22 %, which is ln 3.53 + ln 2.08; then 2.19.
    assert beside(client, SAINT_ELIE, "similar") == ["07101", "07002"]
    assert "doubling the population counts as much as doubling the share" in text(
        client, SAINT_ELIE
    )
    # Nothing of 07102 is observed and nobody is known to live there.
    assert 'id="beside-similar"' not in source(client, "/territories/commune/07102/")


def test_all_of_a_table_can_be_compared(client: Client) -> None:
    page = source(client, SAINT_ELIE)
    wanted = "/compare/?t=commune:07001&amp;t=commune:07002&amp;t=commune:07101"
    assert f'href="{wanted}&amp;t=commune:07102"' in page


def test_alone_on_its_level_and_older_boundaries_have_none(client: Client) -> None:
    for path in ("/territories/region/07/", "/territories/commune/07003/"):
        assert 'id="beside"' not in source(client, path)
        assert "Nearest" not in text(client, path)


def test_no_commune_of_another_vintage_is_near(client: Client) -> None:
    page = source(client, "/territories/commune/07002/")
    tables = re.findall(r'<section [^>]*aria-labelledby="beside-.*?</section>', page, re.S)
    assert len(tables) == 2
    assert "07003" not in "".join(tables)
    assert "Fantôme" not in text(client, "/territories/commune/07102/")


@pytest.mark.parametrize(
    "path", [SAINT_ELIE, "/territories/departement/07N/", "/territories/region/07/"]
)
def test_statements_are_few_and_fewer_again(client: Client, path: str) -> None:
    with counted() as cold:
        source(client, path)
    with counted() as warm:
        source(client, path)
    assert len(warm) == len(cold) - 1
    assert len(cold) <= MOST_STATEMENTS, "\n".join(cold)
