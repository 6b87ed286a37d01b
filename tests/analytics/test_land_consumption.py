"""SDG 11.3.1 of a change, and what keeps it back."""

from __future__ import annotations

import dataclasses
import math
from datetime import date
from typing import Any

import pytest

from analytics.figures import AreaEstimate, Change
from analytics.land_consumption import outcome, rates
from analytics.nomenclature import OBSERVED_CODES
from analytics.queries.changes import change_of_matrix
from analytics.records import Edition

PEOPLE = {2018: 50_000, 2023: 51_000}


def edition(year: int, **more: Any) -> Edition:
    usual: dict[str, Any] = {
        "id": year,
        "slug": f"clcplus-{year}",
        "product": "clcplus",
        "product_name": "CLC+ Backbone",
        "year": year,
        "version": 1,
        "origin": "official",
        "window_start": date(year, 1, 1),
        "window_end": date(year, 12, 31),
        "doi": "",
        "content_hash": "",
        "overview_key": "",
        "published_at": None,
    }
    return Edition(**{**usual, **more})


def change(pairs: dict[tuple[int, int], int], **later: Any) -> Change:
    cells = [pairs.get((a, b), 0) for a in OBSERVED_CODES for b in OBSERVED_CODES]
    return change_of_matrix(edition(2018), edition(2023, **later), cells)


# 10 000 of a million cells, then 20 000: far more than noise.
GROWN = {(1, 1): 10_000, (6, 1): 10_000, (6, 6): 980_000}


def test_a_worked_example() -> None:
    found = outcome(change(GROWN), PEOPLE)
    assert found.reason == "ok"
    assert found.years == 5
    assert found.land_consumption_rate == pytest.approx((20_000 - 10_000) / 10_000 / 5)
    assert found.population_growth_rate == pytest.approx(math.log(51_000 / 50_000) / 5)
    assert found.ratio == pytest.approx(0.2 / (math.log(1.02) / 5))


def test_t6() -> None:
    found = rates((100, 106), (50_000, 51_000), years=5)
    assert found is not None
    consumption, growth = found
    assert consumption == pytest.approx(0.012, abs=1e-12)
    assert growth == pytest.approx(0.0039605, abs=5e-8)
    assert consumption / growth == pytest.approx(3.0299, abs=5e-5)


def test_rates_without_growth_and_from_nothing() -> None:
    assert rates((100, 106), (9, 9), years=5) == (pytest.approx(0.012), 0)
    assert rates((0, 1), (1, 1), years=1) is None


@pytest.mark.parametrize(
    ("pairs", "people", "reason"),
    [
        (GROWN, {2018: 50_000}, "population_missing"),
        (GROWN, {2019: 50_000, 2023: 51_000}, "population_missing"),
        (GROWN, {}, "population_missing"),
        (GROWN, {2018: 0, 2023: 51_000}, "no_rate"),
        ({(6, 1): 20_000, (6, 6): 980_000}, PEOPLE, "no_rate"),
        ({(1, 1): 10_000, (6, 1): 100, (6, 6): 989_900}, PEOPLE, "in_map_noise"),
        ({}, PEOPLE, "not_observed"),
    ],
)
def test_what_keeps_it_back(
    pairs: dict[tuple[int, int], int], people: dict[int, int], reason: str
) -> None:
    found = outcome(change(pairs), people)
    assert found.reason == reason
    rates = (found.land_consumption_rate, found.population_growth_rate, found.ratio)
    assert rates == (None, None, None)


@pytest.mark.parametrize(
    ("low", "high", "reason"),
    [
        (500_000.0, 1_500_000.0, "ok"),
        (2_000_000.0, 3_000_000.0, "sample_disagrees"),
        (-2_000_000.0, -1_000_000.0, "sample_disagrees"),
        (-500_000.0, 1_500_000.0, "in_map_noise"),
    ],
)
def test_with_the_interval_of_a_sample(low: float, high: float, reason: str) -> None:
    """10 000 cells, 1 km², have grown as mapped."""
    net = AreaEstimate(
        estimated_m2=(low + high) / 2,
        se_m2=1.0,
        low_m2=low,
        high_m2=high,
        status="ok",
        basis="own",
        method="stratified_labels",
    )
    told = dataclasses.replace(change(GROWN), estimates={"net": net})
    assert outcome(told, PEOPLE).reason == reason


def test_without_growth_there_are_components_and_no_ratio() -> None:
    found = outcome(change(GROWN), {2018: 50_000, 2023: 50_100})
    assert found.reason == "growth_near_zero"
    assert found.land_consumption_rate == pytest.approx(0.2)
    assert found.population_growth_rate == pytest.approx(math.log(1.002) / 5)
    assert found.ratio is None


def test_not_across_origins() -> None:
    assert outcome(change(GROWN, origin="modelled"), PEOPLE).reason == "across_origins"


def test_years_without_windows_are_those_of_the_editions() -> None:
    bare = dataclasses.replace(change(GROWN), later=edition(2023, window_start=None))
    assert outcome(bare, PEOPLE).years == 5
