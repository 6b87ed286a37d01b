"""Flicker: cells that leave a state and come back to it, a sign of noise in the maps.

A cell *flickers* in a series of three editions or more if every one of them has observed it and it
changes between sealed and not sealed at least twice: with three editions, not sealed, sealed, not
sealed, or the reverse. Sealed ground is seldom unsealed and sealed again within a few years.

The *flicker rate* is the share of the flickering cells among the cells that are sealed in at least
one of the editions and observed in all of them. A share of all cells would say how rural a zone is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from analytics.change.patterns import Pattern, courses
from analytics.records import Course

FEWEST = 3
"""Editions below which no cell can flicker."""


@dataclass(frozen=True, slots=True)
class Flicker:
    """Cells of a zone that all editions of a series have observed.

    ``from_unsealed`` flicker and are not sealed in the first edition; ``from_sealed`` are.
    ``ever_sealed`` are sealed in at least one edition.
    """

    from_unsealed: int
    from_sealed: int
    ever_sealed: int
    observed: int

    @property
    def cells(self) -> int:
        """Cells that flicker."""
        return self.from_unsealed + self.from_sealed

    @property
    def rate(self) -> float | None:
        """Share of the flickering cells among those ever sealed; None where none was."""
        return self.cells / self.ever_sealed if self.ever_sealed else None


def flicker(cells: Mapping[Pattern, int], edition_ids: Sequence[int]) -> Flicker:
    """The flicker of a zone from its cells by pattern, in editions ordered by time.

    ValueError for fewer than three editions.
    """
    if len(edition_ids) < FEWEST:
        raise ValueError(f"{len(edition_ids)} editions; flicker needs {FEWEST}")
    return flicker_of_courses(courses(cells, edition_ids))


def flicker_of_courses(found: Mapping[Course, int]) -> Flicker:
    """The same from cells by course, as the records of a series have them."""
    back = {
        course: count
        for course, count in found.items()
        if sum(former != later for former, later in pairwise(course)) > 1
    }
    return Flicker(
        from_unsealed=sum(count for course, count in back.items() if not course[0]),
        from_sealed=sum(count for course, count in back.items() if course[0]),
        ever_sealed=sum(count for course, count in found.items() if any(course)),
        observed=sum(found.values()),
    )


def of_series(found: Mapping[Course, int], *, editions: int) -> Flicker | None:
    """The same of a series of so many editions; None for fewer than three."""
    return flicker_of_courses(found) if editions >= FEWEST else None
