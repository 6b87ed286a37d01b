"""GeoPackages that were copied while a program had them open: what they lack lies beside them."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.uploads import files
from tests.uploads.upload_results import features, refusal, upload


def copied_while_open(tmp_path: Path, *changes: str) -> bytes:
    """A GeoPackage of a square whose later changes are in a write-ahead log that stays behind."""
    path = files.with_gdal(tmp_path / "open.gpkg")
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for (trigger,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            database.execute(f'DROP TRIGGER "{trigger}"')
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA wal_autocheckpoint = 0")
        for change in changes:
            database.execute(change)
        return Path(shutil.copyfile(path, tmp_path / "copy.gpkg")).read_bytes()


def test_features_that_may_lie_beside_the_file_are_warned_of(tmp_path: Path) -> None:
    content = copied_while_open(
        tmp_path, "INSERT INTO zones (geom, code) SELECT geom, 'B' FROM zones"
    )
    read = upload(tmp_path, content)
    assert [one.code for one in features(read)] == ["A1"]
    assert read.reading.report is not None
    (said,) = read.reading.report.findings
    assert (said.code, said.severity) == ("wal-mode", "warning")
    assert "copy the file again" in said.action


def test_a_geopackage_that_is_complete_is_not(tmp_path: Path) -> None:
    read = upload(tmp_path, files.with_gdal(tmp_path / "closed.gpkg").read_bytes())
    assert read.reading.report is not None
    assert read.reading.report.findings == ()


@pytest.mark.parametrize(
    "before",
    [("DELETE FROM zones",), ("DELETE FROM gpkg_contents",), ("DROP TABLE gpkg_contents",)],
)
def test_what_is_missing_altogether_is_refused_with_the_reason(
    tmp_path: Path, before: tuple[str, ...]
) -> None:
    path = tmp_path / "empty.gpkg"
    path.write_bytes(copied_while_open(tmp_path))
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA foreign_keys = OFF")
        for change in before:
            database.execute(change)
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    error = refusal(tmp_path, path.read_bytes())
    assert error.code == "wal-mode"
    assert "copy the file again" in error.hint
