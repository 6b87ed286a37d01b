"""Tables of text with a column of WKT: separator, column, heading and encoding are found."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
import shapely

from analytics.uploads.confinement.process import Upload
from analytics.uploads.limits import Limits
from analytics.uploads.records import Choice, Question
from tests.uploads import files
from tests.uploads.upload_results import features, finding, found, reference, refusal, upload

KNOWN = Choice(crs="EPSG:3035")
EAST = shapely.box(4_001_000, 2_500_000, 4_002_000, 2_501_000)


def written(rows: list[list[Any]], **options: Any) -> str:
    target = io.StringIO()
    csv.writer(target, **options).writerows(rows)
    return target.getvalue()


def read(tmp_path: Path, content: str | bytes, **options: Any) -> Upload:
    raw = content.encode() if isinstance(content, str) else content
    return upload(tmp_path, raw, **{"choice": KNOWN, **options})


def labels(one: Upload) -> list[tuple[str, str, float]]:
    return [(zone.code, zone.name, zone.area) for zone in features(one)]


BOTH = [("01", "Été, nord", 1e6), ("02", "Łódź; wieś", 1e6)]
ROWS = [
    ["code", "name", "wkt"],
    ["01", "Été, nord", files.SQUARE.wkt],
    ["02", "Łódź; wieś", EAST.wkt],
]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (0, 2, 1)])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_separator_and_column_are_found(
    tmp_path: Path, separator: str, order: tuple[int, ...], quoting: int
) -> None:
    rows = [[row[n] for n in order] for row in ROWS]
    made = read(tmp_path, written(rows, delimiter=separator, quoting=quoting))
    assert made.reading.format == "CSV"
    assert labels(made) == BOTH
    assert [one.name for one in made.reading.fields] == ["code", "name"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_geometries_without_quotes(tmp_path: Path, separator: str) -> None:
    """Their commas, and the semicolon after an SRID, are no separators."""
    for before in ("", "SRID=3035;"):
        lines = [
            separator.join(("code", "shape", "name")),
            separator.join(("01", before + files.SQUARE.wkt, "North")),
            separator.join(("02", before + EAST.wkt, "South")),
        ]
        made = read(tmp_path, "\n".join(lines))
        assert labels(made) == [("01", "North", 1e6), ("02", "South", 1e6)]


def test_the_reference_system_is_asked_for_unless_it_is_said(tmp_path: Path) -> None:
    asked = read(tmp_path, written(ROWS), choice=None)
    assert asked.reading.question == Question.REFERENCE_SYSTEM
    assert reference(asked).status == "missing"
    said = [ROWS[0], *([code, name, f"SRID=3035;{wkt}"] for code, name, wkt in ROWS[1:])]
    made = read(tmp_path, written(said, delimiter=";"), choice=None)
    assert (reference(made).crs, labels(made)) == ("EPSG:3035", BOTH)
    said[1][2] = f"SRID=2154;{files.SQUARE.wkt}"
    assert refusal(tmp_path, written(said).encode()).code == "wkt-srid"


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16"), ("cp1252", "windows-1252")],
)
def test_the_encoding_is_found_and_told(tmp_path: Path, encoding: str, said: str) -> None:
    rows = [ROWS[0], ["01", "Cœur d’été", files.SQUARE.wkt]]
    made = read(tmp_path, written(rows).encode(encoding))
    assert labels(made) == [("01", "Cœur d’été", 1e6)]
    assert made.reading.encoding == said
    assert made.reading.report is not None
    assumed = {"encoding-assumed"} if said == "windows-1252" else set()
    assert {one.code for one in made.reading.report.findings} == assumed


def test_a_table_without_a_heading(tmp_path: Path) -> None:
    made = read(tmp_path, written([row[::-1] for row in ROWS[1:]]))
    assert [one.name for one in made.reading.fields] == ["column 2", "column 3"]
    assert [zone.area for zone in features(made)] == [1e6, 1e6]


def test_a_column_of_areas_is_taken_before_one_of_points(tmp_path: Path) -> None:
    rows = [["centre", "code", "outline"], ["POINT (1 2)", "01", files.SQUARE.wkt]]
    made = read(tmp_path, written(rows))
    assert [zone.area for zone in features(made)] == [1e6]
    assert "centre" in [one.name for one in made.reading.fields]


def test_rows_that_are_blank_broken_or_ragged(tmp_path: Path) -> None:
    rows = [
        *ROWS[:2],
        [],
        ["02", "b", ""],
        ["03", "c", "POLYGON ((1 2"],
        ["04", "d", EAST.wkt, "more"],
        ["05"],
    ]
    made = read(tmp_path, written(rows, lineterminator="\n"))
    assert [zone.code for zone in features(made)] == ["01", "02", "03", "04", "05"]
    assert found(made, 0) == set()
    assert found(made, 1) == {"geometry-missing"}
    assert "geometry-broken" in found(made, 2)
    ragged = finding(made, 3, "row-ragged")
    assert ragged.measures == {"cells": 4, "columns": 3, "line": 6}
    assert found(made, 4) == {"geometry-missing", "row-ragged"}


def test_texts_over_several_lines_and_headings_that_repeat(tmp_path: Path) -> None:
    rows = [["code", "code", "wkt"], ["A", "two\nlines", files.SQUARE.wkt.replace(", ", ",\n")]]
    made = read(tmp_path, "sep=;\n" + written(rows, delimiter=";"))
    assert [(one.name, one.sample) for one in made.reading.fields] == [
        ("code", ("A",)),
        ("code (2)", ("two lines",)),
    ]
    assert [zone.area for zone in features(made)] == [1e6]


def test_wkt_alone_stays_wkt(tmp_path: Path) -> None:
    for between in ("\n", ";\n", " ;\r\n"):
        made = read(tmp_path, between.join([files.SQUARE.wkt, EAST.wkt]))
        assert made.reading.format == "WKT"
        assert len(features(made)) == 2


def test_too_many_rows_are_counted(tmp_path: Path) -> None:
    rows = [*ROWS, *ROWS[1:], *ROWS[1:]]
    error = refusal(tmp_path, written(rows).encode(), limits=Limits(features=2))
    assert (error.code, error.found) == ("too-many-features", "6 features in the layer")


@pytest.mark.parametrize(
    "content",
    [
        "id,lat,lon\n1,43.5,3.3\n2,43.6,3.4\n",
        "Kod;Nazwa\n01;Łódź\n",
    ],
)
def test_a_table_without_geometries_is_named(tmp_path: Path, content: str) -> None:
    error = refusal(tmp_path, content.encode())
    assert error.code == "unknown-format"
    assert "a table of text without a column of WKT" in error.found
    assert "CSV with a column of WKT" in error.hint


def test_words_about_geometries_are_no_table(tmp_path: Path) -> None:
    error = refusal(tmp_path, b'Write "POLYGON (so)" and then, POLYGON (more) of it')
    assert error.code == "csv-without-wkt"
