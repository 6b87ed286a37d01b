"""Tables of text with a column of WKT, as databases and spreadsheets write them: the separator and
the column are found, a heading is where the first row has no geometry.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from analytics.uploads.errors import UploadError
from analytics.uploads.fields import Columns, shown_names
from analytics.uploads.formats import wkt
from analytics.uploads.formats.detection import WKT_START
from analytics.uploads.formats.raw_layer import RawLayer, check_features, text
from analytics.uploads.limits import Limits
from analytics.uploads.records import Finding, Severity

_SEPARATORS = (";", "\t", "|", ",")
_LOOKED_AT = 200
"""Rows by which separator and column are found."""
_BARE = re.compile(
    r'"[^"]*"|(?<!\w)((?:SRID=\d{1,9};[ ]*)?(?:MULTI)?(?:POINT|LINESTRING|POLYGON)[ ]*Z?M?[ ]*'
    r"\([-+.\d eE,()]*\))",
    re.IGNORECASE,
)
"""What is in quotes, or a geometry that is not: its commas, and the semicolon after its SRID, part
no cells."""
_SEPARATOR_LINE = re.compile(r"sep=.(?=\r?\n)")
"""What spreadsheets put before a table."""
_FALLBACK = "windows-1252"


@dataclass(frozen=True, slots=True)
class _Table:
    """Rows of cells, without the heading."""

    names: list[str]
    rows: list[list[str]]
    lines: list[int]
    """Where each row ends in the file."""
    geometry: int


def read(path: Path, limits: Limits) -> RawLayer:
    """Read a table with a column of WKT; the reference system is what SRID says.

    Raises UploadError or LimitMet.
    """
    content, encoding = _decoded(path.read_bytes())
    csv.field_size_limit(max(len(content), 1))
    try:
        table = _table(content, limits)
    except csv.Error as error:
        raise UploadError(
            "csv-structure",
            found=f"a table that goes wrong ({text(error)[:80]})",
            expected="rows of cells, in quotes where they hold the separator",
            hint="Save it again as CSV",
        ) from error
    cells = [row[table.geometry].strip() if table.geometry < len(row) else "" for row in table.rows]
    geometries = wkt.parsed(cells)
    fields = Columns(features=len(table.rows), most=limits.fields)
    notes: dict[int, list[Finding]] = {}
    width = len(table.names)
    for index, row in enumerate(table.rows):
        for number, (name, value) in enumerate(zip(table.names, row, strict=False)):
            if number != table.geometry:
                fields.put(index, name, value)
        if len(row) != width:
            notes[index] = [_ragged(len(row), width, table.lines[index])]
    return RawLayer(
        geometries.geometries,
        fields.values,
        geometries.crs,
        broken=geometries.broken,
        encoding=encoding,
        of_features=notes,
        findings=(_GUESSED,) if encoding == _FALLBACK else (),
        left_out=fields.left_out,
    )


_GUESSED = Finding(
    "encoding-assumed",
    Severity.WARNING,
    f"text that is not UTF-8; it was taken as {_FALLBACK}",
    "a table in UTF-8",
    "Look at the names: where their letters are wrong, save the table as UTF-8",
)


def _ragged(cells: int, width: int, line: int) -> Finding:
    return Finding(
        "row-ragged",
        Severity.WARNING,
        f"{cells} cells in the row that ends in line {line}",
        f"{width}, as the heading has",
        "Look at its values: a separator within one needs quotes around it",
        {"cells": cells, "columns": width, "line": line},
    )


def _decoded(content: bytes) -> tuple[str, str]:
    """A text and its encoding."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace"), "UTF-16"
    try:
        return content.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        return content.decode(_FALLBACK, errors="replace"), _FALLBACK


def _table(content: str, limits: Limits) -> _Table:
    content = _SEPARATOR_LINE.sub("", content, count=1) if content[:4] == "sep=" else content
    content = _BARE.sub(lambda found: f'"{found[1]}"' if found[1] else found[0], content)
    found = max(
        (_looked_at(content, separator) for separator in _SEPARATORS),
        key=lambda one: one.score,
    )
    if found.column is None:
        raise UploadError(
            "csv-without-wkt",
            found="a table without a column of well-known text",
            expected="a column such as POLYGON ((…)), in quotes where the separator is a comma",
            hint="Export it again with the geometry as WKT, or as GeoPackage",
        )
    rows: list[list[str]] = []
    lines: list[int] = []
    total = 0
    for row, line in _rows(content, found.separator):
        total += 1
        if total <= limits.features + 1:  # the heading is one
            rows.append(row)
            lines.append(line)
    start = int(not any(WKT_START.match(cell) for cell in rows[0][found.column :][:1]))
    check_features(total - start, limits)
    headings = rows[0] if start else [""] * len(rows[0])
    names = [cell.strip() or f"column {number}" for number, cell in enumerate(headings, start=1)]
    return _Table(shown_names(names), rows[start:], lines[start:], found.column)


@dataclass(frozen=True, slots=True)
class _Look:
    """What a separator would make of a table: how well it fits, and the column of geometries."""

    separator: str
    score: tuple[int, int, int]
    column: int | None


def _looked_at(content: str, separator: str) -> _Look:
    rows = [row for row, _ in islice(_rows(content, separator), _LOOKED_AT)]
    areas: dict[int, int] = {}
    others: dict[int, int] = {}
    for row in rows:
        for number, cell in enumerate(row):
            start = WKT_START.match(cell)
            if start and _is_whole(cell, start.end()):
                kinds = areas if "POLYGON" in start[0].upper() else others
                kinds[number] = kinds.get(number, 0) + 1
    columns = {*areas, *others}
    best = max(columns, key=lambda c: (areas.get(c, 0), others.get(c, 0), -c), default=None)
    if best is None or not rows:
        return _Look(separator, (0, 0, 0), None)
    fitting = sum(len(row) == len(rows[0]) for row in rows)
    found = areas.get(best, 0) + others.get(best, 0)
    return _Look(separator, (found, fitting, len(rows[0])), best)


def _is_whole(cell: str, begun: int) -> bool:
    """Whether a cell ends with the geometry that has begun in it."""
    depth = int(cell[begun - 1] == "(")
    for bracket in re.finditer(r"[()]", cell[begun:]):
        depth += 1 if bracket[0] == "(" else -1
        if depth <= 0:
            return not cell[begun + bracket.end() :].strip()
    return depth == 0 and not cell[begun:].strip()


def _rows(content: str, separator: str) -> Iterator[tuple[list[str], int]]:
    """Rows that are not blank, and the lines in which they end."""
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=separator)
    for row in reader:
        if any(cell.strip() for cell in row):
            yield row, reader.line_num
