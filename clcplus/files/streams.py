"""Long tables, sent as they are read, as CSV or JSON: the snapshot stays open until the end."""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

from analytics.files import harmless, harmless_at_start
from clcplus.files.tidy import COLUMNS, FIGURES, Row, Value

TEXT_NOTE = (
    "Where a formula could begin in a code or name, which is at its start or after a separator, "
    "an apostrophe stands before the sign (= + - @), so that no spreadsheet calculates it; XLSX, "
    "JSON, Parquet, GeoJSON and GeoPackage have it as it is."
)
"""What :func:`analytics.files.formulas.harmless` does, for readers of a file."""
_LINES_AT_ONCE = 500
_BOM = "\ufeff"


def with_comma(value: Value) -> str:
    """A number with a decimal comma, never with an exponent; empty where there is none."""
    if value is None:
        return ""
    return format(Decimal(repr(value)), "f").replace(".", ",")


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
    numbers = {name: with_comma(getattr(row, name)) for name in FIGURES}
    return (*(numbers.get(name, value) for name, value in _plain(row)._asdict().items()),)


def _joined(lines: Iterable[str]) -> Iterator[str]:
    """Lines in pieces of several hundred."""
    left = iter(lines)
    while some := list(itertools.islice(left, _LINES_AT_ONCE)):
        yield "".join(some)


def _csv_lines(
    rows: Iterable[Row], cells: Callable[[Row], Iterable[Any]], separator: str
) -> Iterator[str]:
    writer = csv.writer(_Line(), delimiter=separator, lineterminator="\r\n")
    return map(writer.writerow, itertools.chain([COLUMNS], map(cells, rows)))


def csv_pieces(rows: Iterable[Row]) -> Iterator[str]:
    """UTF-8 text with commas and decimal points; an empty field where there is no value."""
    return _joined(_csv_lines(rows, _plain, ","))


def spreadsheet_pieces(rows: Iterable[Row]) -> Iterator[str]:
    """What a spreadsheet of continental Europe opens by a double click: semicolons, decimal commas,
    and the mark that tells it that the text is UTF-8."""
    return _joined(itertools.chain([_BOM], _csv_lines(rows, _for_spreadsheets, ";")))


def json_pieces(rows: Iterable[Row], about: dict[str, Any]) -> Iterator[str]:
    """One object: what the table is about, then its rows."""
    texts = (json.dumps(row._asdict(), ensure_ascii=False) for row in rows)
    return _joined(json_object(about, "rows", texts))


def json_object(about: dict[str, Any], member: str, items: Iterable[str]) -> Iterator[str]:
    """A JSON object whose last member is a list of items, which are JSON already."""
    head = json.dumps(about, ensure_ascii=False)
    yield f'{head[:-1]}, "{member}": ['
    separator = "\n"
    for item in items:
        yield f"{separator}{item}"
        separator = ",\n"
    yield "\n]}"


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
