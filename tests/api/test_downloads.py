"""Tables as files: both dialects of CSV, workbooks, Parquet."""

from __future__ import annotations

import csv
import io
import os
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree

import pytest
from django.test import Client
from pyarrow import parquet
from sqlalchemy import QueuePool

from clcplus.database import read_side
from clcplus.files import streams, tidy, xlsx
from clcplus.http.errors import BadParameter
from tests.world import World

pytestmark = pytest.mark.django_db

BULK = "/api/v1/statistics/?level=commune"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(autouse=True)
def _world(world: World) -> None:
    """Every test has the world."""


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files, which must be empty in the end."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield tmp_path
    assert os.listdir(tmp_path) == []


def sheets(content: bytes) -> dict[str, list[list[Any]]]:
    """Cells of a workbook as they are stored: numbers, text, or None where empty."""
    found = {}
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        names = [
            sheet.attrib["name"]
            for sheet in ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{_MAIN}sheet")
        ]
        for number, name in enumerate(names, start=1):
            root = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
            assert not list(root.iter(f"{_MAIN}f")), "a formula"
            found[name] = [[_cell(c) for c in row] for row in root.iter(f"{_MAIN}row")]
    return found


def _cell(cell: ElementTree.Element) -> Any:
    if cell.attrib.get("t") == "inlineStr":
        return "".join(part.text or "" for part in cell.iter(f"{_MAIN}t"))
    value = cell.find(f"{_MAIN}v")
    assert cell.attrib.get("t") in (None, "n")
    return None if value is None or value.text is None else float(value.text)


def bad(client: Client, path: str) -> dict[str, Any]:
    response = client.get(path)
    assert response.status_code == 400
    return cast(dict[str, Any], response.json())


def row(**more: Any) -> tidy.Row:
    usual = tidy.Row(
        "01004", "Ambérieu", "commune", 2024, "e", "sealed_share", 0.1, "1", None, None, "ok"
    )
    return usual._replace(**more)


def test_a_spreadsheet_opens_its_dialect(client: Client) -> None:
    response = client.get(f"{BULK}&edition=2021&format=csv&dialect=spreadsheet")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    content = response.getvalue()
    assert content.startswith(b"\xef\xbb\xbfcode;name;")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    by_key = {(r["code"], r["indicator"]): r for r in rows}
    assert by_key["07101", "sealed_share"]["value"] == "0,22"
    assert by_key["07101", "sealed_area"]["value"] == "110000"
    assert by_key["07102", "sealed_area"]["value"] == ""
    assert by_key["07102", "sealed_area"]["status"] == "not_observed"
    plain = client.get(f"{BULK}&edition=2021&format=csv&dialect=plain").getvalue()
    assert plain == client.get(f"{BULK}&edition=2021&format=csv").getvalue()


def test_dialects_are_of_csv_alone(client: Client) -> None:
    assert bad(client, f"{BULK}&format=csv&dialect=tab")["allowed"] == ["plain", "spreadsheet"]
    for other in ("json", "xlsx", "parquet"):
        assert bad(client, f"{BULK}&format={other}&dialect=plain")["parameter"] == "dialect"


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_name_becomes_a_formula(name: str) -> None:
    odd = row(name=name, code="=2")
    for dialect in streams.DIALECTS:
        text = "".join(streams.tidy_csv_pieces([odd], dialect=dialect))
        delimiter = ";" if text.startswith("\ufeff") else ","
        first = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))[1]
        # The apostrophe stands before the sign: a tab or a line's end begins a cell elsewhere.
        sign = name.lstrip("\t\r\n")
        assert first[:2] == ["'=2", f"{name[: -len(sign)]}'{sign}"]


def test_names_in_workbooks_are_text() -> None:
    about = {"editions": [], "details_of_editions": [], "citation": "c", "territory": "=1"}
    with xlsx.write(iter([row(name="=1+1"), row(name="http://a.b", value=-0.5)]), about) as file:
        found = sheets(file.read())
    # As it is: what keeps it from being calculated is the kind of its cell, and its mark.
    assert found["data"][1][:2] == ["01004", "=1+1"]
    assert found["data"][2][1] == "http://a.b"
    assert ["territory", "=1"] in found["about"]


def test_names_cannot_write_into_the_sheet() -> None:
    about = {"editions": [], "details_of_editions": [], "citation": "c"}
    odd = "<r><t>x</t></is></c><c><f>1+1</f></c><c><is></r>"
    with xlsx.write(iter([row(name=odd)]), about) as file:
        assert sheets(file.read())["data"][1][1] == odd


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.1, "0,1"),
        (1e-7, "0,0000001"),
        (-2.5, "-2,5"),
        (12345678.0, "12345678,0"),
    ],
)
def test_numbers_with_a_comma(value: float, text: str) -> None:
    assert streams.with_comma(value) == text


def test_a_workbook_has_its_rows_and_what_they_are_about(client: Client, scratch: Path) -> None:
    response = client.get(f"{BULK}&edition=2021&format=xlsx")
    assert response.status_code == 200
    assert response["Content-Type"].endswith("spreadsheetml.sheet")
    assert 'filename="sealing-commune-clcplus-2021.xlsx"' in response["Content-Disposition"]
    found = sheets(response.getvalue())
    assert list(found) == ["data", "about"]
    assert found["data"][0] == list(tidy.COLUMNS)
    by_key = {(r[0], r[5]): r for r in found["data"][1:]}
    share = by_key["07101", "sealed_share"]
    assert share[:5] == ["07101", "Montrieux", "commune", 2024.0, "clcplus-2021"]
    assert (share[6], share[7], *share[-4:]) == (0.22, "1", "ok", "departement", "07S", "yes")
    # An empty cell is left out; the status stands in its own column.
    unseen = by_key["07102", "sealed_share"]
    assert unseen[-4:] == ["1", "not_observed", "departement", "07S"]
    about = found["about"]
    assert {"edition", "unit", "status", "method", "text", "citation"} <= {
        line[0] for line in about
    }
    texts = " ".join(line[1] for line in about)
    assert "CLC+ Backbone 2021" in texts
    assert "10.2909" in texts
    assert "2018" not in texts


def test_too_many_rows_for_a_workbook(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "LARGEST", 2)
    about = {"editions": [], "details_of_editions": [], "citation": ""}
    xlsx.write(iter([row(), row()]), about).close()
    with pytest.raises(BadParameter, match="parquet"):
        xlsx.write(iter([row(), row(), row()]), about)


def test_a_failure_in_the_middle_leaves_nothing(
    client: Client, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> Iterator[tidy.Row]:
        yield row()
        raise RuntimeError("in the middle")

    monkeypatch.setattr("clcplus.files.tidy.statistics_rows", fail)
    client.raise_request_exception = False
    pool = cast(QueuePool, read_side.engine().pool)
    for chosen in ("xlsx", "parquet"):
        assert client.get(f"{BULK}&format={chosen}").status_code == 500
        assert pool.checkedout() == 0


def test_parquet_keeps_types(client: Client, scratch: Path) -> None:
    response = client.get(f"{BULK}&format=parquet")
    assert response["Content-Type"] == "application/vnd.apache.parquet"
    table = parquet.read_table(io.BytesIO(response.getvalue()))
    assert tuple(table.column_names) == tidy.COLUMNS
    assert str(table.schema.field("code").type) == "string"
    assert str(table.schema.field("value").type) == "double"
    assert b"Copernicus" in table.schema.metadata[b"about"]
    as_json = client.get(BULK).getvalue()
    assert table.num_rows == as_json.count(b'"code"')
    unseen = [
        r
        for r in table.to_pylist()
        if r["status"] == "not_observed" and r["edition"][-4:] == "2021"
    ]
    assert {r["value"] for r in unseen} == {None}


def test_an_empty_table_is_a_file_too() -> None:
    with parquet_of([]) as file:
        assert parquet.read_table(file).num_rows == 0


def parquet_of(rows: list[tidy.Row]) -> Any:
    from clcplus.files import parquet as writing

    return writing.write(iter(rows), {"citation": ""})


@pytest.mark.parametrize("chosen", ["xlsx", "parquet"])
def test_files_are_kept_and_asked_for_by_their_type(client: Client, chosen: str) -> None:
    path = f"{BULK}&format={chosen}"
    first = client.get(path)
    first.close()
    assert cast(QueuePool, read_side.engine().pool).checkedout() == 0
    again = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    by_type = client.get(BULK, headers={"Accept": first["Content-Type"]})
    assert by_type["Content-Type"] == first["Content-Type"]
    by_type.close()
    head = client.head(path)
    assert (head.status_code, head["Content-Type"]) == (200, first["Content-Type"])


def test_change_in_every_format(client: Client) -> None:
    path = "/api/v1/change/?level=departement"
    book = sheets(client.get(f"{path}&format=xlsx").getvalue())["data"]
    by_key = {(r[0], r[5]): r for r in book[1:]}
    assert by_key["07N", "sealed_gain"][6] == 10_000
    suppressed = by_key["07N", "sealed_per_cent_change"]
    assert suppressed[-4:] == ["%", "suppressed", "region", "07"]
    table = parquet.read_table(io.BytesIO(client.get(f"{path}&format=parquet").getvalue()))
    assert "suppressed" in table.column("status").to_pylist()
