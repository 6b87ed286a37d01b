"""What the database refers to outside of it, read in the transaction of a backup or a restore."""

from __future__ import annotations

from typing import Any

from psycopg import Connection, sql

from clcplus.models import ConfidenceTile, Edition, EditionTile, FilteredPair

_KEYS: tuple[tuple[Any, str], ...] = (
    (EditionTile, "key"),
    (EditionTile, "overview_key"),
    (Edition, "overview_key"),
    (ConfidenceTile, "key"),
    (FilteredPair, "mask_key"),
)


def needed_keys(connection: Connection) -> set[str]:
    """Keys of the rasters that figures, maps and jobs need. Reports can be made again, and a file
    that waits for its check may have been removed since."""
    found: set[str] = set()
    for model, column in _KEYS:
        statement = sql.SQL("SELECT DISTINCT {column} FROM {table} WHERE {column} <> ''").format(
            column=sql.Identifier(column), table=sql.Identifier("public", model._meta.db_table)
        )
        found.update(key for (key,) in connection.execute(statement))
    return found


def migrations(connection: Connection) -> list[str]:
    """Applied migrations, as ``application.name``."""
    rows = connection.execute("SELECT app || '.' || name FROM public.django_migrations ORDER BY 1")
    return [name for (name,) in rows]
