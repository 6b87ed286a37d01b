"""Shapes and records of a Shapefile: each shape by its index, each record told of."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from analytics.uploads.confinement.process import Upload
from analytics.uploads.limits import Limits
from analytics.uploads.records import Finding
from tests.uploads import files
from tests.uploads import shapefile_parts as parts
from tests.uploads.upload_results import features, finding, found, refusal, refused, upload

ROWS = [(b"01", b"One"), (b"02", b"Two"), (b"03", b"Three")]
TABLE = parts.dbf(ROWS)


def of_file(read: Upload) -> dict[str, Finding]:
    assert read.reading.report is not None
    return {one.code: one for one in read.reading.report.findings}


def wests(read: Upload) -> list[float]:
    """Where each zone begins in the west, relative to the first, in zones' distances."""
    found = shapely.bounds(read.zones)[:, 0]
    return [round(x) for x in ((found - found[0]) / 14_300).tolist()]


def labels(read: Upload) -> list[tuple[str, str]]:
    return [(one.code, one.name) for one in features(read)]


def test_the_index_of_the_file_is_used(tmp_path: Path) -> None:
    """The second shape was deleted: it is still in the .shp, and no longer in the .shx."""
    content = parts.packed(table=parts.dbf([ROWS[0], ROWS[2]]), index=parts.shx([0, 2]))
    read = upload(tmp_path, content)
    assert labels(read) == [("01", "One"), ("03", "Three")]
    assert wests(read) == [0, 2]
    assert of_file(read)["shapes-unlisted"].measures == {"bytes": 136}


def test_an_index_in_another_order(tmp_path: Path) -> None:
    read = upload(tmp_path, parts.packed(table=TABLE, index=parts.shx([2, 1, 0])))
    assert wests(read) == [0, -1, -2]
    assert of_file(read) == {}


def test_an_index_that_is_missing_is_made(tmp_path: Path) -> None:
    read = upload(tmp_path, parts.packed(table=TABLE, index=b""))
    assert (labels(read), wests(read)) == (
        [("01", "One"), ("02", "Two"), ("03", "Three")],
        [0, 1, 2],
    )
    assert of_file(read)["index-remade"].severity == "note"


@pytest.mark.parametrize(
    "index",
    [
        b"nonsense",
        b"\0" * 124,
        parts.shx([0, 1, 2])[:-3],
        parts.shx([0, 1, 7]),
        parts.shx([0, 1, 2])[:-4] + b"\0\0\1\0",
    ],
)
def test_an_index_that_does_not_fit_is_made_anew(tmp_path: Path, index: bytes) -> None:
    read = upload(tmp_path, parts.packed(table=TABLE, index=index))
    assert wests(read) == [0, 1, 2]
    assert of_file(read)["index-remade"].severity == "warning"


def test_shapes_that_are_cut_off_and_have_no_index(tmp_path: Path) -> None:
    cut = files.zipped({"a.shp": parts.shp(parts.BOXES)[:-20], "a.dbf": TABLE})
    error = refusal(tmp_path, cut)
    assert error.code == "unreadable-layer"
    assert "after 2 shapes" in error.found


def test_fewer_records_than_shapes(tmp_path: Path) -> None:
    read = upload(tmp_path, parts.packed(table=parts.dbf(ROWS[:2])))
    assert labels(read)[:2] == [("01", "One"), ("02", "Two")]
    assert len(features(read)) == 3
    assert finding(read, 2, "record-missing").measures == {"shape": 3, "records": 2}
    assert "code-missing" in found(read, 2)
    assert "record-missing" not in found(read, 1)


def test_a_table_that_is_cut_off(tmp_path: Path) -> None:
    """The header declares three records, two and a half are there."""
    read = upload(tmp_path, parts.packed(table=TABLE[:-20]))
    assert finding(read, 2, "record-missing").measures == {"shape": 3, "records": 2}


def test_more_records_than_shapes(tmp_path: Path) -> None:
    more = [*ROWS, (b"04", b"Four"), (b"05", b"Five")]
    read = upload(tmp_path, parts.packed(table=parts.dbf(more)))
    assert labels(read) == [("01", "One"), ("02", "Two"), ("03", "Three")]
    told = of_file(read)["shapes-missing"]
    assert told.severity == "warning"
    assert told.measures == {"records": 5, "shapes": 3}
    assert "'04', '05'" in told.found


def test_records_that_are_marked_as_deleted(tmp_path: Path) -> None:
    read = upload(tmp_path, parts.packed(table=parts.dbf(ROWS, deleted=[1])))
    assert labels(read) == [("01", "One"), ("03", "Three")]
    assert wests(read) == [0, 2]
    assert of_file(read)["records-deleted"].measures == {"records": 1}


def test_values_of_each_kind(tmp_path: Path) -> None:
    table = parts.dbf(
        [
            (b"12345678901234567890", b" 1.50", b"20240229", b"T", b"\x07\0\0\0"),
            (b"00042", b"3.000", b"        ", b"?", b"\xff\xff\xff\xff"),
            (b"", b"*****", b"00000000", b"n", b"\0\0\0\0"),
        ],
        names=[b"n", b"f", b"d", b"l", b"i"],
        widths=[20, 5, 8, 1, 4],
        kinds=b"NFDLI",
    )
    read = upload(tmp_path, parts.packed(table=table))
    assert {field.name: field.sample for field in read.reading.fields} == {
        "n": ("12345678901234567890", "42"),
        "f": ("1.5", "3"),
        "d": ("2024-02-29",),
        "l": ("True", "False"),
        "i": ("7", "-1", "0"),
    }


def test_fields_of_pictures_are_named_as_left_out(tmp_path: Path) -> None:
    table = parts.dbf(
        [(b"1", b"0000000001")] * 3, names=[b"nom", b"photo"], widths=[5, 10], kinds=b"CG"
    )
    read = upload(tmp_path, parts.packed(table=table))
    assert read.reading.fields_left_out == ("photo",)
    assert "photo" in of_file(read)["fields-left-out"].found


@pytest.mark.parametrize(
    "table", [b"", b"\3" * 20, TABLE[:40], TABLE[:10] + b"\2\0" + TABLE[12:], b"\0" * 400]
)
def test_a_table_that_is_none(tmp_path: Path, table: bytes) -> None:
    assert refused(tmp_path, parts.packed(table=table)) == "unreadable-layer"


def test_too_many_shapes_are_told_from_the_index(tmp_path: Path) -> None:
    for index in (None, b""):
        content = parts.packed(table=TABLE, index=index)
        assert refused(tmp_path, content, limits=Limits(features=2)) == "too-many-features"
