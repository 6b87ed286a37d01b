"""Small tables of text that people make by hand: CSV with a header, read without tolerance.

Each row must have as many cells as the header, and every error names its line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analytics.errors import UnreadableTable

MOST_BYTES = 64 * 2**20
"""Size above which a file is refused: a million points have about 30 MB."""
_SHOWN = 40
"""Characters of a cell that a message shows."""


@dataclass(frozen=True, slots=True)
class StrictTable:
    """A table of text; cells have no space around them."""

    name: str
    """Name of the file, for messages."""
    header: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    """Cells of each row, as many as the header has."""
    lines: Sequence[int]
    """Line of the file on which each row ends."""

    def column(self, name: str) -> list[str]:
        """Cells of a column. Raises UnreadableTable if there is none of this name."""
        if name not in self.header:
            raise UnreadableTable(
                self.name,
                found=f"columns {', '.join(map(shown, self.header))}",
                expected=f"a column {name!r}",
            )
        place = self.header.index(name)
        return [row[place] for row in self.rows]


def read_strict_table(path: Path) -> StrictTable:
    """A CSV file in UTF-8 with a header of different names and one row at least.

    Empty lines are skipped. Raises UnreadableTable.
    """
    name = printable(path.name)
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UnreadableTable(
            name, found=error.strerror or str(error), expected="a file that can be read"
        ) from error
    if len(content) > MOST_BYTES:
        raise UnreadableTable(
            name, found="more", expected=f"a table of at most {MOST_BYTES // 2**20} MB"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableTable(
            name, found=f"byte {error.start + 1} that is not UTF-8", expected="a table in UTF-8"
        ) from error
    return _table_of(name, text)


def shown(text: str) -> str:
    """Text from a file as a message shows it: on one line, quoted, at most 40 characters of it."""
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


def printable(text: str) -> str:
    """Text without what would break a line or control a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _table_of(name: str, text: str) -> StrictTable:
    rows: list[list[str]] = []
    lines: list[int] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append([cell.strip() for cell in row])
                lines.append(reader.line_num)
    except csv.Error as error:
        raise UnreadableTable(
            f"{name}, line {reader.line_num}", found=str(error), expected="a table with commas"
        ) from error
    if not rows:
        raise UnreadableTable(name, found="no text", expected="a header and rows")
    header = rows.pop(0)
    _check_header(name, header)
    if not rows:
        raise UnreadableTable(name, found="a header alone", expected="rows below it")
    for row, line in zip(rows, lines[1:], strict=True):
        if len(row) != len(header):
            raise UnreadableTable(
                f"{name}, line {line}",
                found=f"{len(row)} cells",
                expected=f"{len(header)}, as in the header",
            )
    return StrictTable(name=name, header=tuple(header), rows=rows, lines=lines[1:])


def _check_header(name: str, header: Sequence[str]) -> None:
    for separator, word in ((";", "semicolons"), ("\t", "tabs")):
        if len(header) == 1 and separator in header[0]:
            raise UnreadableTable(name, found=f"{word}", expected="columns apart by commas")
    if len(header) == 1:
        return
    repeated = next((cell for n, cell in enumerate(header) if cell in header[:n]), None)
    if repeated is not None:
        raise UnreadableTable(
            name, found=f"{shown(repeated)} twice in the header", expected="different columns"
        )
