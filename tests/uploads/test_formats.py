"""What each format may hold: several texts, encodings, layers, codes and names of zones."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from analytics.uploads.confinement.process import Upload
from analytics.uploads.errors import LimitMet
from analytics.uploads.limits import Limits
from analytics.uploads.records import Choice, Question
from tests.uploads import files, shapefile_parts
from tests.uploads.upload_results import (
    features,
    finding,
    found,
    reference,
    refusal,
    refused,
    upload,
)

KNOWN = Choice(crs="EPSG:3035")
EAST = shapely.box(4_001_000, 2_500_000, 4_002_000, 2_501_000)


def labels(read: Upload) -> list[tuple[str, str]]:
    return [(one.code, one.name) for one in features(read)]


def named(*names: str, field: str = "name", code: bool = True) -> bytes:
    """Squares side by side, as GeoJSON."""
    return files.geojson(
        *(
            files.feature(
                shapely.transform(files.SQUARE, lambda p, n=n: p + np.array([2000.0 * n, 0])),
                **({"code": f"c{n}"} if code else {}),
                **{field: name},
            )
            for n, name in enumerate(names)
        )
    )


def test_geoparquet_has_its_own_reference_system(tmp_path: Path) -> None:
    read = upload(tmp_path, files.geoparquet())
    assert read.reading.format == "GeoParquet"
    assert (reference(read).status, reference(read).crs) == ("declared", "EPSG:3035")
    (zone,) = features(read)
    assert (zone.code, zone.area, zone.cells) == ("A1", 1e6, 10_000)
    assert shapely.equals(read.zones[0], files.SQUARE)


def test_geoparquet_without_a_reference_system_is_in_degrees_and_these_are_not(
    tmp_path: Path,
) -> None:
    read = upload(tmp_path, files.geoparquet(crs=None))
    assert read.reading.question == Question.REFERENCE_SYSTEM
    assert reference(read).status == "contradicted"
    assert upload(tmp_path, files.geoparquet(crs=None), choice=KNOWN).reading.report is not None


def test_geoparquet_keeps_no_more_fields_than_allowed(tmp_path: Path) -> None:
    read = upload(tmp_path, files.geoparquet(fields=30), limits=Limits(fields=5))
    assert [f.name for f in read.reading.fields] == ["code", "field0", "field1", "field2", "field3"]


@pytest.mark.parametrize("crs", [True, 2154, 3.5, "Lambert, the old one", "", [], {}, {"a": 1}])
def test_geoparquet_whose_reference_system_is_none_asks_for_it(tmp_path: Path, crs: object) -> None:
    """A number is none either: PROJ would take it for a code of EPSG."""
    content = files.geoparquet_of({"code": pa.array(["A1"])}, crs=crs)
    asked = upload(tmp_path, content)
    assert (asked.reading.question, reference(asked).status) == (
        Question.REFERENCE_SYSTEM,
        "unreadable",
    )
    assert labels(upload(tmp_path, content, choice=KNOWN)) == [("A1", "A1")]


@pytest.mark.parametrize(
    ("column", "values"),
    [
        (pa.array(["01", None, "02"]).dictionary_encode(), ["01", "", "02"]),
        (pa.array([2**60 + 1, None, 7]).dictionary_encode(), [str(2**60 + 1), "", "7"]),
        (pa.array([2**60 + 1, None, 7]), [str(2**60 + 1), "", "7"]),
        (pa.array([Decimal("1.50"), None, Decimal("2.00")]), ["1.50", "", "2.00"]),
        (pa.array(["01", None, "02"], pa.string_view()), ["01", "", "02"]),
        (pa.array(["01", None, "02"], pa.large_string()), ["01", "", "02"]),
        (pa.array([True, None, False]), ["True", "", "False"]),
        (pa.array([18_262, None, 0], pa.date32()), ["2020-01-01", "", "1970-01-01"]),
        (
            pa.array([1_577_836_800_000_000_001, None, 0], pa.timestamp("ns")),
            ["2020-01-01 00:00:00.000000001", "", "1970-01-01 00:00:00.000000000"],
        ),
        (pa.array([1.0, None, 2.5], pa.float32()), ["1", "", "2.5"]),
    ],
    ids=lambda one: str(getattr(one, "type", "")),
)
def test_columns_of_geoparquet_are_read_whatever_their_type(
    tmp_path: Path, column: pa.Array, values: list[str]
) -> None:
    content = files.geoparquet_of({"code": column})
    read = upload(tmp_path, content, choice=Choice(code_field="code"))
    assert [code for code, _ in labels(read)] == values


@pytest.mark.parametrize("cut", [12, 200, -9])
def test_geoparquet_that_is_cut_off(tmp_path: Path, cut: int) -> None:
    error = refusal(tmp_path, files.geoparquet()[:cut])
    assert error.code == "unreadable-layer"
    assert "cut off or damaged" in error.found


@pytest.mark.parametrize("between", [b"\n", b"\r\n", b"\n\n", b"\n\x1e"])
def test_geojson_a_feature_a_line(tmp_path: Path, between: bytes) -> None:
    drawn = [files.feature(g, code=c) for g, c in ((files.SQUARE, "A"), (EAST, "B"))]
    content = between.join(json.dumps(one).encode() for one in drawn) + b"\n"
    read = upload(tmp_path, content, choice=KNOWN)
    assert [(zone.code, zone.area) for zone in features(read)] == [("A", 1e6), ("B", 1e6)]


def test_a_broken_line_names_its_place(tmp_path: Path) -> None:
    line = json.dumps(files.feature(files.SQUARE)).encode()
    error = refusal(tmp_path, b"\n".join((line, line, line[:-5])))
    assert error.code == "geojson-syntax"
    assert "line" in error.found


def test_geojson_that_is_not_utf8(tmp_path: Path) -> None:
    content = json.dumps(files.feature(files.SQUARE, name="Żółw"), ensure_ascii=False)
    assert refused(tmp_path, content.encode("iso-8859-2")) == "geojson-encoding"
    for encoding in ("utf-8", "utf-8-sig"):
        read = upload(tmp_path, content.encode(encoding), choice=KNOWN)
        assert labels(read) == [("1", "Żółw")]


@pytest.mark.parametrize(
    ("encoding", "cpg", "said"),
    [
        ("UTF-8", b"UTF-8", "UTF-8"),
        ("UTF-8", None, "UTF-8"),
        ("ISO-8859-1", b"ISO-8859-1", "Windows-1252"),
        ("ISO-8859-1", None, "Windows-1252"),
        ("CP1252", b"1252", "Windows-1252"),
        # A wrong declaration: what is no UTF-8 cannot be.
        ("ISO-8859-1", b"UTF-8", "Windows-1252"),
    ],
)
def test_texts_of_a_shapefile(tmp_path: Path, encoding: str, cpg: bytes | None, said: str) -> None:
    packed = files.shapefile(tmp_path / "made", name="Père", encoding=encoding, cpg=cpg)
    read = upload(tmp_path, packed)
    assert labels(read) == [("A1", "Père")]
    assert read.reading.encoding == said


def test_the_encoding_of_polish_texts_is_declared(tmp_path: Path) -> None:
    packed = files.shapefile(tmp_path / "made", name="Żółw", encoding="CP1250", cpg=b"1250")
    assert labels(upload(tmp_path, packed)) == [("A1", "Żółw")]


def test_a_shapefile_without_its_index_or_its_table(tmp_path: Path) -> None:
    for number, without in enumerate(((".shx",), (".dbf", ".cpg"))):
        packed = files.shapefile(tmp_path / f"made{number}", without=without)
        assert [zone.area for zone in features(upload(tmp_path, packed))] == [1e6]


def test_a_field_is_guessed_by_its_name_and_its_values(tmp_path: Path) -> None:
    read = upload(tmp_path, named("Alpha", "Beta"), choice=KNOWN)
    assert (read.reading.code_field, read.reading.name_field) == ("code", "name")
    assert labels(read) == [("c0", "Alpha"), ("c1", "Beta")]
    # Values that repeat are no codes; words are names, whatever the field is called.
    twice = files.geojson(
        *(files.feature(g, code="x", quartier=f"Rue {n}") for n, g in enumerate((EAST, EAST)))
    )
    guessed = upload(tmp_path, twice, choice=KNOWN).reading
    assert (guessed.code_field, guessed.name_field) == (None, "quartier")


def test_a_field_that_is_chosen(tmp_path: Path) -> None:
    content = named("Alpha", "Beta", field="where")
    chosen = Choice(crs="EPSG:3035", code_field="where", name_field="code")
    assert labels(upload(tmp_path, content, choice=chosen)) == [("Alpha", "c0"), ("Beta", "c1")]
    none = Choice(crs="EPSG:3035", code_field="", name_field="")
    assert labels(upload(tmp_path, content, choice=none)) == [("1", "1"), ("2", "2")]
    error = refusal(tmp_path, content, choice=Choice(crs="EPSG:3035", name_field="nom"))
    assert (error.code, error.found) == ("unknown-field", "the fields code, where")


def test_fields_are_shown_with_what_is_in_them(tmp_path: Path) -> None:
    content = named("a" * 100, "b\x07c", "b\x07c", "d", "e")
    (_, name) = upload(tmp_path, content, choice=KNOWN).reading.fields
    assert (name.name, name.sample) == ("name", ("a" * 60, "bc", "d"))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("a/b", "a code with a slash"),
        ("..", "a code of dots alone"),
        ("x" * 41, "a code of 41 characters"),
        ("a\u202eb", "a code with control characters"),
        ("a\tb", "a code with control characters"),
    ],
)
def test_codes_that_cannot_stand_in_an_address(tmp_path: Path, code: str, said: str) -> None:
    chosen = Choice(crs="EPSG:3035", code_field="code")
    content = files.geojson(files.feature(files.SQUARE, code=code))
    read = upload(tmp_path, content, choice=chosen)
    assert finding(read, 0, "code-unusable").found == said
    assert read.zones[0] is None
    # It is not guessed as a code, and features are numbered.
    assert labels(upload(tmp_path, content, choice=KNOWN))[0][0] == "1"


def test_a_code_that_is_missing_or_there_twice(tmp_path: Path) -> None:
    chosen = Choice(crs="EPSG:3035", code_field="code")
    content = files.geojson(
        *(files.feature(files.SQUARE, code=code) for code in ("a", " a ", "", None))
    )
    read = upload(tmp_path, content, choice=chosen)
    assert "code-duplicate" not in found(read, 0)
    assert finding(read, 1, "code-duplicate").measures == {"index": 0}
    assert "code-missing" in found(read, 2)
    assert "code-missing" in found(read, 3)


def test_names_on_one_line_and_not_for_ever(tmp_path: Path) -> None:
    read = upload(tmp_path, named("a\nb\u200bc", "d" * 300, "  ", "<b>"), choice=KNOWN)
    assert [one.name for one in features(read)] == ["a bc", "d" * 200, "c2", "<b>"]
    assert "name-control-characters" in found(read, 0)
    assert "name-cut" in found(read, 1)
    assert found(read, 3) == set()


def test_numbers_as_codes(tmp_path: Path) -> None:
    content = files.geojson(
        files.feature(files.SQUARE, id=7.0), files.feature(EAST, id=True), files.feature(EAST, id=9)
    )
    chosen = Choice(crs="EPSG:3035", code_field="id")
    assert [code for code, _ in labels(upload(tmp_path, content, choice=chosen))] == [
        "7", "True", "9",
    ]  # fmt: skip


def test_well_known_text(tmp_path: Path) -> None:
    text = f"""SRID=3035;{files.SQUARE.wkt};
        MULTIPOLYGON (((4001000 2500000, 4002000 2500000, 4002000 2501000,
          4001000 2500000)))
        POINT (1 2)
        POLYGON ((1 2, 3"""
    read = upload(tmp_path, text.encode())
    assert (read.reading.format, reference(read).crs) == ("WKT", "EPSG:3035")
    assert [round(one.area) for one in features(read)] == [1_000_000, 500_000, 0, 0]
    assert found(read, 2) == {"not-an-area"}
    assert "no geometry" in finding(read, 3, "geometry-broken").found


def test_well_known_text_of_no_reference_system_or_of_two(tmp_path: Path) -> None:
    plain = upload(tmp_path, files.SQUARE.wkt.encode())
    assert (plain.reading.question, reference(plain).status) == (
        Question.REFERENCE_SYSTEM,
        "missing",
    )
    both = f"SRID=3035;{files.SQUARE.wkt}\nSRID=2154;{EAST.wkt}".encode()
    assert refused(tmp_path, both) == "wkt-srid"


def test_deep_well_known_text_and_json(tmp_path: Path) -> None:
    deep = b"SRID=3035;GEOMETRYCOLLECTION " + b"(GEOMETRYCOLLECTION " * 50_000
    read = upload(tmp_path, deep)
    assert finding(read, 0, "geometry-broken").found == "brackets nested far too deep"
    collection: dict[str, object] = {"type": "GeometryCollection", "geometries": []}
    for _ in range(12):
        collection = {"type": "GeometryCollection", "geometries": [collection]}
    content = json.dumps({"type": "Feature", "properties": {}, "geometry": collection}).encode()
    assert "geometry-broken" in found(upload(tmp_path, content), 0)


def test_a_layer_that_is_not_there(tmp_path: Path) -> None:
    path = files.with_gdal(tmp_path / "zones.gpkg", layer="one")
    content = files.with_gdal(path, layer="two").read_bytes()
    error = refusal(tmp_path, content, choice=Choice(layer="three"))
    assert (error.code, error.found) == ("unknown-layer", "the layers one, two")
    many = refusal(tmp_path, content, limits=Limits(layers=1))
    assert (many.code, type(many)) == ("too-many-layers", LimitMet)


def columns(number: int, *, usual: dict[int, str]) -> dict[str, str]:
    return {usual.get(n, f"c{n:03}"): f"v{n}" for n in range(number)}


def wide(kind: str, folder: Path) -> bytes:
    """A zone of 350 fields, the 320th called as codes usually are, the 340th as names are."""
    values = columns(350, usual={319: "INSEE_COM", 339: "nom"})
    if kind == "geojson":
        return files.geojson(files.feature(shapely.box(10, 50, 10.1, 50.1), **values))
    if kind == "parquet":
        about = {"encoding": "WKB", "geometry_types": ["Polygon"]}
        geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": about}}
        wkb = [shapely.to_wkb(shapely.box(10, 50, 10.1, 50.1))]
        table = pa.table({**{n: [v] for n, v in values.items()}, "geometry": wkb})
        pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), folder / "wide")
        return (folder / "wide").read_bytes()
    if kind == "shapefile":
        table = shapefile_parts.dbf(
            [[v.encode() for v in values.values()]],
            names=[n.encode() for n in values],
            widths=[5] * len(values),
            kinds=b"C" * len(values),
        )
        return shapefile_parts.packed(table=table, boxes=shapefile_parts.BOXES[:1])
    path = folder / f"wide.{kind}"
    pyogrio.raw.write(
        path, np.array([shapely.to_wkb(shapely.box(10, 50, 10.1, 50.1))], dtype=object),
        [np.array([value], dtype=object) for value in values.values()], list(values),
        geometry_type="Polygon", crs="EPSG:4326", layer="zones",
    )  # fmt: skip
    return path.read_bytes()


@pytest.mark.parametrize("kind", ["geojson", "gpkg", "fgb", "parquet", "shapefile"])
def test_usual_names_are_found_wherever_they_stand_and_others_are_named(
    tmp_path: Path, kind: str
) -> None:
    reading = upload(tmp_path, wide(kind, tmp_path)).reading
    assert (reading.code_field, reading.name_field) == ("INSEE_COM", "nom")
    assert len(reading.fields) == 300
    left_out = [f"c{n:03}" for n in range(298, 350) if n not in {319, 339}]
    assert sorted(reading.fields_left_out) == left_out
    assert reading.report is not None
    (told,) = (f for f in reading.report.findings if f.code == "fields-left-out")
    assert told.measures == {"fields": 50, "read": 300}
    assert all(name in told.found for name in left_out)
