"""A GeoPackage whose schema reads something else: files of the server, other tables, functions."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from analytics.uploads.errors import UploadError
from analytics.uploads.fields import LONGEST_FIELD_NAME
from analytics.uploads.formats import sqlite_tables
from tests.uploads import files
from tests.uploads.upload_results import features, refusal, upload

PASSWD = "VirtualText('/etc/passwd', 'UTF-8', 0, POINT, DOUBLEQUOTE, ':')"


@contextmanager
def database(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA writable_schema = 1")
        yield connection


def planted(path: Path, *statements: str, schema: tuple[tuple[object, ...], ...] = ()) -> bytes:
    """A sound GeoPackage after statements, and with rows put into its schema by hand."""
    files.with_gdal(path)
    with database(path) as connection:
        # Triggers of the standard call functions that only writers of GeoPackages have.
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        for statement in statements:
            connection.execute(statement)
        connection.executemany("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", schema)
    return path.read_bytes()


def table(sql: str, *, name: str = "t", root: int = 0) -> tuple[object, ...]:
    return ("table", name, name, root, sql)


REGISTERED = (
    "UPDATE gpkg_contents SET table_name = 'v'",
    "UPDATE gpkg_geometry_columns SET table_name = 'v'",
)
VIEW = ("view", "v", "v", 0, "CREATE VIEW v AS SELECT fid, geom, COL001 AS code FROM zones, t")


@pytest.mark.parametrize("between", [" ", "/**/", "/* a\n */", " --a\n", "\n", "\t", "  "])
@pytest.mark.parametrize("root", [0, 2])
def test_a_virtual_table_with_a_view_over_it(tmp_path: Path, between: str, root: int) -> None:
    sql = f"CREATE{between}VIRTUAL TABLE t USING {PASSWD}"
    content = planted(tmp_path / "a.gpkg", *REGISTERED, schema=(table(sql, root=root), VIEW))
    error = refusal(tmp_path, content)
    assert error.code == "geopackage-virtual-table"
    assert "'t'" in error.found


@pytest.mark.parametrize(
    "module",
    [
        PASSWD, "VirtualOGR('/etc/passwd')", "VirtualShape('/a', 'UTF-8', 1)", "VirtualXL('/a')",
        "fts5(a)", "fts4(a)", "rtree(id, minx, maxx, miny, maxy)", "geopoly(a)", "dbstat", "csv(a)",
    ],
)  # fmt: skip
def test_virtual_tables_of_all_modules_save_the_index(tmp_path: Path, module: str) -> None:
    content = planted(
        tmp_path / "a.gpkg", schema=(table(f"CREATE VIRTUAL TABLE t USING {module}"),)
    )
    assert refusal(tmp_path, content).code == "geopackage-virtual-table"


@pytest.mark.parametrize(
    "sql",
    [
        f'CREATE VIRTUAL TABLE "rtree_zones_geom" USING {PASSWD}',
        'CREATE VIRTUAL TABLE "rtree_zones_geom" USING rtree(id, minx, maxx, miny, maxy, +a)',
        'CREATE VIRTUAL TABLE "rtree_zones_geom" USING rtree_i32(id, minx, maxx, miny, maxy)',
        f'CREATE VIRTUAL TABLE "rtree_zones_geom" USING {PASSWD} '
        '-- "rtree_zones_geom" USING rtree(id, minx, maxx, miny, maxy)',
    ],
)
def test_another_table_in_the_place_of_the_index(tmp_path: Path, sql: str) -> None:
    path = tmp_path / "a.gpkg"
    planted(path)
    with database(path) as connection:
        connection.execute(
            "UPDATE sqlite_master SET sql = ? WHERE name = 'rtree_zones_geom'", (sql,)
        )
    assert refusal(tmp_path, path.read_bytes()).code == "geopackage-virtual-table"


def test_an_index_of_a_table_that_is_not_there(tmp_path: Path) -> None:
    sql = 'CREATE VIRTUAL TABLE "rtree_other_geom" USING rtree(id, minx, maxx, miny, maxy)'
    content = planted(tmp_path / "a.gpkg", schema=(table(sql, name="rtree_other_geom"),))
    assert refusal(tmp_path, content).code == "geopackage-virtual-table"


def test_a_table_without_a_root_page(tmp_path: Path) -> None:
    content = planted(tmp_path / "a.gpkg", schema=(table("CREATE TABLE t (a TEXT)"),))
    assert refusal(tmp_path, content).code in {"geopackage-virtual-table", "unreadable-layer"}


@pytest.mark.parametrize(
    "view",
    [
        "CREATE VIEW v AS SELECT fid, geom, code FROM zones",
        "CREATE VIEW v AS SELECT fid, geom, load_extension('/tmp/a.so') AS code FROM zones",
        "CREATE VIEW v AS SELECT fid, geom, sql AS code FROM zones, sqlite_master",
    ],
)
def test_a_view_as_a_layer(tmp_path: Path, view: str) -> None:
    content = planted(tmp_path / "a.gpkg", view, *REGISTERED)
    error = refusal(tmp_path, content)
    assert error.code == "geopackage-view"
    assert "'v'" in error.found


def test_a_view_in_place_of_the_list_of_layers(tmp_path: Path) -> None:
    content = planted(
        tmp_path / "a.gpkg",
        "ALTER TABLE gpkg_contents RENAME TO kept",
        "CREATE VIEW gpkg_contents AS SELECT * FROM kept",
    )
    assert refusal(tmp_path, content).code == "geopackage-view"


def test_a_trigger(tmp_path: Path) -> None:
    content = planted(
        tmp_path / "a.gpkg",
        "CREATE TRIGGER rtree_others_geom_insert AFTER INSERT ON zones "
        "BEGIN SELECT load_extension('a'); END",
    )
    error = refusal(tmp_path, content)
    assert error.code == "geopackage-trigger"
    assert "rtree_others_geom_insert" in error.found


def test_files_of_usual_programs_are_accepted(tmp_path: Path) -> None:
    """The index and the triggers of GDAL; the views of GeoPackage 1.0 on geometry columns."""
    path = files.with_gdal(tmp_path / "a.gpkg")
    with database(path) as connection:
        kinds = {kind for (kind,) in connection.execute("SELECT type FROM sqlite_master")}
        connection.execute("CREATE VIEW spatial_ref_sys AS SELECT srs_id FROM gpkg_spatial_ref_sys")
    assert "trigger" in kinds
    (zone,) = features(upload(tmp_path, path.read_bytes()))
    assert (zone.code, zone.name) == ("A1", "Żółw")


@pytest.mark.parametrize("name", ["sqlite_master", "sqlite_schema", "gpkg_contents", "nothing"])
def test_another_table_as_a_layer(tmp_path: Path, name: str) -> None:
    content = planted(
        tmp_path / "a.gpkg",
        f"UPDATE gpkg_contents SET table_name = '{name}'",
        f"UPDATE gpkg_geometry_columns SET table_name = '{name}', column_name = 'sql'",
    )
    assert refusal(tmp_path, content).code == "unreadable-layer"


def test_a_column_that_calls_a_function_when_it_is_read(tmp_path: Path) -> None:
    content = planted(
        tmp_path / "a.gpkg",
        "ALTER TABLE zones ADD COLUMN gone TEXT GENERATED ALWAYS AS (hex(zeroblob(99999999)))",
        "ALTER TABLE zones ADD COLUMN here TEXT",
    )
    reading = upload(tmp_path, content).reading
    assert [field.name for field in reading.fields] == ["code", "name", "here"]


def test_names_that_would_end_a_quotation(tmp_path: Path) -> None:
    name = 'a" FROM sqlite_master; ATTACH DATABASE "/etc/passwd'
    column = name.replace('"', '""')
    content = planted(
        tmp_path / "a.gpkg",
        "DROP TABLE rtree_zones_geom",
        f'ALTER TABLE zones RENAME TO "{column}"',
        f'ALTER TABLE "{column}" RENAME COLUMN code TO "{column}"',
        f"UPDATE gpkg_contents SET table_name = '{name}'",
        f"UPDATE gpkg_geometry_columns SET table_name = '{name}'",
    )
    reading = upload(tmp_path, content).reading
    assert reading.fields[0].name == name[:LONGEST_FIELD_NAME]
    assert reading.fields[0].sample == ("A1",)


def test_names_and_values_of_a_million_characters(tmp_path: Path) -> None:
    one, two = ("x" * 400_000 + end for end in "ab")
    content = planted(
        tmp_path / "a.gpkg",
        f"ALTER TABLE zones ADD COLUMN \"{one}\" TEXT DEFAULT 'first'",
        f'ALTER TABLE zones ADD COLUMN "{two}" TEXT',
        f'UPDATE zones SET "{two}" = hex(zeroblob(4000000))',
    )
    reading = upload(tmp_path, content).reading
    names = [field.name for field in reading.fields]
    assert names == ["code", "name", "x" * LONGEST_FIELD_NAME, "x" * 56 + " (2)"]
    assert reading.fields[2].sample == ("first",)
    assert len(str(reading)) < 10_000


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM sqlite_master",
        "SELECT * FROM gpkg_contents",
        "SELECT * FROM temp.sqlite_master",
        "SELECT * FROM pragma_database_list",
        "SELECT hex(code) FROM zones",
        "SELECT count(*), load_extension('a') FROM zones",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT * FROM n",
        "SELECT value FROM json_each('[1]')",
        "ATTACH DATABASE '/etc/passwd' AS other",
        "PRAGMA trusted_schema = ON",
        "PRAGMA writable_schema = ON",
        "PRAGMA table_xinfo(gpkg_contents)",
        "CREATE TEMP TABLE a (b)",
        "UPDATE zones SET code = ''",
        "DROP TABLE zones",
        "VACUUM INTO 'copy'",
        "BEGIN",
        "EXPLAIN SELECT * FROM sqlite_master",
    ],
)
def test_statements_on_a_table_that_was_opened(tmp_path: Path, statement: str) -> None:
    """What would be done with the connection, had somebody a hand in its statements."""
    path = files.with_gdal(tmp_path / "a.gpkg")
    with sqlite_tables.opened(path) as tables:
        assert list(tables.rows("zones", ["code"])) == [("A1",)]
        with pytest.raises(
            sqlite3.DatabaseError, match=re.compile("auth|prohibited|constructor failed")
        ):
            tables._database.execute(statement).fetchall()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.gpkg"]


@pytest.mark.parametrize("suffix", [".shp", ".SHP"])
def test_a_database_that_is_packed_as_a_shapefile(tmp_path: Path, suffix: str) -> None:
    database = planted(
        tmp_path / "a.gpkg", schema=(table(f"CREATE VIRTUAL TABLE t USING {PASSWD}"),)
    )
    error = refusal(tmp_path, files.zipped({f"a{suffix}": database, "a.dbf": database}))
    assert error.code == "unreadable-layer"
    assert error.found == "a .shp of another format within"


@pytest.mark.parametrize(
    "content",
    [
        b"fgb\x03fgb\x00", b"<OGRVRTDataSource></OGRVRTDataSource>", b"{}", b"PK\x03\x04",
        b"<kml></kml>", b"PAR1", b"/vsicurl/http://127.0.0.1/a.shp", b"\x00\x00\x27", b"%PDF",
    ],
)  # fmt: skip
def test_other_formats_that_are_packed_as_a_shapefile(tmp_path: Path, content: bytes) -> None:
    error = refusal(tmp_path, files.zipped({"a.shp": content}))
    assert (error.code, error.found) == ("unreadable-layer", "a .shp of another format within")


def test_a_database_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with database(path) as connection:
        connection.execute("CREATE TABLE spatial_ref_sys (srid INTEGER)")
    error = refusal(tmp_path, path.read_bytes())
    assert isinstance(error, UploadError)
    assert error.code == "not-a-geopackage"
    assert error.found == "a sound SQLite database without the table gpkg_contents"
