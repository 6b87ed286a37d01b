"""Long tables as workbooks: a sheet of rows, and one that says what they are about."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO, Any

from xlsxwriter import Workbook  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from analytics.cells import harmless
from clcplus.api.cells import TEXT_NOTE
from clcplus.api.errors import BadParameter
from clcplus.api.tidy import COLUMNS, Row

LARGEST = 300_000
"""Rows of a workbook: every commune of France in one edition, or its change; about twelve seconds
of work. A sheet could hold four times as many, but few programs open one so long."""

_WIDTHS = {"code": 10, "name": 28, "edition": 16, "indicator": 26, "value": 16, "status": 14}
_NUMBERS = frozenset(
    COLUMNS.index(name) for name in ("vintage", "value", "ci_low", "ci_high") if name in COLUMNS
)
_FROM_OUTSIDE = frozenset(COLUMNS.index(name) for name in ("code", "name", "parent_code"))

STATUSES = (
    ("ok", "counted"),
    (
        "partly_observed",
        "counted; another edition has observed over 1 % more of the territory: not to be compared "
        "with its figures",
    ),
    ("indicative", "counted; of change: read it with its verdict"),
    ("suppressed", "not told: the number behind it is too small; the cell of the value is empty"),
    ("not_observed", "nothing is observed there; the cell of the value is empty, which is not 0"),
)
VERDICTS = (
    ("stands_out", "the net change is more than map_noise, which noise alone could make"),
    ("in_map_noise", "it is not: whether anything changed cannot be told"),
)
UNITS = (
    ("m2", "square metres, in EPSG:3035"),
    ("m2/a", "square metres a year, between the middles of the observation windows"),
    ("1", "fraction of the observed area, 0 to 1"),
    ("pp", "percentage points"),
    ("%", "per cent of the earlier sealed area"),
)


def write(rows: Iterator[Row], about: dict[str, Any]) -> IO[bytes]:
    """A file at its start, which is gone as soon as it is closed. Rows go to the disk as they come,
    so that memory does not grow with them."""
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    try:
        with tempfile.TemporaryDirectory(prefix="clcplus-xlsx-") as folder:
            book = Workbook(file, {"constant_memory": True, "tmpdir": folder})
            try:
                _fill(book, rows, about)
            except BaseException:
                # Else each sheet would leave an open file behind.
                for sheet in book.worksheets():
                    sheet.row_data_fh.close()
                book.fileclosed = True
                raise
            book.close()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def _fill(book: Workbook, rows: Iterator[Row], about: dict[str, Any]) -> None:
    bold = book.add_format({"bold": True})
    _data(book.add_worksheet("data"), rows, bold)
    sheet = book.add_worksheet("about")
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 110, book.add_format({"text_wrap": True, "valign": "top"}))
    for number, (heading, text) in enumerate(_about(about)):
        sheet.write_string(number, 0, heading, bold)
        sheet.write_string(number, 1, text)


def _data(sheet: Worksheet, rows: Iterator[Row], bold: Any) -> None:
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(COLUMNS):
        sheet.set_column(column, column, _WIDTHS.get(name, 10))
        sheet.write_string(0, column, name, bold)
    for number, row in enumerate(rows, start=1):
        if number > LARGEST:
            raise BadParameter(
                "format",
                found="xlsx",
                allowed=f"at most {LARGEST} rows in a workbook; ask for fewer editions or "
                "indicators, or for csv or parquet",
            )
        for column, value in enumerate(row):
            if value is None:
                continue
            if column in _NUMBERS:
                sheet.write_number(number, column, value)
            elif column in _FROM_OUTSIDE:
                sheet.write_string(number, column, text_from_outside(value))
            else:
                sheet.write_string(number, column, str(value))


def text_from_outside(value: object) -> str:
    """Text from outside. XlsxWriter writes what stands between <r> and </r> into the sheet as it
    is, for text in several colours: there a name could put anything."""
    text = harmless(str(value))
    return f"'{text}" if text.startswith("<r>") else text


def _about(about: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Lines of the second sheet: a heading and a text each."""
    for name in ("title", "level", "within", "territory", "address"):
        if about.get(name):
            yield name, text_from_outside(about[name])
    for edition in about["details_of_editions"]:
        yield "edition", str(edition)
    for unit, meaning in UNITS:
        yield "unit", f"{unit}: {meaning}"
    for status, meaning in STATUSES:
        yield "status", f"{status}: {meaning}"
    for verdict, meaning in VERDICTS:
        yield "verdict", f"{verdict}: {meaning}"
    yield (
        "method",
        "Cells of 10 m whose centre lies in the territory are counted by class; a cell is 100 m². "
        "Figures are as mapped, without correction. Differences of editions are not change by "
        "themselves: part of them is noise of the maps.",
    )
    yield "text", TEXT_NOTE
    yield "citation", str(about["citation"])
