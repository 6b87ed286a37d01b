"""Intervals of sealed shares in lists, comparisons and their files: of samples, and borrowed."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client

from clcplus.views.rankings.standings import standings
from tests.evidence import evidence
from tests.views.test_compare import TWO, row
from tests.views.test_pages import text
from tests.world import World, world

__all__ = ["evidence", "world"]

pytestmark = pytest.mark.django_db

LENT = "9.8 % … 10.7 % borrowed"
"""Of 07001: 10.6 %, times the user's accuracy .9291, at a producer's accuracy of 1 and of .9218."""


@pytest.fixture(autouse=True)
def _france(evidence: World, settings: Any) -> None:
    settings.CLCPLUS_COUNTRY = "FR"
    standings.clear()


def rows(client: Client, path: str) -> list[dict[str, str]]:
    response = client.get(path)
    assert response.status_code == 200, path
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return list(csv.DictReader(io.StringIO(content.decode())))


@pytest.mark.parametrize(
    "path",
    [
        "/territories/departement/07N/",
        "/territories/commune/07001/",
        "/territories/commune/",
        "/ranking/commune/",
    ],
)
def test_lists_label_what_is_borrowed(client: Client, path: str) -> None:
    assert LENT in text(client, path)


def test_a_sample_goes_before(client: Client) -> None:
    page = text(client, "/territories/departement/07N/")
    assert "19.0 % … 23.0 %" in page
    assert "19.0 % … 23.0 % borrowed" not in page


def test_without_a_country_nothing_is_borrowed(client: Client, settings: Any) -> None:
    settings.CLCPLUS_COUNTRY = ""
    for path in ("/territories/departement/07N/", "/territories/commune/", TWO):
        assert "borrowed" not in text(client, path)


@pytest.mark.parametrize("path", ["departement/07N", "commune/07001"])
def test_files_of_lists(client: Client, path: str) -> None:
    """Below a territory, and next to one in the ranking."""
    found = {
        one["code"]: one
        for one in rows(client, f"/territories/{path}/tables/territories.csv")
        if one["indicator"] == "sealed_share"
    }
    lent = found["07001"]
    assert (lent["basis"], lent["method"], lent["status"]) == (
        "borrowed",
        "borrowed_accuracy",
        "ok",
    )
    assert float(lent["ci_low"]) == pytest.approx(0.106 * 0.9291)
    assert float(lent["ci_high"]) == pytest.approx(0.106 * 0.9291 / 0.9218)
    assert (found["07002"]["basis"], found["07002"]["ci_low"]) == ("own", "0.19")


def test_comparisons(client: Client) -> None:
    cells = row(client, TWO, "True share, 95 % interval")
    assert cells[0] == (
        "9.8 % … 10.7 %borrowed from the accuracy published for the group of countries"
    )
    first, second = rows(client, f"/compare/table.csv?{TWO.partition('?')[2]}")
    assert (first["sealed_share_basis"], first["sealed_share_method"]) == (
        "borrowed",
        "borrowed_accuracy",
    )
    assert float(first["sealed_share_ci_high"]) == pytest.approx(0.106 * 0.9291 / 0.9218)
    assert second["sealed_share_basis"] == "own"
    (unseen,) = rows(client, "/compare/table.csv?t=commune:07102")
    assert unseen["sealed_share_ci_low"] == unseen["sealed_share_basis"] == ""
