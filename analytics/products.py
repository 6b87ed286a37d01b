"""What is published about products and their editions: windows, codes, DOI, accuracy.

A product is one entry of :data:`PRODUCTS`. Sources of CLC+ Backbone: product user manuals 2018,
2021 and 2023. Accuracy of 2023 is not published; None says so.
"""

from __future__ import annotations

from collections.abc import Mapping
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

    window_start: date
    window_end: date
    doi: str
    codes: frozenset[int]
    accuracy: Accuracy | None


@dataclass(frozen=True, slots=True)
class Product:
    """A series of editions by year, on the grid and with the classes of CLC+ Backbone."""

    name: str
    editions: Mapping[int, PublishedEdition]
    stand_in_year: int | None = None
    """Edition whose accuracy stands in for one that is not published; None for that of CLC+
    Backbone."""


_ALL = frozenset(CODES)

CLCPLUS = Product(
    name="CLC+ Backbone",
    stand_in_year=2021,
    editions={
        2018: PublishedEdition(
            window_start=date(2017, 7, 1),
            window_end=date(2019, 6, 30),
            doi="10.2909/cd534ebf-f553-42f0-9ac1-62c1dc36d32c",
            codes=_ALL - {SEA_BUFFER},
            accuracy=Accuracy(0.8602, 0.019, 0.8807, 0.012),
        ),
        2021: PublishedEdition(
            window_start=date(2020, 10, 1),
            window_end=date(2022, 3, 31),
            doi="10.2909/71fc9d1b-479f-4da1-aa66-662a2fff2cf7",
            codes=_ALL,
            accuracy=Accuracy(0.8827, 0.0186, 0.9333, 0.0088),
        ),
        2023: PublishedEdition(
            window_start=date(2022, 10, 1),
            window_end=date(2024, 3, 31),
            doi="10.2909/b0bd43c6-1fa1-4d88-9c45-98b13a95d0b2",
            codes=_ALL,
            accuracy=None,
        ),
    },
)
PRODUCTS: Mapping[str, Product] = {"clcplus": CLCPLUS}
"""By the name that commands and addresses have for them."""


def published_edition(product: str, year: int) -> PublishedEdition | None:
    """What is published about an edition; None for nothing."""
    known = PRODUCTS.get(product)
    return None if known is None else known.editions.get(year)


def valid_codes(product: str, year: int) -> frozenset[int]:
    """Codes that an edition may hold; every code of the nomenclature where nothing is published."""
    published = published_edition(product, year)
    return published.codes if published else _ALL


def stand_in(product: str) -> tuple[int, Accuracy]:
    """Year and accuracy of the edition that stands in for those of a product without accuracy."""
    known = PRODUCTS.get(product, CLCPLUS)
    if known.stand_in_year is None:
        known = CLCPLUS
    assert known.stand_in_year is not None
    accuracy = known.editions[known.stand_in_year].accuracy
    assert accuracy is not None
    return known.stand_in_year, accuracy
