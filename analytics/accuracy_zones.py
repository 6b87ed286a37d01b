"""Published accuracy of the sealed class by zone of validation.

CLC+ Backbone was validated by groups of countries. A figure of a place in one of them may borrow
its zone's accuracy, and must say so. Source: product user manual of CLC+ Backbone 2021. Half-widths
are given where they are published; that of France and Poland is 4 to 5 points, that of Sweden and
Iceland 17 to 27: too wide to be used without a look at them. Interpreters saw the map, so that all
of these accuracies are optimistic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SOURCE = "product user manual of CLC+ Backbone 2021"
OVERSEAS = "FR-OM"
"""Stands for the overseas territories, which are in no country's zone."""


@dataclass(frozen=True, slots=True)
class ZoneAccuracy:
    """Producer's and user's accuracy of the sealed class in a zone of validation, as fractions."""

    producers: float
    users: float
    producers_half_width: float | None = None
    """Of the 95 % interval; None where it is not published."""


@dataclass(frozen=True, slots=True)
class AccuracyZone:
    """Countries that were validated together, by their ISO 3166 codes."""

    countries: tuple[str, ...]
    accuracy: ZoneAccuracy

    @property
    def name(self) -> str:
        """The countries, as the manual joins them."""
        return "-".join(self.countries)


def _zone(
    countries: str, producers: float, users: float, half_width: float | None = None
) -> AccuracyZone:
    """A line of the manual's table, which is in per cent."""
    width = None if half_width is None else half_width / 100
    return AccuracyZone(tuple(countries.split()), ZoneAccuracy(producers / 100, users / 100, width))


ZONES_2021: tuple[AccuracyZone, ...] = (
    _zone("TR", 85.35, 96.35),
    _zone("FR", 96.28, 92.91, 4.1),
    _zone("ES AD", 92.70, 98.58),
    _zone("SE", 80.46, 93.80, 16.8),
    _zone("DE", 92.14, 97.45),
    _zone("FI", 87.97, 94.29),
    _zone("NO", 89.15, 91.34),
    _zone("PL", 94.96, 91.03, 5.4),
    _zone("IT MT", 89.34, 97.14),
    _zone("IE", 99.02, 88.89),
    _zone("RO", 83.50, 95.52),
    _zone("CY EL", 77.72, 92.13),
    _zone("BG", 83.86, 97.10),
    _zone("IS", 40.94, 91.47, 27.0),
    _zone("HU", 99.87, 91.13),
    _zone("PT", 93.21, 98.58),
    _zone("AT CH LI", 92.11, 97.69),
    _zone("BE DK LU NL", 95.70, 95.61),
    _zone("AL KX MK ME RS", 85.00, 87.38),
    _zone("SI HR BA", 88.06, 93.50),
    _zone("CZ SK", 96.10, 96.50),
    _zone("LV LT EE", 85.67, 72.79),
    _zone(OVERSEAS, 91.93, 88.73),
)
"""Of CLC+ Backbone 2021. The manual writes EL for Greece and KX for Kosovo."""
ZONES: Mapping[tuple[str, int], tuple[AccuracyZone, ...]] = {("clcplus", 2021): ZONES_2021}
"""By product and year. Of CLC+ Backbone 2018 the accuracy of all of Europe is published alone
(:mod:`analytics.products`), of 2023 none."""


def accuracy_zone(*, product: str, year: int, country: str) -> AccuracyZone | None:
    """The zone that a country was validated in; None where nothing is published for it.

    ``country`` is an ISO 3166 code of two letters; GR is Greece as EL is.
    """
    code = {"GR": "EL", "XK": "KX"}.get(country.upper(), country.upper())
    zones = ZONES.get((product, year), ())
    return next((zone for zone in zones if code in zone.countries), None)
