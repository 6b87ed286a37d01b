"""From a contest to a row's value: the median of the ratios of its rounds."""

from __future__ import annotations

from statistics import median
from typing import Any

from tests.benchmarks.race import Race
from tests.benchmarks.rows import Measured


def of_ratios(
    contest: Race[Any, Any], *, names: tuple[str, str], agreement: str, inverse: bool = False
) -> Measured:
    """The second contestant's time in times of the first one's; the other way with ``inverse``."""
    ratios = [1 / r if inverse else r for r in contest.ratios]
    return Measured(
        value=median(ratios),
        low=min(ratios),
        high=max(ratios),
        seconds=contest.seconds(*names),
        agreement=agreement,
    )
