"""The files of ``accuracy matrix``: an error matrix, and mapped areas."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from analytics.commands.accuracy.cells import (
    LARGEST,
    SMALLEST,
    check_different,
    check_name,
    different_names,
    number,
    numbers,
    place,
)
from analytics.commands.accuracy.reports import Report
from analytics.errors import SampleError, UnreadableTable
from analytics.estimation import assess_matrix
from analytics.files import StrictTable, read_strict_table, shown


def report_of_matrix(path: Path, *, areas: Path) -> Report:
    """Estimates from the two files. Raises UnreadableTable and SampleError."""
    matrix = read_strict_table(path)
    classes = matrix.header[1:]
    if not classes:
        raise UnreadableTable(
            matrix.name, found="one column", expected="a column of map classes, then the reference"
        )
    for name in classes:
        check_name(name, f"{matrix.name}, header")
    check_different(classes, [f"{matrix.name}, header"] * len(classes))
    counts = _counts(matrix, classes)
    return Report(assess_matrix(counts, areas=_areas(areas, classes), classes=classes))


def _counts(matrix: StrictTable, classes: Sequence[str]) -> list[list[float]]:
    """Counts by map class and reference class, both in the order of the header."""
    rows = [row[0] for row in matrix.rows]
    where = [f"{matrix.name}, line {line}" for line in matrix.lines]
    check_different(rows, where)
    for name, at in zip(rows, where, strict=True):
        if name not in classes:
            raise SampleError(
                at,
                found=f"map class {shown(name)}",
                expected=f"one of the header: {_list(classes)}",
            )
    missing = [name for name in classes if name not in rows]
    if missing:
        raise SampleError(
            matrix.name,
            found=f"{len(rows)} rows for {len(classes)} columns, none of {_list(missing)}",
            expected="a square matrix: the same classes in rows and header",
        )
    by_class = {
        row[0]: [
            number(text, place(matrix, n, name), lowest=0, highest=LARGEST, whole=True)
            for name, text in zip(classes, row[1:], strict=True)
        ]
        for n, row in enumerate(matrix.rows)
    }
    return [by_class[name] for name in classes]


def _areas(path: Path, classes: Sequence[str]) -> list[float]:
    """Mapped areas of the classes, in their order."""
    table = read_strict_table(path)
    names = different_names(table, "class")
    found = dict(zip(names, numbers(table, "area", lowest=SMALLEST), strict=True))
    for wrong, expected in (
        ([name for name in names if name not in classes], "classes of the matrix alone"),
        ([f"no {name}" for name in classes if name not in found], "an area of each class"),
    ):
        if wrong:
            raise SampleError(table.name, found=_list(wrong), expected=expected)
    return [found[name] for name in classes]


def _list(names: Sequence[str], most: int = 12) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(shown, names[:most])) + more
