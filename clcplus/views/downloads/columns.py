"""Tables with columns of their own as CSV, in either dialect, as workbooks and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from analytics.files import harmless
from clcplus.files import formats, streams, xlsx
from clcplus.http import parameters

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
    return parameters.dialect(request, chosen, streams.DIALECTS)


def csv_pieces(columns: Sequence[Column], lines: Iterable[Line], *, dialect: str) -> Iterator[str]:
    """The table in a dialect of CSV (:data:`clcplus.files.streams.DIALECTS`), piece by piece."""
    safe = ([harmless(v) if isinstance(v, str) else v for v in line] for line in lines)
    return streams.csv_pieces([column.name for column in columns], safe, dialect=dialect)


def workbook(
    columns: Sequence[Column], lines: Iterable[Line], about: Mapping[str, str], *, sheet: str
) -> IO[bytes]:
    """The table as :func:`clcplus.files.xlsx.write_book` writes it, with the columns' meanings."""
    widths = {column.name: _WIDTHS.get(column.name, _WIDTH) for column in columns}
    notes = [*about.items(), *((column.name, column.meaning) for column in columns)]
    return xlsx.write_book(sheet, widths, lines, notes, headings=26)


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
