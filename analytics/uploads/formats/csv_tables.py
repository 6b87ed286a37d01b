"""Tables of text with a column of WKT, as databases and spreadsheets write them: the separator and
the column are found, a heading is where the first row has no geometry.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from analytics.uploads.errors import refusal
from analytics.uploads.fields import columns, shown_names
from analytics.uploads.findings import finding
from analytics.uploads.formats import wkt
from analytics.uploads.formats.detection import WKT_START, geometry_end
from analytics.uploads.formats.raw_layer import RawLayer, text
from analytics.uploads.limits import Limits
from analytics.uploads.records import Finding

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
_ASSUMED = f"text that is not UTF-8; it was taken as {_FALLBACK}"


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
        raise refusal("csv-structure", f"a table that goes wrong ({text(error)[:80]})") from error
    cells = [row[table.geometry].strip() if table.geometry < len(row) else "" for row in table.rows]
    geometries = wkt.parsed(cells)
    width = len(table.names)
    records = [
        {
            name: value
            for number, (name, value) in enumerate(zip(table.names, row, strict=False))
            if number != table.geometry
        }
        for row in table.rows
    ]
    fields, left_out = columns(records, most=limits.fields)
    return RawLayer(
        geometries.geometries,
        fields,
        geometries.crs,
        broken=geometries.broken,
        encoding=encoding,
        of_features={
            index: [_ragged(len(row), width, table.lines[index])]
            for index, row in enumerate(table.rows)
            if len(row) != width
        },
        findings=(finding("encoding-assumed", _ASSUMED),) if encoding == _FALLBACK else (),
        left_out=left_out,
    )


def _ragged(cells: int, width: int, line: int) -> Finding:
    return finding(
        "row-ragged",
        f"{cells} cells in the row that ends in line {line}",
        {"cells": cells, "columns": width, "line": line},
        expected=f"{width}, as the heading has",
    )


def _decoded(content: bytes) -> tuple[str, str]:
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
        raise refusal("csv-without-wkt", "a table without a column of well-known text")
    rows: list[list[str]] = []
    lines: list[int] = []
    total = 0
    for row, line in _rows(content, found.separator):
        total += 1
        if total <= limits.features + 1:  # the heading is one
            rows.append(row)
            lines.append(line)
    start = int(not any(WKT_START.match(cell) for cell in rows[0][found.column :][:1]))
    limits.check("features", total - start)
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
    areas: Counter[int] = Counter()
    others: Counter[int] = Counter()
    for row in rows:
        for number, cell in enumerate(row):
            end = geometry_end(cell)
            if end is not None and not cell[end:].strip():
                kinds = areas if "POLYGON" in cell[:end].upper() else others
                kinds[number] += 1
    best = max({*areas, *others}, key=lambda c: (areas[c], others[c], -c), default=None)
    if best is None:
        return _Look(separator, (0, 0, 0), None)
    fitting = sum(len(row) == len(rows[0]) for row in rows)
    return _Look(separator, (areas[best] + others[best], fitting, len(rows[0])), best)


def _rows(content: str, separator: str) -> Iterator[tuple[list[str], int]]:
    """Rows that are not blank, and the lines in which they end."""
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=separator)
    for row in reader:
        if any(cell.strip() for cell in row):
            yield row, reader.line_num
