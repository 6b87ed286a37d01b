"""Patterns: what several editions have seen in a cell, and the answers that counts by pattern give.

A pattern holds the id of each edition in which a cell is sealed and the negative id of each in
which it is observed and not sealed, by ascending id. An edition that is not in it has not observed
the cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from analytics.records import Course, Edition

Pattern = tuple[int, ...]
Pair = tuple[int, int]
"""Ids of an earlier and a later edition."""


def lines(editions: Iterable[Edition]) -> list[list[Edition]]:
    """Editions that are counted together and make a series: those of one product and origin."""
    found: dict[tuple[str, str], list[Edition]] = {}
    for edition in editions:
        found.setdefault((edition.product, edition.origin), []).append(edition)
    return list(found.values())


def observed(cells: Mapping[Pattern, int], edition_id: int) -> int:
    """Cells that an edition has observed, of cells by pattern."""
    return sum(
        count for pattern, count in cells.items() if edition_id in pattern or -edition_id in pattern
    )


def courses(cells: Mapping[Pattern, int], edition_ids: Sequence[int]) -> dict[Course, int]:
    """Cells that every one of some editions has observed, by whether they are sealed in each."""
    found: dict[Course, int] = {}
    for pattern, count in cells.items():
        seen = set(pattern)
        if count and all(number in seen or -number in seen for number in edition_ids):
            course = tuple(number in seen for number in edition_ids)
            found[course] = found.get(course, 0) + count
    return found
