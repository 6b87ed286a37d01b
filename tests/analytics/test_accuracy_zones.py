"""The published accuracies by zone of validation."""

from __future__ import annotations

import pytest

from analytics.accuracy_zones import OVERSEAS, ZONES, ZONES_2021, accuracy_zone


def test_each_country_is_in_one_zone() -> None:
    countries = [country for zone in ZONES_2021 for country in zone.countries]
    assert len(countries) == len(set(countries)) == 40
    assert len(ZONES_2021) == 23


def test_accuracies_are_fractions() -> None:
    for zones in ZONES.values():
        for zone in zones:
            assert 0 < zone.accuracy.producers < 1
            assert 0 < zone.accuracy.users < 1
            assert 0 < (zone.accuracy.producers_half_width or 0.1) < 0.5


@pytest.mark.parametrize(
    ("country", "producers", "users", "half_width"),
    [
        ("FR", 0.9628, 0.9291, 0.041),
        ("pl", 0.9496, 0.9103, 0.054),
        ("SE", 0.8046, 0.9380, 0.168),
        ("IS", 0.4094, 0.9147, 0.27),
        ("GR", 0.7772, 0.9213, None),
        ("XK", 0.85, 0.8738, None),
        (OVERSEAS, 0.9193, 0.8873, None),
    ],
)
def test_a_country_has_the_accuracy_of_its_zone(
    country: str, producers: float, users: float, half_width: float | None
) -> None:
    zone = accuracy_zone(product="clcplus", year=2021, country=country)
    assert zone is not None
    found = zone.accuracy
    assert (found.producers, found.users) == pytest.approx((producers, users))
    assert found.producers_half_width == (half_width and pytest.approx(half_width))


@pytest.mark.parametrize(
    ("product", "year", "country"),
    [
        ("clcplus", 2023, "FR"),
        ("clcplus", 2018, "FR"),
        ("other", 2021, "FR"),
        ("clcplus", 2021, "UA"),
    ],
)
def test_nothing_is_borrowed_where_nothing_is_published(
    product: str, year: int, country: str
) -> None:
    assert accuracy_zone(product=product, year=year, country=country) is None


def test_a_zone_is_named_as_in_the_manual() -> None:
    zone = accuracy_zone(product="clcplus", year=2021, country="DK")
    assert zone is not None
    assert zone.name == "BE-DK-LU-NL"
