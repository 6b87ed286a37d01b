"""Flicker of zones, from the counts by pattern."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from analytics import queries
from analytics.change.flicker import Flicker
from analytics.records import Series
from clcplus.database import read_side
from clcplus.models import Edition, ZoneSeries
from tests.statements import counted
from tests.world import World, world

__all__ = ["world"]

pytestmark = pytest.mark.django_db

# Cells of 07001 by whether they are sealed in 2018, 2021 and 2023: 2 to the power of the place.
COURSES = {
    course: 2**place for place, course in enumerate(itertools.product((False, True), repeat=3))
}
FLICKER = Flicker(
    from_unsealed=COURSES[False, True, False],
    from_sealed=COURSES[True, False, True],
    ever_sealed=255 - COURSES[False, False, False],
    observed=255,
)


@pytest.fixture(scope="module")
def three(world: World, django_db_blocker: Any) -> Iterator[World]:
    """The world with 2023 published too. 07001 has every course, and cells that 2021 has not seen;
    no cell of 07102 is seen by all."""
    with django_db_blocker.unblock():
        Edition.objects.filter(year=2023).update(status="published")
        ids = {year: edition.pk for year, edition in world.editions.items()}
        zone = world.zones["07001"]
        ZoneSeries.objects.filter(zone=zone).delete()
        made = [
            ZoneSeries(
                zone=zone,
                tile="E39N29",
                pattern=sorted(
                    (ids[year] if sealed else -ids[year])
                    for year, sealed in zip((2018, 2021, 2023), course, strict=True)
                ),
                cells=cells,
            )
            for course, cells in COURSES.items()
        ]
        unseen = ZoneSeries(zone=zone, tile="E39N30", pattern=[ids[2018], -ids[2023]], cells=1_000)
        ZoneSeries.objects.bulk_create([*made, unseen])
        cache.clear()
    yield world
    with django_db_blocker.unblock():
        Edition.objects.filter(year=2023).update(status="loaded")


def test_of_a_level_by_hand(three: World) -> None:
    with read_side.snapshot() as connection:
        editions = queries.editions(connection)
        with counted() as sent:
            found = list(
                queries.bulk_statistics(
                    connection, level="commune", editions=editions, flicker=True
                )
            )
    assert len(sent) == 2
    by_key = {(zone.code, record.edition.year): record for zone, record in found}
    assert by_key["07001", 2023].flicker == FLICKER
    # 4 and 32 of 254 cells.
    assert FLICKER.cells == 4 + 32
    assert by_key["07001", 2023].flicker_per_cent == pytest.approx(100 * 36 / 254)
    # It stands beside the newest edition alone.
    assert by_key["07001", 2018].flicker is None
    assert by_key["07001", 2021].flicker is None
    # Nobody has seen any cell of it three times.
    assert by_key["07102", 2023].flicker is None


def test_without_asking_there_is_none(three: World) -> None:
    with read_side.snapshot() as connection:
        editions = queries.editions(connection)
        with counted() as sent:
            found = list(queries.bulk_statistics(connection, level="commune", editions=editions))
    assert len(sent) == 1
    assert {record.flicker for _, record in found} == {None}


def test_two_editions_do_not_flicker(three: World) -> None:
    """A line of two editions alone."""
    with read_side.snapshot() as connection:
        records = queries.statistics(connection, zone_id=three.zones["07001"].pk)
        series = queries.series(
            connection,
            zone_ids=[three.zones["07001"].pk],
            edition_ids=[three.editions[2018].pk, three.editions[2021].pk],
        )
    two = queries.with_flicker(records[:2], series[three.zones["07001"].pk])
    assert {record.flicker for record in two} == {None}


def test_of_a_zone_from_its_series(three: World) -> None:
    with read_side.snapshot() as connection:
        records = queries.statistics(connection, zone_id=three.zones["07001"].pk)
    editions = tuple(record.edition for record in records)
    series = Series(editions=editions, observed=(1_255, 255, 1_255), courses=COURSES)
    found = queries.with_flicker(records, [series])
    assert [record.flicker for record in found] == [None, None, FLICKER]
    # Where an edition has seen nothing of the zone, or nothing is counted yet.
    part = Series(editions=editions[:2], observed=(255, 255), courses={})
    assert {r.flicker for r in queries.with_flicker(records, [part])} == {None}
    assert {r.flicker for r in queries.with_flicker(records, None)} == {None}


def test_files_have_it_on_request(client: Client, three: World) -> None:
    path = "/api/v1/statistics/?level=commune&indicator=flicker_rate&format=csv"
    text = client.get(path).getvalue().decode()
    (row,) = [row for row in csv.DictReader(io.StringIO(text)) if row["code"] == "07001"]
    assert (row["indicator"], row["edition"], row["unit"]) == ("flicker_rate", "clcplus-2023", "%")
    assert float(row["value"]) == pytest.approx(100 * 36 / 254)
    usual = client.get("/api/v1/statistics/?level=commune&format=csv").getvalue().decode()
    assert "flicker" not in usual
