"""What is published about each edition of CLC+ Backbone: window, codes, DOI, accuracy.

Sources: product user manuals 2018, 2021 and 2023. Accuracy of 2023 is not published; None says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from analytics.nomenclature import CODES, SEA_BUFFER


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Producer's and user's accuracy of the sealed class, with 95 % half-widths, as fractions."""

    producers: float
    producers_half_width: float
    users: float
    users_half_width: float


@dataclass(frozen=True, slots=True)
class PublishedEdition:
    """An edition as its producer describes it."""

    product: str
    product_name: str
    year: int
    window_start: date
    window_end: date
    doi: str
    codes: frozenset[int]
    accuracy: Accuracy | None


_ALL = frozenset(CODES)

CLCPLUS: dict[int, PublishedEdition] = {
    2018: PublishedEdition(
        product="clcplus",
        product_name="CLC+ Backbone",
        year=2018,
        window_start=date(2017, 7, 1),
        window_end=date(2019, 6, 30),
        doi="10.2909/cd534ebf-f553-42f0-9ac1-62c1dc36d32c",
        codes=_ALL - {SEA_BUFFER},
        accuracy=Accuracy(0.8602, 0.019, 0.8807, 0.012),
    ),
    2021: PublishedEdition(
        product="clcplus",
        product_name="CLC+ Backbone",
        year=2021,
        window_start=date(2020, 10, 1),
        window_end=date(2022, 3, 31),
        doi="10.2909/71fc9d1b-479f-4da1-aa66-662a2fff2cf7",
        codes=_ALL,
        accuracy=Accuracy(0.8827, 0.0186, 0.9333, 0.0088),
    ),
    2023: PublishedEdition(
        product="clcplus",
        product_name="CLC+ Backbone",
        year=2023,
        window_start=date(2022, 10, 1),
        window_end=date(2024, 3, 31),
        doi="10.2909/b0bd43c6-1fa1-4d88-9c45-98b13a95d0b2",
        codes=_ALL,
        accuracy=None,
    ),
}


def valid_codes(product: str, year: int) -> frozenset[int]:
    """Codes that an edition may hold; every code of the nomenclature where nothing is published."""
    published = CLCPLUS.get(year) if product == "clcplus" else None
    return published.codes if published else _ALL
