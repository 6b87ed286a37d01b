"""Rankings by flicker rate, which is read where it is ranked and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
from django.test import Client

from analytics import queries
from analytics.queries.level_table import level_table
from analytics.queries.ties import Standing
from clcplus.database import read_side
from clcplus.views.rankings.standings import standings
from tests.queries.test_flicker import three
from tests.statements import counted
from tests.views.test_pages import text
from tests.views.test_ranking_intervals import RANKING, rows
from tests.world import World, world

__all__ = ["three", "world"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_tables() -> None:
    standings.clear()


def test_flicker_is_read_only_where_it_is_ranked(client: Client, three: World) -> None:
    with counted() as sent:
        usual = rows(client, "?edition=clcplus-2023")
    assert not any("clcplus_zoneseries" in statement for statement in sent)
    assert {row["flicker_rate"] for row in usual.values()} == {""}
    with counted() as sent:
        found = rows(client, "?edition=clcplus-2023&sort=-flicker")
    assert sum("clcplus_zoneseries" in statement for statement in sent) == 1
    assert float(found["07001"]["flicker_rate"]) == pytest.approx(100 * 36 / 254)
    assert (found["07001"]["rank_first"], found["07001"]["rank_last"]) == ("1", "1")
    # Nobody has seen any cell of it three times: that is not nought.
    assert (found["07102"]["flicker_rate"], found["07102"]["rank_status"]) == ("", "no_figure")


def test_the_page_by_flicker(client: Client, three: World) -> None:
    page = text(client, f"{RANKING}?edition=clcplus-2023&sort=-flicker")
    assert "Flicker rate, in per cent: of the cells that any of the editions 2018, 2021, 2023" in (
        page
    )
    assert "14.2 %" in page
    assert "No figure: not observed in all editions, or never sealed; by name" in page
    usual = text(client, f"{RANKING}?edition=clcplus-2023")
    assert "Flicker rate, highest first" in usual
    assert "14.2 %" not in usual


def test_equal_rates_alone_are_tied(three: World) -> None:
    with read_side.snapshot() as connection:
        editions = queries.editions(connection)
        table = level_table(
            connection, level="commune", edition_id=editions[-1].id, pair=None, line=editions
        )
    found = Standing(table, editions[-1], ()).figures("flicker")
    assert np.array_equal(found.low, found.values, equal_nan=True)
    assert np.array_equal(found.high, found.values, equal_nan=True)
