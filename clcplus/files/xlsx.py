"""Long tables as workbooks: a sheet of rows, and one that says what they are about."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, Any

from xlsxwriter import Workbook  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from analytics.files import harmless_at_start
from clcplus.files.tidy import COLUMNS, Row
from clcplus.files.unlisted import unlisted_file
from clcplus.http.errors import BadParameter
from clcplus.presentation.indicators import UNITS

LARGEST = 300_000
"""Rows of a workbook: every commune of France in one edition, or its change; about twelve seconds
of work. A sheet could hold four times as many, but few programs open one so long."""

_WIDTHS = {"code": 10, "name": 28, "edition": 16, "indicator": 26, "value": 16, "status": 14}
_MEANINGS: Mapping[str, Mapping[Any, str]] = {
    "unit": UNITS,
    "status": {
        "ok": "counted",
        "indicative": "counted; of change: read it with its verdict",
        "suppressed": "not told: the number behind it is too small; the cell of the value is empty",
        "not_observed": "nothing is observed there; the cell of the value is empty, which is not 0",
    },
    "verdict": {
        "increase": "by the 95 % interval of the true net change: all of it is above 0",
        "decrease": "all of that interval is below 0",
        "not_distinguishable": "that interval holds 0: whether anything changed cannot be told",
        "stands_out": "stress test, no interval: the net change is more than map_noise, which "
        "noise alone could make",
        "in_map_noise": "stress test: it is not, and whether anything changed cannot be told",
    },
    "basis": {
        "own": "interval from a reference sample that was drawn for the territory",
        "assisted": "interval from enough points in the territory of a larger one's sample",
        "small-area": "interval from a model that leans on a larger territory",
        "borrowed": "interval borrowed from the accuracy published for the country's group",
        "stress_test": "no interval: the verdict is that of a stress test with independent errors",
    },
    "partly_observed": {
        "yes": "another edition has observed over 1 % more of the territory: not to be compared "
        "with its figures",
        "no": "no other edition has observed over 1 % more of it",
    },
}
"""Of the words in the columns."""


class _Sheet(Worksheet):
    """XlsxWriter's, but all text is text: what stands between <r> and </r> it would write into the
    sheet as it is, for text in several colours. There a name could put anything."""

    def _xml_rich_inline_string(self, string: str, attributes: Any = ()) -> None:
        self._xml_inline_string(string, False, attributes)


class Book(Workbook):
    """A workbook whose cells hold numbers or text, and never a formula."""

    def __init__(self, file: IO[bytes], *, folder: str) -> None:
        super().__init__(file, {"constant_memory": True, "tmpdir": folder})
        self.bold = self.add_format({"bold": True})
        self._quoted = self.add_format({"quote_prefix": True})

    def sheet(self, name: str) -> Worksheet:
        """A new sheet."""
        return self.add_worksheet(name, worksheet_class=_Sheet)

    def write_text(self, sheet: Worksheet, row: int, column: int, text: str) -> None:
        """Text from outside as it is. A cell of text is no formula; where one could begin, the cell
        is marked as quoted too, so that it does not become one when somebody edits it."""
        quoted = (self._quoted,) if harmless_at_start(text) != text else ()
        sheet.write_string(row, column, text, *quoted)


def write_book(
    sheet: str,
    columns: Mapping[str, int],
    lines: Iterable[Sequence[Any]],
    notes: Iterable[tuple[str, str]],
    *,
    headings: int,
) -> IO[bytes]:
    """A file at its start, which is gone as soon as it is closed: a sheet of lines, and one of
    notes, which say what they are about.

    ``columns`` are the widths of the columns by their names, ``headings`` is the width of what
    stands before each note. Lines go to the disk as they come, so that memory does not grow.
    """
    with (
        unlisted_file() as file,
        tempfile.TemporaryDirectory(prefix="clcplus-xlsx-") as folder,
    ):
        book = Book(file, folder=folder)
        try:
            _write_lines(book, book.sheet(sheet), columns, lines)
            _write_notes(book, book.sheet("about"), notes, headings=headings)
        except BaseException:
            # Else each sheet would leave an open file behind.
            for one in book.worksheets():
                one.row_data_fh.close()
            book.fileclosed = True
            raise
        book.close()
    return file


def _write_lines(
    book: Book, sheet: Worksheet, columns: Mapping[str, int], lines: Iterable[Sequence[Any]]
) -> None:
    sheet.freeze_panes(1, 0)
    for column, (name, width) in enumerate(columns.items()):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, book.bold)
    for number, line in enumerate(lines, start=1):
        for column, value in enumerate(line):
            if isinstance(value, str):
                book.write_text(sheet, number, column, value)
            elif value is not None:
                sheet.write_number(number, column, value)


def _write_notes(
    book: Book, sheet: Worksheet, notes: Iterable[tuple[str, str]], *, headings: int
) -> None:
    sheet.set_column(0, 0, headings)
    sheet.set_column(1, 1, 110, book.add_format({"text_wrap": True, "valign": "top"}))
    for number, (heading, text) in enumerate(notes):
        sheet.write_string(number, 0, heading, book.bold)
        book.write_text(sheet, number, 1, text)


def write(rows: Iterator[Row], about: dict[str, Any]) -> IO[bytes]:
    """Rows of territories as a workbook. Raises BadParameter for more than it may have."""
    columns = {name: _WIDTHS.get(name, 10) for name in COLUMNS}
    return write_book("data", columns, _bounded(rows), _about(about), headings=16)


def _bounded(rows: Iterator[Row]) -> Iterator[Row]:
    for number, row in enumerate(rows, start=1):
        if number > LARGEST:
            raise BadParameter(
                "format",
                found="xlsx",
                allowed=f"at most {LARGEST} rows in a workbook; ask for fewer editions or "
                "indicators, or for csv or parquet",
            )
        yield row


def _about(about: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Lines of the second sheet: a heading and a text each."""
    for name in ("title", "level", "within", "territory", "address"):
        if about.get(name):
            yield name, str(about[name])
    for edition in about["details_of_editions"]:
        yield "edition", str(edition)
    for column, meanings in _MEANINGS.items():
        for word, meaning in meanings.items():
            yield column, f"{word}: {meaning}"
    yield (
        "method",
        "Cells of 10 m whose centre lies in the territory are counted by class; a cell is 100 m². "
        "Figures are as mapped, without correction. Differences of editions are not change by "
        "themselves: part of them is noise of the maps.",
    )
    yield (
        "text",
        "Codes and names stand as they are. Where one could begin a formula, its cell is marked as "
        "text.",
    )
    yield "citation", str(about["citation"])
