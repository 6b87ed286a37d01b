"""A checksum of each table, computed by the database in the transaction that asks.

The rows count in whatever order: each row's text is hashed, and the hashes are added up. So a
restored table, whose rows lie elsewhere, has the same checksum.
"""

from __future__ import annotations

import hashlib

from psycopg import Connection, sql

from clcplus.backups.manifest import TableSum

NOT_KEPT = ("django_session",)
"""Tables whose rows are not in a backup: whoever has a session's key is signed in."""
# The text of a value must not depend on the settings of a server.
_FORMS = {
    "timezone": "UTC",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "search_path": "public",
}
_TABLES = """
SELECT c.relname FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'm')
AND NOT EXISTS (
    SELECT FROM pg_depend d
    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
)
ORDER BY c.relname
"""
_SUM = """
SELECT count(*),
    coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0)::text,
    coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0)::text
FROM (SELECT md5(r::text) AS hash FROM {table} AS r) AS hashed
"""


def tables(connection: Connection) -> list[str]:
    """Names of all tables, save those of extensions."""
    return [name for (name,) in connection.execute(_TABLES)]


def sums(connection: Connection) -> dict[str, TableSum]:
    """The checksum of each table that a backup keeps."""
    for name, value in _FORMS.items():
        connection.execute("SELECT set_config(%s, %s, true)", [name, value])
    return {name: _sum(connection, name) for name in tables(connection) if name not in NOT_KEPT}


def _sum(connection: Connection, table: str) -> TableSum:
    statement = sql.SQL(_SUM).format(table=sql.Identifier("public", table))
    found = connection.execute(statement).fetchone()
    assert found is not None
    rows, *halves = found
    return TableSum(rows=rows, checksum=hashlib.sha256(":".join(halves).encode()).hexdigest())


def differences(found: dict[str, TableSum], expected: dict[str, TableSum]) -> list[str]:
    """What differs, by table, in words."""
    said = []
    for name in sorted(found.keys() | expected.keys()):
        here, there = found.get(name), expected.get(name)
        if here is None or there is None:
            said.append(f"{name} ({'missing' if here is None else 'not in the backup'})")
        elif here.rows != there.rows:
            said.append(f"{name} ({here.rows} rows, not {there.rows})")
        elif here != there:
            said.append(f"{name} (other values)")
    return said
