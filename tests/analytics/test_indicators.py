"""Indicators: table T6, units, and what cannot be told."""

from __future__ import annotations

from datetime import date

import pytest

from analytics import indicators
from analytics.products import CLCPLUS


def test_t6():
    found = indicators.land_consumption(
        sealed_before=100,
        sealed_after=106,
        inhabitants_before=50_000,
        inhabitants_after=51_000,
        years=5,
    )
    assert found is not None
    assert found.land_consumption_rate == pytest.approx(0.012, abs=1e-12)
    assert found.population_growth_rate == pytest.approx(0.0039605, abs=5e-8)
    assert found.ratio == pytest.approx(3.0299, abs=5e-5)
    assert found.logarithmic_ratio == pytest.approx(2.9425, abs=5e-5)
    assert found.compound_annual_rate == pytest.approx(0.0117220, abs=5e-8)


@pytest.mark.parametrize(
    ("cells", "inhabitants", "expected"),
    [(1_000_000, 50_000, 2000.0), (1_060_000, 51_000, 2078.43)],
)
def test_t6_per_inhabitant(cells, inhabitants, expected):
    found = indicators.square_metres_per_inhabitant(cells, inhabitants)
    assert found == pytest.approx(expected, abs=0.005)


def test_without_growth_only_the_components_are_given():
    found = indicators.land_consumption(
        sealed_before=100, sealed_after=106, inhabitants_before=9, inhabitants_after=9, years=5
    )
    assert found is not None
    assert found.population_growth_rate == 0
    assert found.ratio is None
    assert found.logarithmic_ratio is None


def test_no_rate_from_nothing():
    assert (
        indicators.land_consumption(
            sealed_before=0, sealed_after=1, inhabitants_before=1, inhabitants_after=1, years=1
        )
        is None
    )


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
    assert indicators.percentage_points(0.1, 0.106) == pytest.approx(0.6)
    assert indicators.percentage_points(None, 0.1) is None


def test_per_cent_change_is_suppressed_below_50_hectares():
    assert indicators.per_cent_change(5000, 5100) == 2
    assert indicators.per_cent_change_status(5000) == "indicative"
    assert indicators.per_cent_change(4999, 5100) is None
    assert indicators.per_cent_change_status(4999) == "suppressed"
    assert indicators.per_cent_change_status(None) == "not_observed"


@pytest.mark.parametrize("year", [2018, 2021, 2023])
def test_middle_of_the_windows(year):
    edition = CLCPLUS[year]
    assert indicators.window_middle(edition.window_start, edition.window_end) == date(year, 7, 1)


def test_middle_of_other_windows():
    # January to March: 90 days, halved by days.
    assert indicators.window_middle(date(2023, 1, 1), date(2023, 3, 31)) == date(2023, 2, 15)
    assert indicators.window_middle(date(2023, 5, 10), date(2023, 5, 10)) == date(2023, 5, 10)


def test_years_between():
    assert indicators.years_between(date(2018, 7, 1), date(2021, 7, 1)) == 3
    assert indicators.years_between(date(2021, 7, 1), date(2023, 7, 1)) == 2
    assert indicators.years_between(date(2021, 7, 1), date(2022, 1, 1)) == 0.5


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
