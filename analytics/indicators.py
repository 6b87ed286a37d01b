"""Counts → shares, areas, rates: pure functions, and the one place where units are converted.

Counts come as integers of cells of 100 m². A figure that cannot be told is None, which is not zero.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TypeVar

from analytics.grid import CELL_AREA
from analytics.records import Edition, Status

Number = TypeVar("Number", int, float)

_M2_PER_HECTARE = 10_000
_M2_PER_KM2 = 1_000_000
_DAYS_PER_YEAR = 365.25

SMALL_STOCK = 5_000
"""Cells (50 ha) of sealed stock below which no change in per cent is told."""

OBSERVED_AREA_BOUND = 0.01
"""Part of the largest observed area by which that of another edition may fall short of it."""


# Areas --------------------------------------------------------------------------------------------
def square_metres(cells: Number) -> Number:
    """Area of cells in square metres; whole for a count, not for an estimate."""
    return cells * CELL_AREA


def hectares(cells: float) -> float:
    """Area of cells in hectares; a number of cells made by an estimate may have a fraction."""
    return cells * CELL_AREA / _M2_PER_HECTARE


def square_kilometres(cells: float) -> float:
    """Area of cells in square kilometres."""
    return cells * CELL_AREA / _M2_PER_KM2


def hectares_of_shape(square_metres: float) -> float:
    """Area of a shape that was not counted in cells."""
    return square_metres / _M2_PER_HECTARE


def square_kilometres_of_shape(square_metres: float) -> float:
    """Area of a shape that was not counted in cells."""
    return square_metres / _M2_PER_KM2


# Shares -------------------------------------------------------------------------------------------
def sealed_share(sealed: int | None, observed: int | None) -> float | None:
    """Sealed part of the observed area, 0..1; None where nothing is observed."""
    if sealed is None or not observed:
        return None
    return sealed / observed


def differs_in_observed_area(observed: int, most: int) -> bool:
    """Whether an edition has observed (cells) so much less of a territory than the edition that has
    observed the most of it that their shares are not to be compared."""
    return most - observed > OBSERVED_AREA_BOUND * most


def per_cent(fraction: float | None) -> float | None:
    """A fraction in per cent."""
    return None if fraction is None else fraction * 100


def share_change(before: int | None, after: int | None, observed: int | None) -> float | None:
    """Change of the sealed share of one observed area (all in cells), in percentage points."""
    if before is None or after is None or not observed:
        return None
    return (after - before) * 100 / observed


def is_partly_observed(observed: int | None, most: int | None) -> bool:
    """Whether an edition that has observed so many cells of a territory has clearly less of it than
    the edition that has observed the most; ``most`` is None where there is no other."""
    return bool(observed) and differs_in_observed_area(observed or 0, most or 0)


# Change -------------------------------------------------------------------------------------------
def per_cent_change(before: int | None, after: int | None) -> float | None:
    """Change of the sealed stock (cells) in per cent of the earlier stock.

    None, and to be called *suppressed*, where the earlier stock is below 50 ha
    (:func:`per_cent_change_status`).
    """
    if before is None or after is None or before < SMALL_STOCK:
        return None
    return (after - before) / before * 100


def per_cent_change_status(before: int | None) -> Status:
    """Status of :func:`per_cent_change` for an earlier sealed stock (cells)."""
    if before is None:
        return "not_observed"
    return "suppressed" if before < SMALL_STOCK else "indicative"


def annualised(amount: float | None, years: float | None) -> float | None:
    """An amount, of any unit, a year."""
    return None if amount is None or not years else amount / years


# Time ---------------------------------------------------------------------------------------------
def window_middle(start: date, end: date) -> date:
    """The middle of an observation window whose first and last day are given.

    A window of an even number of whole months is halved by months, so that those of CLC+ Backbone
    give 2018-07-01, 2021-07-01 and 2023-07-01; any other is halved by days.
    """
    after = end + timedelta(days=1)
    months = (after.year - start.year) * 12 + after.month - start.month
    if start.day == after.day == 1 and months % 2 == 0:
        month = start.month - 1 + months // 2
        return date(start.year + month // 12, month % 12 + 1, 1)
    return start + (after - start) // 2


def years_apart(earlier: Edition, later: Edition) -> float | None:
    """Years between the middles of two editions' observation windows, whole where month and day are
    the same; None where one has none."""
    if earlier.window_start is None or earlier.window_end is None:
        return None
    if later.window_start is None or later.window_end is None:
        return None
    first = window_middle(earlier.window_start, earlier.window_end)
    last = window_middle(later.window_start, later.window_end)
    years, months, days = (last.year - first.year, last.month - first.month, last.day - first.day)
    return years + months / 12 + days / _DAYS_PER_YEAR


# Inhabitants --------------------------------------------------------------------------------------
def square_metres_per_inhabitant(sealed: int | None, inhabitants: int | None) -> float | None:
    """Sealed area (cells) per inhabitant, in square metres; None where nobody lives."""
    if sealed is None or not inhabitants:
        return None
    return square_metres(sealed) / inhabitants
