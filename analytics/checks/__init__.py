"""Checks of an edition that was counted: whether its figures agree with each other, and whether
they look like an edition of its product at all.

All are pure functions of :class:`CountedEdition`, in one registry. Each has its formula in its
docstring and its limits as constants with their reason.
"""

from collections.abc import Callable, Mapping

from analytics.checks.comparison import change, coverage, histogram, neighbours, shares
from analytics.checks.consistency import account, cells, sums
from analytics.checks.records import (
    ChangeSquares,
    CheckResult,
    Concerned,
    CountedEdition,
    Flows,
    Grade,
    LayerCounts,
    worst,
)
from analytics.checks.seams import seams

CHECKS: Mapping[str, Callable[[CountedEdition], CheckResult]] = {
    "sums": sums,
    "cells": cells,
    "account": account,
    "coverage": coverage,
    "histogram": histogram,
    "change": change,
    "neighbours": neighbours,
    "shares": shares,
    "seams": seams,
}
"""All checks by name, in the order in which reports list them."""


def check_edition(edition: CountedEdition) -> list[CheckResult]:
    """What all checks say."""
    return [check(edition) for check in CHECKS.values()]


__all__ = [
    "CHECKS",
    "ChangeSquares",
    "CheckResult",
    "Concerned",
    "CountedEdition",
    "Flows",
    "Grade",
    "LayerCounts",
    "check_edition",
    "worst",
]
