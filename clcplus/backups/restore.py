"""Restore a backup into an empty place: checked before, compared after."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.cache import cache
from django.db.migrations.loader import MigrationLoader
from redis import RedisError

from analytics.rasters import Store, open_store
from clcplus.backups import files, manifest, postgresql_tools, references, table_sums
from clcplus.backups.errors import FiguresDiffer, PlaceInUse, UnusableBackup, WrongVersion
from clcplus.backups.manifest import DUMP, SECRETS, Manifest
from clcplus.backups.places import folders

logger = logging.getLogger(__name__)

Tell = Callable[[str], None]


def restore(source: Path, *, tell: Tell) -> Manifest:
    """Restore a whole backup into an empty database, store and folders.

    All files are checked before anything is written. The database is restored in one transaction;
    what was copied before is removed if it fails. Raises BackupError.
    """
    made = manifest.read(source)
    _check_code(made)
    with postgresql_tools.connected() as connection:
        tool = _fitting_tool(made, connection)
        _need_empty_database(connection)
    _need_empty_places(made)
    for number, stored in enumerate(made.files, start=1):
        tell(f"checking file {number} of {len(made.files)}")
        files.verify(source, stored)
    copied: list[Callable[[], Any]] = []
    try:
        with files.explained(source, expected="room for what is restored"):
            _copy(source, made, copied, tell=tell)
        tell("database")
        tool.run(
            *("--single-transaction", "--exit-on-error", "--no-owner", "--no-comments"),
            str(source / DUMP),
        )
    except BaseException:
        for undo in reversed(copied):
            undo()
        raise
    tell("comparing the tables")
    with postgresql_tools.connected() as connection:
        _compare(made, connection)
        connection.execute("ANALYZE")
    _forget_answers()
    return made


def _check_code(made: Manifest) -> None:
    # Without a connection: what the code has, not what a database has applied.
    loader = MigrationLoader(None, ignore_no_migrations=True)
    known = {f"{app}.{name}" for app, name in loader.disk_migrations}
    newer = sorted(set(made.migrations) - known)
    if newer:
        raise WrongVersion(
            "backup",
            found=f"migrations that this version does not know ({', '.join(newer[:3])})",
            expected="a backup of this version or an earlier one",
            hint=f"Install the release that made it ({made.release}), or a later one",
        )


def _fitting_tool(made: Manifest, connection: psycopg.Connection) -> postgresql_tools.Tool:
    server = postgresql_tools.server_major(connection)
    if server < made.server_major:
        raise WrongVersion(
            "database",
            found=f"PostgreSQL {server}",
            expected=f"version {made.server_major} or newer, as the backup's",
        )
    return postgresql_tools.find("pg_restore", at_least=max(made.tool_major, server))


def _need_empty_database(connection: psycopg.Connection) -> None:
    found = table_sums.tables(connection)
    if found:
        raise PlaceInUse(
            f"database {connection.info.dbname}",
            found=f"{len(found)} tables ({', '.join(found[:3])} …)",
            expected="an empty database, with the roles and extensions of ops/database.sql",
            hint="Make a new one: a restore replaces nothing",
        )


def _need_empty_places(made: Manifest) -> None:
    if "store" not in made.left_out:
        store = open_store(settings.RASTER_STORE)
        store.check()
        first = next(iter(store.keys()), None)
        if first is not None:
            raise PlaceInUse(
                f"store {settings.RASTER_STORE}", found=f"files ({first} …)", expected="none"
            )
    for name, folder in folders().items():
        if name not in made.left_out:
            files.need_empty(folder, name=name)


def _copy(source: Path, made: Manifest, copied: list[Callable[[], Any]], *, tell: Tell) -> None:
    store: Store | None = None
    places = folders()
    for number, stored in enumerate(made.files, start=1):
        part, _, rest = stored.path.partition("/")
        if part in (DUMP, SECRETS):
            continue
        tell(f"copying file {number} of {len(made.files)}")
        if part == "store":
            store = store or open_store(settings.RASTER_STORE)
            copied.append(partial(store.delete, rest))
            store.add(source / stored.path, rest)
            continue
        target = places[part] / rest
        copied.append(partial(files.taken_back, target, root=places[part]))
        files.placed(source / stored.path, target)


def _compare(made: Manifest, connection: psycopg.Connection) -> None:
    found = table_sums.sums(connection)
    # The rows of this table are not in a backup; the others have to be the same.
    differ = table_sums.differences(found, made.tables)
    if differ:
        raise FiguresDiffer(
            "restored database",
            found=f"other rows than at the backup: {', '.join(differ)}",
            expected="the same",
            hint="Do not use it; restore another backup into an empty database",
        )
    store = set(open_store(settings.RASTER_STORE).keys())
    missing = references.needed_keys(connection) - store
    if missing:
        raise UnusableBackup(
            f"store {settings.RASTER_STORE}",
            found=f"{len(missing)} files missing ({', '.join(sorted(missing)[:3])})",
            expected="all files to which the database refers",
            hint="The backup was made without the store: restore that first",
        )


def _forget_answers() -> None:
    """Drop what Redis keeps: it may be of other data under the same version. The database knows
    what is to be done."""
    try:
        cache.clear()
    except RedisError as error:
        logger.warning("Redis cannot be reached (%s): empty it before the platform starts", error)
