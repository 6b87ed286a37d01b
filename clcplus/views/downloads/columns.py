"""Tables with columns of their own as CSV, in either dialect, as workbooks and as JSON."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from analytics.files import harmless
from clcplus.files import formats
from clcplus.files.streams import with_comma
from clcplus.files.xlsx import Book
from clcplus.http import parameters

_BOM = "\ufeff"
_AT_ONCE = 64_000
"""Characters."""
_WIDTH, _WIDTHS = 14, {"name": 28, "within": 28, "from_name": 34, "to_name": 34}

Value = str | int | float | None
Line = Sequence[Value]


@dataclass(frozen=True, slots=True)
class Column:
    """What a column is called and what it means; its value of a row, beside what was chosen."""

    name: str
    meaning: str
    value: Callable[[Any, Any], Value] = lambda row, choice: None


def rounded(value: float | None) -> float | None:
    """Hectares to the cell, of 0.01 ha; square metres as exactly."""
    return None if value is None else round(value, 2)


def dialect_of(
    request: HttpRequest, chosen: str, *, known: Sequence[str], allowed: Collection[str]
) -> str:
    """The dialect that a request asks for, of a file in one of the ``known`` formats at an address
    with the ``allowed`` parameters. Raises Http404 and BadParameter."""
    if chosen not in known:
        raise Http404(f"no such format; formats: {', '.join(known)}")
    parameters.only(request, {*allowed, "dialect"})
    return parameters.dialect(request, chosen, formats.DIALECTS)


def csv_pieces(columns: Sequence[Column], lines: Iterable[Line], *, dialect: str) -> Iterator[str]:
    """The table in a dialect of CSV (:data:`clcplus.files.formats.DIALECTS`), piece by piece."""
    spreadsheet = dialect == formats.SPREADSHEET

    def cell(value: Value) -> Value:
        if isinstance(value, str):
            return harmless(value)
        return with_comma(value) if spreadsheet and isinstance(value, float) else value

    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=";" if spreadsheet else ",", lineterminator="\r\n")
    file.write(_BOM if spreadsheet else "")
    writer.writerow(column.name for column in columns)
    for line in lines:
        writer.writerow([cell(value) for value in line])
        if file.tell() > _AT_ONCE:
            yield file.getvalue()
            file.seek(0)
            file.truncate()
    yield file.getvalue()


def workbook(
    columns: Sequence[Column], lines: Iterable[Line], about: Mapping[str, str], *, sheet: str
) -> IO[bytes]:
    """A file at its start, which is gone as soon as it is closed: a sheet of rows, and one that
    says what they are about and what each column means."""
    rows = list(lines)
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    try:
        with (
            tempfile.TemporaryDirectory(prefix="clcplus-xlsx-") as folder,
            Book(file, folder=folder) as book,
        ):
            data, notes = book.sheet(sheet), book.sheet("about")
            data.freeze_panes(1, 0)
            for at, column in enumerate(columns):
                data.set_column(at, at, _WIDTHS.get(column.name, _WIDTH))
                data.write_string(0, at, column.name, book.bold)
            for number, line in enumerate(rows, start=1):
                for at, value in enumerate(line):
                    if isinstance(value, str):
                        book.write_text(data, number, at, value)
                    elif value is not None:
                        data.write_number(number, at, value)
            notes.set_column(0, 0, 26)
            notes.set_column(1, 1, 110, book.add_format({"text_wrap": True, "valign": "top"}))
            told = [*about.items(), *((column.name, column.meaning) for column in columns)]
            for number, (heading, text) in enumerate(told):
                notes.write_string(number, 0, heading, book.bold)
                book.write_text(notes, number, 1, text)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def whole_file(
    columns: Sequence[Column],
    lines: Iterable[Line],
    about: Mapping[str, Any],
    *,
    chosen: str,
    dialect: str,
    name: str,
    sheet: str,
) -> HttpResponseBase:
    """A short table as csv, xlsx or json (``chosen``), made at once; ``name`` is that of the file,
    without its ending."""
    response: HttpResponseBase
    if chosen == "xlsx":
        response = FileResponse(workbook(columns, lines, about, sheet=sheet))
    elif chosen == "json":
        names = [column.name for column in columns]
        rows = [dict(zip(names, line, strict=True)) for line in lines]
        response = HttpResponse(json.dumps({**about, "rows": rows}, ensure_ascii=False))
    else:
        response = HttpResponse("".join(csv_pieces(columns, lines, dialect=dialect)))
    return formats.as_file(response, name=name, chosen=chosen)
