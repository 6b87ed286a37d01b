"""Tables of an SQLite database that is not trusted, nor what its schema says.

A schema can make a query read something else: a virtual table another file, a view or a generated
column a function. So only tables that SQLite itself keeps are read, by SELECT alone, and what else
a schema holds has to be what programs write into a GeoPackage; the rest is refused by its name.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analytics.uploads.errors import UploadError
from analytics.uploads.formats.raw_layer import text

_LONGEST_ROW = 200_000_000
"""Bytes; a geometry of a million vertices with heights has 24."""
_LIMITS = {
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_COLUMN: 2_000,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 20,
    sqlite3.SQLITE_LIMIT_LENGTH: _LONGEST_ROW,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 1_000_000,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 0,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
_SETTINGS = (
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA query_only = ON",
    "PRAGMA mmap_size = 0",
)
_DEFENSIVE = 1010
"""SQLITE_DBCONFIG_DEFENSIVE: SQL changes neither the schema by hand nor the tables of modules."""
_COUNT = "count"
"""The one function that is called."""

_PLAIN_TABLE = re.compile(r"CREATE\s+TABLE\s", re.IGNORECASE)
_INDEX = re.compile(r"CREATE\s+(?:UNIQUE\s+)?INDEX\s", re.IGNORECASE)
_VIEW = re.compile(r"CREATE\s+VIEW\s", re.IGNORECASE)
_TRIGGER = re.compile(r"CREATE\s+TRIGGER\s", re.IGNORECASE)
_STANDARD_VIEWS = frozenset(
    {"st_spatial_ref_sys", "spatial_ref_sys", "st_geometry_columns", "geometry_columns"}
)
"""Of GeoPackage 1.0, in its annex on SQL/MM; they are never read."""
_RTREE = re.compile(
    r'CREATE VIRTUAL TABLE (?P<q>["`]?)(?P<name>rtree_.+)(?P=q) '
    r"USING rtree\s?\(id, minx, maxx, miny, maxy\)",
    re.IGNORECASE | re.DOTALL,
)
_RTREE_TRIGGER = re.compile(r"rtree_.+_(?:insert|update[1-7]?|delete)", re.IGNORECASE | re.DOTALL)
_STANDARD_TRIGGER = re.compile(
    r"gpkg_(?:tile_matrix|metadata|metadata_reference)_.+"
    r"|trigger_(?:insert|delete)_feature_count_.+"
    r"|.+_(?:zoom|tile_column|tile_row)_(?:insert|update)",
    re.IGNORECASE | re.DOTALL,
)
"""Of tiles, metadata and counts of features, as the standard and GDAL write them."""

_REFUSED = {
    "view": ("view", "a view"),
    "trigger": ("trigger", "a trigger"),
    "table": ("virtual-table", "a virtual table, or one without rows of its own"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table, as it was declared."""

    name: str
    declared: str
    is_key: bool
    is_computed: bool
    """Computed when it is read, by an expression of the file's."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The plain tables of a database, by their names in lower case."""

    names: dict[str, str]
    _database: sqlite3.Connection
    _readable: set[str] = field(default_factory=set)

    def has(self, name: str) -> bool:
        """Whether there is a plain table of that name."""
        return name.lower() in self.names

    def columns(self, name: str) -> list[Column]:
        """The columns of a table, in its order. Raises sqlite3.Error."""
        table = self._opened(name)
        rows = self._database.execute(f"PRAGMA main.table_xinfo({_quoted(table)})")
        return [
            Column(str(column), str(declared), bool(key), hidden == _VIRTUAL)
            for _, column, declared, _, _, key, hidden in rows
        ]

    def rows(
        self, name: str, columns: Iterable[str], *, most: int | None = None
    ) -> Iterator[tuple[Any, ...]]:
        """Some columns of all rows, or of so many at ``most``. Raises sqlite3.Error."""
        table = self._opened(name)
        listed = ", ".join(_quoted(column) for column in columns)
        query = f"SELECT {listed} FROM main.{_quoted(table)}"
        yield from self._database.execute(query if most is None else f"{query} LIMIT {int(most)}")

    def count(self, name: str) -> int:
        """The number of rows of a table. Raises sqlite3.Error."""
        table = self._opened(name)
        (number,) = self._database.execute(f"SELECT count(*) FROM main.{_quoted(table)}").fetchone()
        return int(number)

    def _opened(self, name: str) -> str:
        table = self.names[name.lower()]
        self._readable.add(table.lower())
        return table


_VIRTUAL = 2
"""What table_xinfo calls a column that is computed when it is read."""


class LacksTable(Exception):
    """A database without the table by which it is known; ``names`` are those that it has."""

    def __init__(self, names: frozenset[str]) -> None:
        super().__init__()
        self.names = names


@contextmanager
def opened(path: Path, *, needed: str | None = None) -> Iterator[Tables]:
    """The tables of a database. Raises LacksTable where there is nothing called ``needed``; else
    UploadError for one whose schema could read elsewhere, and sqlite3.Error for one that is
    damaged."""
    # Immutable: neither a journal nor a log beside the file is looked for, and nothing is locked.
    database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        readable: set[str] = {"sqlite_master"}
        for limit, value in _LIMITS.items():
            database.setlimit(limit, value)
        if hasattr(database, "setconfig"):  # Python 3.12
            database.setconfig(_DEFENSIVE, True)
        for setting in _SETTINGS:
            database.execute(setting)
        database.set_authorizer(_authorizer(readable))
        names = _plain_tables(database, needed)
        readable.clear()
        yield Tables(names, database, readable)
    finally:
        database.close()


def _authorizer(readable: Collection[str]) -> Any:
    """What asks, for each thing that a statement would do, whether that is a SELECT from a table
    that was opened. It is asked when a statement is compiled, views and triggers included."""

    def allowed(
        action: int, first: str | None, second: str | None, database: str | None, inner: str | None
    ) -> int:
        if inner is not None:  # from within a view or a trigger
            return sqlite3.SQLITE_DENY
        if action == sqlite3.SQLITE_SELECT:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_READ:
            known = (first or "").lower() in readable and database in {"main", None}
        elif action == sqlite3.SQLITE_PRAGMA:
            known = first == "table_xinfo" and (second or "").lower() in readable
        else:
            known = action == sqlite3.SQLITE_FUNCTION and second == _COUNT
        return sqlite3.SQLITE_OK if known else sqlite3.SQLITE_DENY

    return allowed


def _plain_tables(database: sqlite3.Connection, needed: str | None) -> dict[str, str]:
    """The tables that SQLite itself keeps. Raises LacksTable, or UploadError for what does not
    belong there."""
    schema = list(database.execute("SELECT type, name, tbl_name, rootpage, sql FROM sqlite_master"))
    present = frozenset(str(name).lower() for kind, name, *_ in schema if kind in {"table", "view"})
    if needed is not None and needed not in present:
        raise LacksTable(present)
    plain = {
        name.lower(): name
        for kind, name, _, root, sql in schema
        if kind == "table" and _is(_PLAIN_TABLE, sql) and isinstance(root, int) and root > 0
    }
    for kind, name, table, _, sql in schema:
        known = (
            (kind == "table" and (str(name).lower() in plain or _is_own_rtree(name, sql, plain)))
            or (kind == "index" and (sql is None or _is(_INDEX, sql)))
            or (kind == "view" and _is(_VIEW, sql) and str(name).lower() in _STANDARD_VIEWS)
            or (kind == "trigger" and _is(_TRIGGER, sql) and _is_standard(name, table, plain))
        )
        if not known:
            raise _refused(kind, name)
    return plain


def _is(kind: re.Pattern[str], sql: Any) -> bool:
    return isinstance(sql, str) and kind.match(sql) is not None


def _is_own_rtree(name: Any, sql: Any, plain: dict[str, str]) -> bool:
    """Whether this is the spatial index of a table of the file, which is not read either."""
    found = _RTREE.fullmatch(" ".join(sql.split())) if isinstance(sql, str) else None
    if found is None or not isinstance(name, str) or name.split() != found["name"].split():
        return False
    of_table = name.lower().removeprefix("rtree_")
    return any(of_table.startswith(f"{table}_") for table in plain)


def _is_standard(name: Any, table: Any, plain: dict[str, str]) -> bool:
    """Whether a trigger is one that a program writes that writes GeoPackages. None is ever run."""
    if not isinstance(name, str) or str(table).lower() not in plain:
        return False
    if _RTREE_TRIGGER.fullmatch(name):
        return name.lower().startswith(f"rtree_{str(table).lower()}_")
    return _STANDARD_TRIGGER.fullmatch(name) is not None


def _refused(kind: Any, name: Any) -> UploadError:
    code, called = _REFUSED.get(kind, ("schema", "something that is neither a table nor an index"))
    return UploadError(
        f"geopackage-{code}",
        found=f"{called} ({text(name)[:60]!r})",
        expected="a GeoPackage of plain tables",
        hint="Save the layer alone as a new GeoPackage",
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
