"""Indicators: table T6, units, and what cannot be told."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

import pytest

from analytics import indicators
from analytics.products import CLCPLUS
from analytics.records import Edition


@pytest.mark.parametrize(
    ("cells", "inhabitants", "expected"),
    [(1_000_000, 50_000, 2000.0), (1_060_000, 51_000, 2078.43)],
)
def test_t6_per_inhabitant(cells, inhabitants, expected):
    found = indicators.square_metres_per_inhabitant(cells, inhabitants)
    assert found == pytest.approx(expected, abs=0.005)


def test_units():
    assert indicators.square_metres(1) == 100
    assert indicators.hectares(1) == 0.01
    assert indicators.hectares(12_345) == 123.45
    assert indicators.square_kilometres(10_000) == 1


def test_share():
    assert indicators.sealed_share(1060, 10_000) == 0.106
    assert indicators.sealed_share(0, 10_000) == 0
    assert indicators.sealed_share(None, 0) is None
    assert indicators.sealed_share(0, 0) is None


def test_per_cent_change_is_suppressed_below_50_hectares():
    assert indicators.per_cent_change(5000, 5100) == 2
    assert indicators.per_cent_change_status(5000) == "indicative"
    assert indicators.per_cent_change(4999, 5100) is None
    assert indicators.per_cent_change_status(4999) == "suppressed"
    assert indicators.per_cent_change_status(None) == "not_observed"


@pytest.mark.parametrize("year", [2018, 2021, 2023])
def test_middle_of_the_windows(year):
    published = CLCPLUS.editions[year]
    assert indicators.window_middle(published.window_start, published.window_end) == date(
        year, 7, 1
    )


def test_middle_of_other_windows():
    # January to March: 90 days, halved by days.
    assert indicators.window_middle(date(2023, 1, 1), date(2023, 3, 31)) == date(2023, 2, 15)
    assert indicators.window_middle(date(2023, 5, 10), date(2023, 5, 10)) == date(2023, 5, 10)


def edition(year: int, **more: Any) -> Edition:
    values: dict[str, Any] = dict.fromkeys(column.name for column in fields(Edition))
    values |= {"window_start": date(year, 1, 1), "window_end": date(year, 12, 31)}
    return Edition(**{**values, **more})


@pytest.mark.parametrize(("earlier", "later", "years"), [(2018, 2021, 3), (2021, 2023, 2)])
def test_years_apart(earlier, later, years):
    assert indicators.years_apart(edition(earlier), edition(later)) == years
    half = edition(2022, window_start=date(2022, 1, 1), window_end=date(2022, 1, 1))
    assert indicators.years_apart(edition(2021), half) == 0.5
    assert indicators.years_apart(edition(2021), edition(2023, window_end=None)) is None


def test_annualised():
    assert indicators.annualised(60, 3) == 20
    assert indicators.annualised(60, None) is None
    assert indicators.annualised(None, 3) is None


def test_observed_areas_differ_beyond_a_hundredth_of_the_largest() -> None:
    assert not indicators.differs_in_observed_area(10_000, 10_000)
    assert not indicators.differs_in_observed_area(9_900, 10_000)
    assert indicators.differs_in_observed_area(9_899, 10_000)
    assert indicators.differs_in_observed_area(0, 1)
    assert not indicators.differs_in_observed_area(0, 0)
