"""A row of the table: some work, what it must reach, what it aims at, and how it is measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

THREADS = 2
"""Threads that the engine may use: the figures are required on two cores."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound on a measured value; ``unit`` is ``×`` for a ratio, else such as ``s`` or ``GiB``."""

    value: float
    unit: str
    at_most: bool

    def holds(self, value: float) -> bool:
        """Whether a measured value keeps within the bound."""
        return value <= self.value if self.at_most else value >= self.value

    def __str__(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.value:g} {self.unit}"


def at_least(value: float, unit: str = "×") -> Limit:
    """A bound from below, as of a ratio of a peer's time to ours."""
    return Limit(value, unit, at_most=False)


def at_most(value: float, unit: str = "×") -> Limit:
    """A bound from above, as of a time or of memory."""
    return Limit(value, unit, at_most=True)


@dataclass(frozen=True, slots=True)
class Scale:
    """How large the inputs are, and how often is measured.

    ``side`` and ``zones`` are of the pair of editions, ``large_side`` and ``large_zones`` of the
    country; sides in cells of 10 m. A contest with a slow peer has ``slow_repeats`` rounds.
    """

    side: int
    zones: int
    large_side: int
    large_zones: int
    repeats: int
    slow_repeats: int


FULL = Scale(
    side=20_480, zones=2_730, large_side=100_000, large_zones=35_000, repeats=9, slow_repeats=3
)
QUICK = Scale(
    side=4_096, zones=109, large_side=20_000, large_zones=1_400, repeats=3, slow_repeats=2
)


@dataclass(frozen=True, slots=True)
class Measured:
    """A measured value, in the unit of the row's bounds; ``low`` and ``high`` of all repeats.

    ``seconds`` says what was timed, in words; ``agreement`` how results were compared.
    """

    value: float
    low: float
    high: float
    seconds: str
    agreement: str
    table: str = ""
    """Figures of the row in Markdown, where one value does not tell enough."""


class Skipped(Exception):
    """A row that cannot be measured here and now; the message says why."""


class Disagreement(Exception):
    """Two engines differ where they must not: a benchmark of wrong results is worth nothing."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table; ``name`` is what ``--only`` takes."""

    name: str
    work: str
    required: Limit | None
    aim: Limit | None
    run: Callable[[Scale], Measured]
    unit: str = "×"
    why: str = ""
    """The cause, where a figure falls short; the page gives it beside the shortfall."""
