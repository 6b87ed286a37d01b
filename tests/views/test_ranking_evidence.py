"""Rankings by estimates, and only what can be told from noise."""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from analytics.queries import ties
from tests.evidence import estimate, sample
from tests.world import World, world

__all__ = ["world"]

RANKING = "/ranking/commune/"

intervals = st.lists(
    st.tuples(st.floats(-100, 100), st.floats(0, 50), st.floats(0, 50)), min_size=1, max_size=20
)


@given(intervals)
def test_ranks_by_intervals_as_a_naive_count(found: list[tuple[float, float, float]]) -> None:
    """Above is whose interval lies wholly above; those whose intervals overlap may be either."""
    values = np.array([value for value, _, _ in found])
    low = values - np.array([below for _, below, _ in found])
    high = values + np.array([above for _, _, above in found])
    figures = ties.Figures(values, low, high, outside=(low > 0) | (high < 0))
    ranks = ties.ranks(figures)
    for i in range(len(found)):
        assert ranks.first[i] == 1 + sum(low[j] > high[i] for j in range(len(found)))
        assert ranks.last[i] == len(found) - sum(high[j] < low[i] for j in range(len(found)))
    # Two that overlap share a rank.
    for i in range(len(found)):
        for j in range(len(found)):
            if low[i] <= high[j] and low[j] <= high[i]:
                assert ranks.first[i] <= ranks.last[j]


@pytest.fixture(scope="module")
def estimated(world: World, django_db_blocker: pytest.FixtureRequest) -> World:
    """Net change of 07001 by 3 to 7 ha, of 07002 by 6 to 8 ha, of 07101 by -1 to 2 ha."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        of = sample(world, "Ardèche", earlier=2018, later=2021)
        for code, value, low, high in (
            ("07001", 50_000, 30_000, 70_000),
            ("07002", 70_000, 60_000, 80_000),
            ("07101", 5_000, -10_000, 20_000),
        ):
            estimate(of, world.zones[code], "net", value, low, high)
    return world


def codes(client: Client, query: str) -> list[str]:
    page = client.get(f"{RANKING}?{query}").content.decode()
    return re.findall(r'href="/territories/commune/(\w+)/"', page)


def rows(client: Client, query: str) -> dict[str, dict[str, str]]:
    response = client.get(f"{RANKING}table.csv?{query}")
    assert response.status_code == 200, response.content
    text = b"".join(response.streaming_content).decode()
    return {row["code"]: row for row in csv.DictReader(io.StringIO(text))}


@pytest.mark.django_db
def test_places_whose_intervals_overlap_share_a_rank(client: Client, estimated: World) -> None:
    found = rows(client, "sort=-estimate")
    assert list(found) == ["07002", "07001", "07101", "07102"]
    assert {code: (row["rank_first"], row["rank_last"]) for code, row in found.items()} == {
        "07002": ("1", "2"),
        "07001": ("1", "2"),
        "07101": ("", ""),
        "07102": ("", ""),
    }
    assert (found["07101"]["rank_status"], found["07102"]["rank_status"]) == (
        "in_map_noise",
        "no_figure",
    )
    own = found["07001"]
    assert (own["net_change_estimate_ha"], own["ci_low"], own["ci_high"]) == ("5.0", "3.0", "7.0")
    assert (own["estimate_stands_out"], found["07101"]["estimate_stands_out"]) == ("yes", "no")


@pytest.mark.django_db
def test_the_page_has_the_column(client: Client, estimated: World) -> None:
    page = client.get(f"{RANKING}?sort=-estimate").content.decode()
    assert "Net change, reference sample" in page
    assert "two territories whose 95\u00a0% intervals overlap" in page or (
        "two territories whose 95 % intervals overlap" in page
    )
    assert "+3.00 … +7.00" in page


@pytest.mark.django_db
def test_only_what_can_be_told_from_noise(client: Client, estimated: World) -> None:
    assert set(codes(client, "sort=-estimate&only=told-apart")) == {"07001", "07002"}
    assert set(rows(client, "sort=-estimate&only=told-apart")) == {"07001", "07002"}
    # As mapped nothing stands out.
    assert codes(client, "sort=-net&only=told-apart") == []
    page = client.get(f"{RANKING}?sort=-share&only=told-apart").content.decode()
    assert 'value="told-apart" checked' in page
    assert client.get(f"{RANKING}table.csv?only=everything").status_code == 400


@pytest.mark.django_db
def test_the_bulk_table_alike(client: Client, estimated: World) -> None:
    path = "/api/v1/change/?level=commune&indicator=sealed_net_change&format=csv"
    every = client.get(path).getvalue().decode()
    told = client.get(f"{path}&only=told-apart").getvalue().decode()
    assert [row["code"] for row in csv.DictReader(io.StringIO(every))] == [
        "07001",
        "07002",
        "07101",
        "07102",
    ]
    assert {row["code"]: row["verdict"] for row in csv.DictReader(io.StringIO(told))} == {
        "07001": "increase",
        "07002": "increase",
    }
    assert client.get(f"{path}&only=x").status_code == 400
