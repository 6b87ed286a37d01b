"""Attack: a name in an uploaded layer, such as ``x;=1+1``, that becomes a formula in a reader's
spreadsheet, because it splits the lines of the file at another separator than the file's own."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analytics.files import tidy as analytics_tidy
from analytics.files.formulas import harmless
from clcplus.files import streams, tidy, xlsx
from clcplus.views.downloads import columns
from clcplus.views.rankings import file as ranking_file

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
SEPARATORS = (",", ";", "\t", "|")
SIGNS = set("=+-@")
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")

ODD = "=+-@＝＋－＠−﹢ ,;|\t\n\r\v\x00\x85\u2028\ufeff\u200b\u00a0\u3164\"'x1(!"
# Neither files nor the database have halves of surrogate pairs in their texts.
WHOLE = st.characters(codec="utf-8")
NAMES = st.text(alphabet=st.one_of(st.sampled_from(ODD), WHOLE), max_size=12)
ATTACKS = [
    "=1+1", "x;=1+1", "a,=2+2", "a\t=1", "a|@SUM(A1)", "a\n+1+1", "a\r-1+1", " =1", '"=1"',
    "\ufeff=1", "\u200b+1+1", "\x00=1", "x;\u00ad=1", "＝1+1", "x;＠SUM(A1)", "\t\t=1", ";-x",
    "-;1+cmd|' /C calc'!A0", "x\u2028=1", "x;;=1;=2",
]  # fmt: skip


def visible(cell: str) -> str:
    """A cell as a program looks at it: without what it drops at its start."""
    dropped = {"Zs", "Zl", "Zp", "Cc", "Cf", "Cn", "Co", "Mn", "Me"}
    at = 0
    while at < len(cell) and (unicodedata.category(cell[at]) in dropped or cell[at] in '"\u3164'):
        at += 1
    return cell[at:]


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would calculate a cell; numbers and a hyphen alone it shows."""
    seen = visible(cell)
    if not seen or unicodedata.normalize("NFKC", seen[0]).replace("−", "-")[0] not in SIGNS:
        return False
    return seen.strip(' "') != "-" and not NUMBER.fullmatch(seen.strip(' "'))


def cells_of(text: str) -> list[str]:
    """Every cell that some program finds, by any separator, with quotes and without."""
    found = []
    for separator in SEPARATORS:
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=quoting)
            found += [cell for line in lines for cell in line]
        found += [cell for line in text.splitlines() for cell in line.split(separator)]
    return found


def formulas(text: str) -> list[str]:
    return [cell for cell in cells_of(text) if is_formula(cell)]


def text_of(cell: ElementTree.Element) -> str:
    return "".join(part.text or "" for part in cell.iter(f"{MAIN}t"))


def row(code: str, name: str) -> tidy.Row:
    return tidy.Row(code, name, "commune", 2024, "clcplus-2021", "net", -0.5, "1", -1.25, 2.0, "ok")


def test_the_attacks_are_formulas_where_nothing_is_done() -> None:
    assert [name for name in ATTACKS if not formulas(f"{name}\n")] == []


def with_attacks(test):  # type: ignore[no-untyped-def]
    for name in [*ATTACKS, "-"]:
        test = example(name, "plain")(example("plain", name)(test))
    return test


@given(NAMES, NAMES)
@with_attacks
def test_tables_of_statistics(code: str, name: str) -> None:
    for dialect in streams.DIALECTS:
        rows = [row(code, name), row(name, code)]
        assert formulas("".join(streams.tidy_csv_pieces(rows, dialect=dialect))) == []


@given(NAMES, NAMES)
@with_attacks
@pytest.mark.parametrize("dialect", ["plain", "spreadsheet"])
def test_rankings(dialect: str, code: str, name: str) -> None:
    line: list[columns.Value]
    line = [None, 3, "ranked", code, name, code, "commune", 2024, "clcplus-2021", -0.5, 3.0]
    pieces = columns.csv_pieces(ranking_file.COLUMNS, [line, line], dialect=dialect)
    assert formulas("".join(pieces)) == []


@given(NAMES, NAMES)
@with_attacks
def test_counts_of_the_command_line(one: str, other: str) -> None:
    table = analytics_tidy.table_of(
        np.array([[1, 2], [3, 4]]), [[1]], zones=[one, other], cell_area=100.0
    )
    file = io.BytesIO()
    analytics_tidy.write_csv(table, file)
    assert formulas(file.getvalue().decode("utf-8", "surrogatepass")) == []


@pytest.mark.parametrize(
    "name",
    [
        "Saint-Jean", "-", " - ", "L'Haÿ-les-Roses", "Paris - Centre", "a@b", "1+1",
        "St. Pölten (A)", "Île-d'Yeu, l'", "Łódź", "« Les Prés »", "C++",
    ],
)  # fmt: skip
def test_ordinary_names_stay(name: str) -> None:
    assert harmless(name) == name


@settings(max_examples=30, deadline=None)
@given(NAMES, NAMES)
@with_attacks
def test_workbooks_have_text_as_it_is_and_no_formula(code: str, name: str) -> None:
    """A cell of text is no formula; the mark of a quoted cell keeps it text when it is edited."""
    about = {"editions": [], "details_of_editions": [], "citation": name, "territory": code}
    with xlsx.write(iter([row(code, name)]), about) as file, zipfile.ZipFile(file) as book:
        styles = ElementTree.fromstring(book.read("xl/styles.xml"))
        quoted = [xf.get("quotePrefix") == "1" for xf in styles.find(f"{MAIN}cellXfs") or ()]
        sheets = [book.read(f"xl/worksheets/sheet{number}.xml") for number in (1, 2)]
    for sheet in map(ElementTree.fromstring, sheets):
        assert not list(sheet.iter(f"{MAIN}f"))
        for cell in sheet.iter(f"{MAIN}c"):
            if cell.get("t") == "inlineStr" and is_formula(text_of(cell)):
                assert quoted[int(cell.get("s", "0"))], text_of(cell)
    data = ElementTree.fromstring(sheets[0])
    stored = {cell.get("r"): text_of(cell) for cell in data.iter(f"{MAIN}c")}
    for place, text in (("A2", code), ("B2", name)):
        # XML has \r as \n, and no surrogates or controls but as _xHHHH_.
        if text and text.isprintable() and text == text.strip():
            assert stored[place] == text
