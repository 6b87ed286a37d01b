"""Long tables, sent as they are read, as CSV or JSON: the snapshot stays open until the end."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import Any

from analytics.files import harmless, harmless_at_start
from clcplus.files.cells import with_comma
from clcplus.files.tidy import COLUMNS, Row

_ROWS_AT_ONCE = 500
_BOM = "\ufeff"


class _Line:
    """A file for the csv module that hands back what is written."""

    def write(self, text: str) -> str:
        return text


def _plain(row: Row) -> Row:
    return row._replace(
        code=harmless_at_start(row.code),
        name=harmless(row.name),
        parent_code=None if row.parent_code is None else harmless_at_start(row.parent_code),
    )


def _for_spreadsheets(row: Row) -> Iterable[Any]:
    numbers = {name: with_comma(getattr(row, name)) for name in ("value", "ci_low", "ci_high")}
    return (*(numbers.get(name, value) for name, value in _plain(row)._asdict().items()),)


def _lines(
    rows: Iterator[Row], cells: Callable[[Row], Iterable[Any]], separator: str, start: str
) -> Iterator[str]:
    writer = csv.writer(_Line(), delimiter=separator, lineterminator="\r\n")
    lines = [start, str(writer.writerow(COLUMNS))]
    for row in rows:
        lines.append(str(writer.writerow(cells(row))))
        if len(lines) >= _ROWS_AT_ONCE:
            yield "".join(lines)
            lines = []
    yield "".join(lines)


def csv_pieces(rows: Iterator[Row]) -> Iterator[str]:
    """UTF-8 text with commas and decimal points; an empty field where there is no value."""
    return _lines(rows, _plain, ",", "")


def spreadsheet_pieces(rows: Iterator[Row]) -> Iterator[str]:
    """What a spreadsheet of continental Europe opens by a double click: semicolons, decimal commas,
    and the mark that tells it that the text is UTF-8."""
    return _lines(rows, _for_spreadsheets, ";", _BOM)


def json_pieces(rows: Iterator[Row], about: dict[str, Any]) -> Iterator[str]:
    """One object: what the table is about, then its rows."""
    head = json.dumps(about, ensure_ascii=False)
    lines = [f'{head[:-1]}, "rows": [']
    first = True
    for row in rows:
        lines.append("\n" if first else ",\n")
        lines.append(json.dumps(row._asdict(), ensure_ascii=False))
        first = False
        if len(lines) >= 2 * _ROWS_AT_ONCE:
            yield "".join(lines)
            lines = []
    yield "".join([*lines, "\n]}"])


class FromSnapshot:
    """Pieces of a response, and the snapshot that they are read from: closed with the response,
    also where nobody has taken a piece."""

    def __init__(self, pieces: Iterator[str], snapshot: ExitStack) -> None:
        self._pieces = pieces
        self._snapshot = snapshot

    def __iter__(self) -> Iterator[str]:
        yield from self._pieces

    def close(self) -> None:
        """Give the connection back."""
        self._snapshot.close()
