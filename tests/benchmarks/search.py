"""The search over the names of all French communes in three vintages: recall and single queries."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from tests import misspelt_names
from tests.benchmarks.platform import platform
from tests.benchmarks.rows import Measured, Row, Scale, Skipped, at_least, at_most

VINTAGES = (2018, 2020, 2024)
SHOWN = 5
"""A name is recalled where it is among so many."""
_SEED = 7

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answers:
    """What a set of searches gave: the share of names recalled, and milliseconds of each search."""

    recalled: float
    milliseconds: tuple[float, ...]

    @property
    def spread(self) -> tuple[float, float, float]:
        """Median, 5th and 95th percentile of the milliseconds."""
        cuts = statistics.quantiles(self.milliseconds, n=20)
        return statistics.median(self.milliseconds), cuts[0], cuts[-1]


@cache
def _measured(scale: Scale) -> Mapping[str, Answers]:
    with platform():
        from django.db import connection

        from tests import french_names

        if not french_names.FILE.exists():
            raise Skipped("the communes are not beside this checkout (../shared/data)")
        communes = french_names.communes()
        french_names.load(communes, vintages=VINTAGES)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE clcplus_zone, clcplus_placename, clcplus_population")
        names = misspelt_names.long_enough(commune.name for commune in communes)
        random.Random(_SEED).shuffle(names)
        count = scale.zones // 6
        sets: dict[str, Pairs] = {
            "typing": [(name[:length], name) for name in names[:count] for length in (2, 3, 5)]
        }
        for kind, change in (*misspelt_names.ONE_LETTER.items(), *misspelt_names.HABITS.items()):
            sets[kind] = misspelt_names.misspelt(names, change)[:count]
        for kind, change in misspelt_names.ONE_LETTER.items():
            sets[f"two {kind}"] = misspelt_names.misspelt(names[:count], change, times=2)
        _answers(sets["plain"][:50])
        return {kind: _answers(pairs) for kind, pairs in sets.items()}


def _answers(pairs: Pairs) -> Answers:
    from analytics import queries
    from clcplus import reading

    recalled, took = 0, []
    for typed, name in pairs:
        with reading.snapshot() as connection:
            start = time.perf_counter()
            results = queries.search(connection, text=typed)
            took.append((time.perf_counter() - start) * 1000)
        shown = (*results.found, *results.near)[:SHOWN]
        recalled += any(found.territory.link.name == name for found in shown)
    return Answers(recalled=recalled / len(pairs), milliseconds=tuple(took))


def _recall(kinds: Sequence[str]) -> Callable[[Scale], Measured]:
    def measure(scale: Scale) -> Measured:
        answers = _measured(scale)
        shares = {kind: 100 * answers[kind].recalled for kind in kinds}
        counts = [len(answers[kind].milliseconds) for kind in kinds]
        total = sum(
            share * count for share, count in zip(shares.values(), counts, strict=True)
        ) / sum(counts)
        each = ", ".join(f"{kind} {share:.1f} %" for kind, share in shares.items())
        return Measured(
            value=total,
            low=min(shares.values()),
            high=max(shares.values()),
            seconds=f"{sum(counts)} searches: {each}",
            agreement=f"a name counts where it is among the first {SHOWN}",
        )

    return measure


def _time(kinds: Sequence[str], what: str) -> Callable[[Scale], Measured]:
    def measure(scale: Scale) -> Measured:
        answers = _measured(scale)
        took = tuple(ms for kind in kinds for ms in answers[kind].milliseconds)
        median, low, high = Answers(recalled=0, milliseconds=took).spread
        return Measured(
            value=median,
            low=low,
            high=high,
            seconds=f"{len(took)} searches for {what}, one after the other, from the text to the "
            "records; in brackets the 5th and the 95th percentile",
            agreement="the searches of the rows search-recall",
        )

    return measure


_ONE = tuple(misspelt_names.ONE_LETTER)
_HABITS = tuple(misspelt_names.HABITS)
_TWO = tuple(f"two {kind}" for kind in _ONE)
_WHERE = f"among 35 000 communes × {len(VINTAGES)} vintages"

ROWS = (
    Row(
        name="search-recall",
        work=f"names of six or more letters with one mistake, found {_WHERE}",
        required=at_least(95, "%"),
        aim=None,
        run=_recall(_ONE),
        unit="%",
    ),
    Row(
        name="search-recall-habits",
        work="names without accents, hyphens or article, with an article, with St for Saint, "
        "found there",
        required=at_least(95, "%"),
        aim=None,
        run=_recall(_HABITS),
        unit="%",
    ),
    Row(
        name="search-recall-two",
        work="names with two mistakes, found there",
        required=None,
        aim=None,
        run=_recall(_TWO),
        unit="%",
    ),
    Row(
        name="search-typing",
        work=f"one search for the first 2, 3 or 5 letters of a name, {_WHERE}",
        required=None,
        aim=at_most(5, "ms"),
        run=_time(("typing",), "beginnings"),
        unit="ms",
    ),
    Row(
        name="search-misspelt",
        work=f"one search for a name with one mistake, {_WHERE}",
        required=None,
        aim=at_most(10, "ms"),
        run=_time(_ONE, "misspelt names"),
        unit="ms",
    ),
)
