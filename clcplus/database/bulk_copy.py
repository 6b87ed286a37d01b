"""COPY: the fast way of rows into PostgreSQL. psycopg's errors are translated here only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
import shapely
from django.db import DatabaseError, connection, transaction

from analytics.grid import EPSG

_BRACES = str.maketrans({"[": "{", "]": "}", " ": None})


def as_array(numbers: Sequence[Any]) -> str:
    """Numbers, or rows of them, as PostgreSQL writes an array; a driver takes ten times as long."""
    return str(list(numbers)).translate(_BRACES)


def as_geometry(geometry: Any) -> str:
    """A shapely geometry in EPSG:3035 as PostGIS reads it: EWKB in hexadecimal digits."""
    return str(shapely.to_wkb(shapely.set_srid(geometry, EPSG), hex=True, include_srid=True))


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Load rows into a table inside the open transaction; their number.

    Raises django.db.DatabaseError where a row does not fit.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("copy_rows belongs into a transaction")
    names = ", ".join(f'"{column}"' for column in columns)
    written = 0
    try:
        with (
            connection.cursor() as cursor,
            cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy,
        ):
            for row in rows:
                copy.write_row(row)
                written += 1
    except psycopg.Error as error:
        raise DatabaseError(f"COPY into {table}: {error}") from error
    return written
