"""Cells of the files of ``accuracy`` as numbers and names, with an error for each that is none."""

from __future__ import annotations

import re
from collections.abc import Sequence

from analytics.errors import UnreadableTable
from analytics.files import StrictTable, shown

LARGEST = 1e15
"""Largest number that is taken: squares of such stay far from the end of floating point. The Earth
has 5.1e14 m²."""
SMALLEST = 1e-9
"""Smallest size that is taken, for the same reason."""
LONGEST = 100
"""Characters of a name."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def numbers(
    table: StrictTable,
    column: str,
    *,
    lowest: float = -LARGEST,
    highest: float = LARGEST,
    whole: bool = False,
) -> list[float]:
    """Numbers of a column. Raises UnreadableTable."""
    return [
        number(text, place(table, n, column), lowest=lowest, highest=highest, whole=whole)
        for n, text in enumerate(table.column(column))
    ]


def number(
    text: str,
    where: str,
    *,
    lowest: float = -LARGEST,
    highest: float = LARGEST,
    whole: bool = False,
) -> float:
    """A number within bounds, as digits write it: neither nan nor inf. Raises UnreadableTable."""
    value = float(text) if len(text) <= LONGEST and _NUMBER.fullmatch(text) else None
    if value is None or not lowest <= value <= highest or (whole and not value.is_integer()):
        raise UnreadableTable(
            where,
            found=shown(text),
            expected=f"a {'whole ' if whole else ''}number from {lowest:g} to {highest:g}",
        )
    return value


def names(table: StrictTable, column: str) -> list[str]:
    """Names of a column, which may repeat. Raises UnreadableTable."""
    texts = table.column(column)
    for n, text in enumerate(texts):
        check_name(text, place(table, n, column))
    return texts


def different_names(table: StrictTable, column: str) -> list[str]:
    """Names of a column, each once. Raises UnreadableTable."""
    found = names(table, column)
    check_different(found, [place(table, n, column) for n in range(len(found))])
    return found


def check_name(text: str, where: str) -> None:
    """Raise UnreadableTable for an empty, long or unprintable name."""
    if not text or len(text) > LONGEST or not text.isprintable():
        raise UnreadableTable(
            where, found=shown(text), expected=f"a name of at most {LONGEST} characters"
        )


def check_different(found: Sequence[str], where: Sequence[str]) -> None:
    """Raise UnreadableTable at the first name that was there before."""
    seen: set[str] = set()
    for name, at in zip(found, where, strict=True):
        if name in seen:
            raise UnreadableTable(at, found=f"{shown(name)} again", expected="each name once")
        seen.add(name)


def place(table: StrictTable, row: int, column: str) -> str:
    """Where a cell is, for messages."""
    return f"{table.name}, line {table.lines[row]}, {column}"
