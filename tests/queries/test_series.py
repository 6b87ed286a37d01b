"""Series of zones: what is read of the counts over all editions."""

from __future__ import annotations

from typing import Any

import pytest

from analytics import queries
from analytics.change.patterns import courses, observed
from analytics.records import Series
from clcplus.database import read_side
from tests.statements import counted
from tests.world import World, world

pytestmark = pytest.mark.django_db

__all__ = ["world"]


def _series(world: World, *codes: str, **chosen: Any) -> dict[str, tuple[Series, ...] | None]:
    ids = {world.zones[code].pk: code for code in codes}
    with read_side.snapshot() as connection, counted() as sent:
        found = queries.series(connection, zone_ids=list(ids), **chosen)
    assert len(sent) == 1
    return {ids[zone_id]: series for zone_id, series in found.items()}


def test_a_series_is_made_of_the_cells_that_all_its_editions_have_observed(world: World) -> None:
    found = _series(world, "07001", "07101", "07102", "07S", "07")
    [whole] = found["07001"] or ()
    assert [edition.year for edition in whole.editions] == [2018, 2021]
    assert (whole.common, whole.sealed, whole.observed) == (10_000, (1_000, 1_060), (10_000,) * 2)
    [part] = found["07101"] or ()
    assert (part.common, part.sealed, part.observed) == (5_000, (900, 1_100), (9_000, 5_000))
    [alone] = found["07102"] or ()
    assert [edition.year for edition in alone.editions] == [2018]
    assert (alone.common, alone.sealed, alone.observed) == (10_000, (500,), (10_000,))
    [south] = found["07S"] or ()
    assert (south.common, south.sealed, south.observed) == (5_000, (900, 1_100), (19_000, 5_000))
    [top] = found["07"] or ()
    assert (top.common, top.sealed) == (25_000, (3_900, 4_160))


def test_an_edition_may_be_left_out(world: World) -> None:
    [one] = _series(world, "07101", edition_ids=[world.editions[2018].pk])["07101"] or ()
    assert (one.common, one.sealed) == (9_000, (900,))
    assert _series(world, "07101", edition_ids=[world.editions[2023].pk]) == {}


def test_patterns_answer_for_any_set_of_editions() -> None:
    cells = {(1, 2, 3): 1, (1, -2, 3): 10, (-1, -2): 100, (2, 3): 1_000, (-3,): 10_000}
    assert observed(cells, 1) == 111
    assert observed(cells, 3) == 11_011
    assert courses(cells, [1, 2]) == {
        (True, True): 1,
        (True, False): 10,
        (False, False): 100,
    }
    assert courses(cells, [3, 1]) == {(True, True): 11}
