"""GeoJSON that is nearly JSON: each fault is told with its line, and costs what it must alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analytics.uploads.records import Choice
from tests.uploads import files
from tests.uploads.upload_results import features, finding, found, reference, refusal, upload

KNOWN = Choice(crs="EPSG:3035")
LINE = json.dumps(files.feature(files.SQUARE, code="A", pop=1))
INDENTED = json.dumps(json.loads(LINE), indent=1)


@pytest.mark.parametrize(
    ("before", "line"),
    [
        (f"{LINE}\n{LINE}\n", 3),
        (f"{LINE}\r\n\r\n{LINE}\r\n", 4),
        (f"\n\n{LINE}\r{LINE}\r", 5),
        (f"\x1e{LINE}\n\x1e{LINE}\n\x1e", 3),
        ("\ufeff" + LINE + "\n", 2),
        (f"\x1e{INDENTED}\n\x1e", INDENTED.count("\n") + 2),
    ],
)
def test_the_line_that_breaks_off_is_named(tmp_path: Path, before: str, line: int) -> None:
    error = refusal(tmp_path, (before + LINE[:-3]).encode())
    assert error.code == "geojson-syntax"
    assert f"in line {line}, column " in error.found


def test_a_broken_line_in_the_middle_is_the_one_that_is_named(tmp_path: Path) -> None:
    error = refusal(tmp_path, f"{LINE}\n{LINE[:-1]}\n{LINE}\n{LINE}\n".encode())
    assert f"in line 2, column {len(LINE)};" in f"{error};"


def test_a_collection_that_breaks_off_is_no_sequence(tmp_path: Path) -> None:
    """Each feature on a line of its own, as GDAL writes a collection."""
    lines = ['{"type": "FeatureCollection", "features": [', f"{LINE},", f"{LINE},", LINE[:-9]]
    assert "in line 4, column " in refusal(tmp_path, "\n".join(lines).encode()).found


def test_texts_of_many_lines_and_collections_in_a_sequence(tmp_path: Path) -> None:
    collection = files.geojson(files.feature(files.SQUARE, code="B")).decode()
    read = upload(tmp_path, f"\x1e{INDENTED}\n\x1e{collection}\n".encode(), choice=KNOWN)
    assert [one.code for one in features(read)] == ["A", "B"]


def test_a_value_that_is_no_number_costs_itself_alone(tmp_path: Path) -> None:
    content = (
        '{"type": "FeatureCollection", "features": [\n'
        + LINE.replace('"pop": 1', '"pop": NaN, "says": "NaN, \\" -Infinity"')
        + ",\n"
        + LINE.replace('"A"', '"B"')
        + ",\r\n"
        + LINE.replace('"A"', '"C"').replace('"pop": 1', '"pop": -Infinity')
        + ",\n"
        + LINE.replace('"A"', '"D"').replace('"pop": 1', '"pop": 1e999')
        + "]}"
    )
    read = upload(tmp_path, content.encode(), choice=KNOWN)
    assert [one.code for one in features(read)] == ["A", "B", "C", "D"]
    assert [one.usable for one in features(read)] == [True] * 4
    assert finding(read, 0, "value-not-finite").found == "NaN as the value of 'pop' in line 2"
    assert "value-not-finite" not in found(read, 1)
    assert finding(read, 2, "value-not-finite").found == "-Infinity as the value of 'pop' in line 4"
    assert "too large" in finding(read, 3, "value-not-finite").found
    (pop,) = (one for one in read.reading.fields if one.name == "pop")
    assert pop.sample == ("1",)


def test_a_code_that_is_no_number_is_no_code(tmp_path: Path) -> None:
    content = files.geojson(files.feature(files.SQUARE, code=float("nan")))
    read = upload(tmp_path, content, choice=Choice(crs="EPSG:3035", code_field="code"))
    assert found(read, 0) == {"code-missing", "value-not-finite"}


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("NaN", "NaN as a coordinate in line 2"),
        ("Infinity", "Infinity as a coordinate in line 2"),
        ("1e999", "a number too large to be kept as a coordinate"),
        ("9" * 5000, "a number too large to be kept as a coordinate"),
    ],
)
def test_a_coordinate_that_is_none_costs_its_feature(
    tmp_path: Path, number: str, said: str
) -> None:
    bad = LINE.replace("4001000.0", number, 1)
    assert bad != LINE
    read = upload(tmp_path, f"{LINE}\n{bad}\n".encode(), choice=KNOWN)
    assert [one.usable for one in features(read)] == [True, False]
    assert finding(read, 1, "geometry-broken").found == said


def test_members_that_an_object_has_twice(tmp_path: Path) -> None:
    twice = LINE.replace('"pop": 1', '"code": "Z"')
    read = upload(tmp_path, f"{LINE}\n{twice}\n".encode(), choice=KNOWN)
    assert [one.code for one in features(read)] == ["A", "Z"]
    assert "member-repeated" not in found(read, 0)
    assert finding(read, 1, "member-repeated").found == "more than one member 'code'"


@pytest.mark.parametrize("crs", [True, 4326, "EPSG:3035", [], {}, {"properties": {"name": None}}])
def test_a_member_crs_of_any_type_is_asked_about(tmp_path: Path, crs: object) -> None:
    read = upload(tmp_path, files.geojson(files.feature(files.SQUARE), crs=crs))
    assert reference(read).status == "foreign"
    assert upload(tmp_path, files.geojson(files.feature(files.SQUARE), crs=crs), choice=KNOWN)


def test_a_member_crs_of_characters_that_no_database_takes(tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "a\0\ud800b"}}
    read = upload(tmp_path, files.geojson(files.feature(files.SQUARE), crs=crs))
    assert reference(read).name == "a  b"


def test_two_reference_systems_in_one_sequence(tmp_path: Path) -> None:
    texts = [
        files.geojson(files.feature(files.SQUARE), crs={"properties": {"name": name}}).decode()
        for name in ("EPSG:3035", "EPSG:2154")
    ]
    assert refusal(tmp_path, "\n".join(texts).encode()).code == "geojson-structure"
