"""Make a backup: the database, the store, and the folders beside them, of one moment.

The dump and the checksums of the tables are of one snapshot of PostgreSQL. Files of the store never
change, so those that the snapshot refers to are copied after it; the schedule removes none of them
meanwhile (``locks.Kind.BACKUP``). The manifest comes last.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.conf import settings

from analytics.rasters import Store, open_store
from clcplus.backups import files, manifest, postgresql_tools, references, table_sums
from clcplus.backups.errors import BackupError, PlaceInUse, UnusableBackup
from clcplus.backups.manifest import DUMP, PARTS, SECRETS, Manifest, StoredFile
from clcplus.backups.places import folders, secret_files
from clcplus.database import locks
from clcplus.snapshots.release import release

Tell = Callable[[str], None]


def make(
    target: Path, *, leave_out: Collection[str] = (), secrets: bool = False, tell: Tell
) -> Manifest:
    """Make a backup in a folder that is empty or not there yet. Raises BackupError; nothing is
    left then."""
    _need_apart(target)
    files.need_empty(target, name="target")
    existed = target.exists()
    with files.explained(target, expected="a folder that can be written"):
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        target.chmod(0o700)
    try:
        with files.explained(target, expected="room for the backup"):
            return _make(target, leave_out=set(leave_out), secrets=secrets, tell=tell)
    except BaseException:
        _remove(target, itself=not existed)
        raise


def _make(target: Path, *, leave_out: set[str], secrets: bool, tell: Tell) -> Manifest:
    stored: list[StoredFile] = []
    with postgresql_tools.connected() as connection, _nothing_removed(connection):
        major = postgresql_tools.server_major(connection)
        tool = postgresql_tools.find("pg_dump", at_least=major)
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        snapshot = _value(connection, "SELECT pg_export_snapshot()")
        tell("database")
        tool.run(
            *("--format=custom", "--compress=3", "--no-comments", f"--snapshot={snapshot}"),
            # Of the extension: every server has them already, and only its owner may write them.
            "--exclude-table-data=public.spatial_ref_sys",
            *(f"--exclude-table-data=public.{name}" for name in table_sums.NOT_KEPT),
            f"--file={target / DUMP}",
        )
        (target / DUMP).chmod(0o600)
        stored.append(files.recorded(target, DUMP))
        tell("checksums of the tables")
        tables = table_sums.sums(connection)
        needed = references.needed_keys(connection)
        migrations = references.migrations(connection)
        server = _value(connection, "SHOW server_version")
        postgis = _value(connection, "SELECT extversion FROM pg_extension WHERE extname='postgis'")
        stored += _outside(target, leave_out=leave_out, tell=tell)
    if "store" not in leave_out:
        kept = {one.path.removeprefix("store/") for one in stored if one.path[:6] == "store/"}
        _need_all(needed - kept)
    if secrets:
        for name, file in secret_files().items():
            copy = files.copied(file, target, f"{SECRETS}/{name}")
            if copy is None:
                raise BackupError(str(file), found="no such file", expected=f"the file of {name}")
            stored.append(copy)
    made = Manifest(
        made_at=datetime.now(UTC),
        release=release(),
        server=server,
        server_major=major,
        tool_major=tool.major,
        postgis=postgis,
        migrations=migrations,
        left_out=sorted(leave_out),
        files=stored,
        tables=tables,
    )
    files.sync_folders(target)
    manifest.write(target, made)
    return made


def _outside(target: Path, *, leave_out: set[str], tell: Tell) -> Iterator[StoredFile]:
    """Copy what lies outside the database."""
    if "store" not in leave_out:
        store = open_store(settings.RASTER_STORE)
        for number, key in enumerate(sorted(store.keys()), start=1):
            tell(f"store: file {number}")
            yield files.written(target, f"store/{key}", partial(_fetched, store, key))
    for name, folder in folders().items():
        if name in leave_out:
            continue
        for number, path in enumerate(files.below(folder), start=1):
            tell(f"{name}: file {number}")
            if (copy := files.copied(folder / path, target, f"{name}/{path}")) is not None:
                yield copy


def _need_apart(target: Path) -> None:
    """Raise PlaceInUse for a folder that the backup itself would copy."""
    address = urlsplit(str(settings.RASTER_STORE))
    store = {} if address.scheme == "s3" else {"store": Path(address.path)}
    for name, folder in {**store, **folders()}.items():
        if target.resolve().is_relative_to(folder.resolve()):
            raise PlaceInUse(
                str(target), found=f"a folder inside of the {name}", expected="one apart"
            )


def _fetched(store: Store, key: str, file: files.Checked) -> None:
    store.fetch(key, file.write)


@contextmanager
def _nothing_removed(connection: psycopg.Connection) -> Iterator[None]:
    """Hold the lock that keeps the schedule from removing files; it ends with the connection."""
    held = connection.execute(
        "SELECT pg_try_advisory_lock(%s, 0)", [int(locks.Kind.BACKUP)]
    ).fetchone()
    connection.commit()
    if held != (True,):
        raise BackupError("backup", found="another one under way", expected="one at a time")
    yield


def _need_all(missing: set[str]) -> None:
    if missing:
        shown = ", ".join(sorted(missing)[:3])
        raise UnusableBackup(
            "store",
            found=f"{len(missing)} files missing to which the database refers ({shown})",
            expected="all of them",
            hint="Find them before you rely on a backup: figures and maps of editions need them",
        )


def _value(connection: psycopg.Connection, statement: Any) -> str:
    row = connection.execute(statement).fetchone()
    return str(row[0]) if row else ""


def _remove(target: Path, *, itself: bool) -> None:
    """Leave nothing of a backup that has failed."""
    if itself:
        shutil.rmtree(target, ignore_errors=True)
        return
    for name in (*PARTS, SECRETS):
        shutil.rmtree(target / name, ignore_errors=True)
    for file in (target / DUMP, target / f".{manifest.NAME}.part", target / manifest.NAME):
        file.unlink(missing_ok=True)
