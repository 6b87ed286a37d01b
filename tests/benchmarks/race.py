"""Two contestants in turns, A B A B A: what disturbs the machine disturbs both."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Generic, TypeVar

A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Race(Generic[A, B]):
    """Seconds of each turn, ``first`` has one more than ``second``; and what each returned last."""

    first: list[float]
    second: list[float]
    first_result: A
    second_result: B

    @property
    def ratios(self) -> list[float]:
        """For each turn of the second contestant, its time to that of the first one's turns
        before and after."""
        around = zip(self.first, self.first[1:], strict=False)
        return [b / ((a + c) / 2) for b, (a, c) in zip(self.second, around, strict=True)]

    def seconds(self, first: str, second: str) -> str:
        """The median seconds of both, in words."""
        return f"{first} {median(self.first):.3g} s, {second} {median(self.second):.3g} s"


def race(first: Callable[[], A], second: Callable[[], B], *, repeats: int) -> Race[A, B]:
    """Run both in turns, after a turn of the first that does not count: it compiles, and has the
    files in the system's cache for both."""
    first()
    times_first, times_second = [], []
    seconds, first_result = timed(first)
    times_first.append(seconds)
    for _ in range(repeats):
        seconds, second_result = timed(second)
        times_second.append(seconds)
        seconds, first_result = timed(first)
        times_first.append(seconds)
    return Race(times_first, times_second, first_result, second_result)


def timed(work: Callable[[], A]) -> tuple[float, A]:
    """Seconds that a call takes on the clock, and what it returns."""
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result
