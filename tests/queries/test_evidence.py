"""Filtered change and estimates beside the counts of zones."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from analytics import queries
from analytics.figures import Change, Statistics
from clcplus.database import read_side
from tests.evidence import FILTERED, evidence
from tests.statements import counted
from tests.world import World, world

__all__ = ["evidence", "world"]

pytestmark = pytest.mark.django_db


def change_of(connection: Connection, world: World, code: str) -> Change:
    zone, (first, last) = world.zones[code], (world.editions[2018], world.editions[2021])
    found = queries.change(connection, zone_id=zone.pk, earlier=first.pk, later=last.pk)
    assert found is not None
    return found


def statistics_of(connection: Connection, world: World, code: str) -> list[Statistics]:
    return queries.statistics(connection, zone_id=world.zones[code].pk)


def test_an_interval_decides_the_verdict(evidence: World) -> None:
    with read_side.snapshot() as connection, counted() as sent:
        found = change_of(connection, evidence, "07N")
    assert len(sent) == 1
    assert found.interval == (30_000, 70_000)
    assert (found.basis, found.method) == ("own", "stratified_labels")
    assert found.verdict is not None
    assert (found.verdict.outcome, found.verdict.basis) == ("increase", "own")
    # The stress test alone would say otherwise, and still stands beside it.
    assert not found.verdict.stress_test.distinguishable
    net = found.estimates["net"]
    assert (net.value_m2, net.interval_ha) == (50_000, (3.0, 7.0))
    assert (net.points, net.sealed_points, net.sample) == (120, 30, "Ardèche 2018–2021")
    assert {q: e.value_m2 for q, e in found.estimates.items()} == {
        "sealed_before": 300_000,
        "sealed_after": 350_000,
        "gain": 80_000,
        "loss": 30_000,
        "net": 50_000,
    }
    # Of what both editions have observed.
    assert net.cells == 20_000


def test_an_interval_that_holds_zero_tells_nothing(evidence: World) -> None:
    with read_side.snapshot() as connection:
        found = change_of(connection, evidence, "07001")
    assert found.verdict is not None
    assert (found.verdict.outcome, found.verdict.basis) == ("not_distinguishable", "small-area")
    assert not found.verdict.distinguishable
    assert found.status == "indicative"


def test_what_is_suppressed_is_not_told(evidence: World) -> None:
    with read_side.snapshot() as connection:
        found = change_of(connection, evidence, "07101")
    net = found.estimates["net"]
    assert (net.status, net.value_m2, net.interval_m2, net.value_ha) == (
        "suppressed",
        None,
        None,
        None,
    )
    assert (found.interval, found.basis, found.method) == (None, None, None)
    assert found.verdict is not None
    assert (found.verdict.outcome, found.verdict.basis) == ("in_map_noise", "stress_test")


@pytest.mark.parametrize("code", ["07002", "07102"])
def test_what_is_not_published_is_not_there(evidence: World, code: str) -> None:
    with read_side.snapshot() as connection:
        found = change_of(connection, evidence, code)
        statistics = statistics_of(connection, evidence, code)
    assert (found.estimates, found.filtered, found.interval) == ({}, {}, None)
    assert {one.estimate.sample for one in statistics if one.estimate} <= {"2021 alone"}


def test_raw_and_filtered_side_by_side(evidence: World) -> None:
    with read_side.snapshot() as connection:
        found = change_of(connection, evidence, "07001")
    assert (found.gain, found.loss) == (100, 40)
    assert {name: (one.gain, one.loss) for name, one in found.filtered.items()} == FILTERED
    assert list(found.filtered) == ["0.25ha", "0.5ha", "clc-change"]
    usual = found.usual_filter
    assert usual is not None
    assert (usual.net_ha, usual.filter.mmu_ha, usual.is_default) == (0.3, 0.25, True)


def test_all_pairs_of_a_zone_have_it_in_one_statement(evidence: World) -> None:
    with read_side.snapshot() as connection, counted() as sent:
        (found,) = queries.changes(connection, zone_id=evidence.zones["07N"].pk)
    assert len(sent) == 1
    assert found.interval == (30_000, 70_000)
    assert found.usual_filter is not None


def test_bulk_rows_are_those_of_the_single_zones(evidence: World) -> None:
    with read_side.snapshot() as connection:
        earlier, later = queries.editions(connection)
        seen = 0
        for level in ("commune", "departement"):
            with counted() as sent:
                found = list(
                    queries.bulk_change(connection, level=level, earlier=earlier, later=later)
                )
            assert len(sent) == 1
            for zone, bulk in found:
                own = change_of(connection, evidence, zone.code)
                assert bulk.estimates == own.estimates
                assert bulk.filtered == own.filtered
                assert bulk.verdict == own.verdict
                seen += bool(bulk.estimates)
            with counted() as sent:
                records = list(
                    queries.bulk_statistics(connection, level=level, editions=[earlier, later])
                )
            assert len(sent) == 1
            for zone, record in records:
                own_records = statistics_of(connection, evidence, zone.code)
                (alike,) = (r for r in own_records if r.edition == record.edition)
                assert record.estimate == alike.estimate
    assert seen == 3


def test_the_sealed_area_of_both_years_has_an_interval(evidence: World) -> None:
    with read_side.snapshot() as connection, counted() as sent:
        before, after = statistics_of(connection, evidence, "07N")
    assert len(sent) == 1
    assert before.interval == (280_000, 320_000)
    assert after.interval == (320_000, 380_000)
    # Of 20 000 cells, 2 km².
    assert after.share_interval == (0.16, 0.19)
    assert (after.basis, after.method) == ("own", "stratified_labels")


def test_an_interval_stands_only_beside_the_ground_that_it_is_of(evidence: World) -> None:
    """2018 has observed 9 000 cells of 07101, both editions 5 000."""
    with read_side.snapshot() as connection:
        before, after = statistics_of(connection, evidence, "07101")
    assert before.estimate is not None
    assert (before.estimate.value_m2, before.estimate.share) == (90_000, 0.18)
    assert (before.interval, before.share_interval, before.basis) == (None, None, None)
    assert after.interval == (90_000, 110_000)


def test_a_sample_of_one_edition(evidence: World) -> None:
    with read_side.snapshot() as connection:
        before, after = statistics_of(connection, evidence, "07002")
    assert before.estimate is None
    assert after.estimate is not None
    assert (after.interval, after.estimate.synthetic) == ((190_000, 230_000), True)
    assert after.share_interval == (0.19, 0.23)


def test_children_have_their_intervals(evidence: World) -> None:
    """Of 07S there is none, of 07102 nothing is observed."""
    with read_side.snapshot() as connection:
        edition = evidence.editions[2021].pk
        with counted() as sent:
            found = queries.children(
                connection, zone_id=evidence.zones["07"].pk, edition_id=edition
            )
        assert len(sent) == 1
        south = queries.children(connection, zone_id=evidence.zones["07S"].pk, edition_id=edition)
    assert {one.link.code: one.interval for one in found} == {
        "07N": (320_000, 380_000),
        "07S": None,
    }
    assert {one.link.code: one.interval for one in south} == {
        "07101": (90_000, 110_000),
        "07102": None,
    }
