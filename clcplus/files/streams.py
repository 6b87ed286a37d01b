"""Long tables, sent as they are read, as CSV or JSON: the snapshot stays open until the end."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

from analytics.files import harmless, harmless_at_start
from clcplus.files.tidy import COLUMNS, Row

PLAIN, SPREADSHEET = "plain", "spreadsheet"
DIALECTS = (PLAIN, SPREADSHEET)
TEXT_NOTE = (
    "Where a formula could begin in a code or name, which is at its start or after a separator, "
    "an apostrophe stands before the sign (= + - @), so that no spreadsheet calculates it; XLSX, "
    "JSON, Parquet, GeoJSON and GeoPackage have it as it is."
)
"""What :func:`analytics.files.formulas.harmless` does, for readers of a file."""
_LINES_AT_ONCE = 500
_CHARACTERS_AT_ONCE = 64_000
_BOM = "\ufeff"


def with_comma(value: float) -> str:
    """A number with a decimal comma, never with an exponent."""
    return format(Decimal(repr(value)), "f").replace(".", ",")


def csv_pieces(
    names: Sequence[str], lines: Iterable[Sequence[Any]], *, dialect: str
) -> Iterator[str]:
    """A table as text, piece by piece; an empty field where there is no value.

    The dialect "plain" has commas and decimal points. A "spreadsheet" of continental Europe opens
    the other by a double click: semicolons, decimal commas, and the mark that tells it that the
    text is UTF-8. Whoever gives the lines has made texts of strangers harmless.
    """
    spreadsheet = dialect == SPREADSHEET
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=";" if spreadsheet else ",", lineterminator="\r\n")
    file.write(_BOM if spreadsheet else "")
    for line in itertools.chain([names], lines):
        if spreadsheet:
            line = [with_comma(value) if isinstance(value, float) else value for value in line]
        writer.writerow(line)
        if file.tell() > _CHARACTERS_AT_ONCE:
            yield file.getvalue()
            file.seek(0)
            file.truncate()
    yield file.getvalue()


def _harmless(row: Row) -> Row:
    return row._replace(
        code=harmless_at_start(row.code),
        name=harmless(row.name),
        parent_code=None if row.parent_code is None else harmless_at_start(row.parent_code),
    )


def tidy_csv_pieces(rows: Iterable[Row], *, dialect: str) -> Iterator[str]:
    """Rows of territories as CSV, as :func:`csv_pieces` writes it."""
    return csv_pieces(COLUMNS, map(_harmless, rows), dialect=dialect)


def json_pieces(rows: Iterable[Row], about: dict[str, Any]) -> Iterator[str]:
    """One object: what the table is about, then its rows."""
    texts = (json.dumps(row._asdict(), ensure_ascii=False) for row in rows)
    lines = json_object(about, "rows", texts)
    while some := list(itertools.islice(lines, _LINES_AT_ONCE)):
        yield "".join(some)


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
