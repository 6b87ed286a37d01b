"""COPY: the fast way of rows into PostgreSQL. psycopg's errors are translated here only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
import shapely
from django.db import DatabaseError, connection, models, transaction
from psycopg import Copy
from psycopg.adapt import Dumper
from psycopg.postgres import types
from psycopg.pq import Format

from analytics.grid import EPSG

_BRACES = str.maketrans({"[": "{", "]": "}", " ": None})


def as_array(numbers: Sequence[Any]) -> str:
    """Numbers, or rows of them, as PostgreSQL writes an array; a driver takes ten times as long."""
    return str(list(numbers)).translate(_BRACES)


def as_geometry(geometry: Any) -> str:
    """A shapely geometry in EPSG:3035 as PostGIS reads it: EWKB in hexadecimal digits."""
    return str(shapely.to_wkb(shapely.set_srid(geometry, EPSG), hex=True, include_srid=True))


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Load rows into a table inside the open transaction.

    Raises django.db.DatabaseError where a row does not fit.
    """
    with _copying(table, columns, options="") as (_, copy):
        for row in rows:
            copy.write_row(row)


def copy_arrays(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Load rows whose arrays of whole numbers are NumPy arrays, as bytes: text takes ten times as
    long to write and to read. An array that comes again in the next row must not have changed.
    Otherwise as copy_rows."""
    with _copying(model._meta.db_table, columns, options="(FORMAT BINARY)") as (cursor, copy):
        for dumper in (_Int4Array, _Int8Array):
            cursor.adapters.register_dumper(np.ndarray, dumper)
        copy.set_types([_type_of(model, column) for column in columns])
        for row in rows:
            copy.write_row(row)


@contextmanager
def _copying(table: str, columns: Sequence[str], *, options: str) -> Iterator[tuple[Any, Copy]]:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("COPY belongs into a transaction")
    names = ", ".join(f'"{column}"' for column in columns)
    try:
        with (
            connection.cursor() as cursor,
            cursor.copy(f'COPY "{table}" ({names}) FROM STDIN {options}') as copy,
        ):
            yield cursor, copy
    except psycopg.Error as error:
        raise DatabaseError(f"COPY into {table}: {error}") from error


def _type_of(model: type[models.Model], column: str) -> str:
    """PostgreSQL's name of a column's type: without a length, and ``[]`` for any array."""
    base, *dimensions = re.split(r"[\[(]", model._meta.get_field(column).db_type(connection) or "")
    return f"{base}[]" if dimensions and "]" in dimensions[-1] else base


class _WholeNumbers(Dumper):
    """A NumPy array as PostgreSQL receives an array: a header, then length and value of each
    element, in network byte order."""

    format = Format.BINARY
    element: int
    number: np.dtype[Any]
    _last: tuple[Any, bytes] = (None, b"")

    def dump(self, obj: npt.NDArray[np.integer[Any]]) -> bytes:
        # A pattern comes in a row for each zone that has it.
        if obj is not self._last[0]:
            self._last = (obj, self._encoded(obj))
        return self._last[1]

    def _encoded(self, obj: npt.NDArray[np.integer[Any]]) -> bytes:
        elements = np.empty(obj.size, dtype=[("length", ">i4"), ("value", self.number)])
        elements["length"] = self.number.itemsize
        elements["value"] = obj.ravel()
        fits = np.can_cast(obj.dtype, self.number)
        if not fits and (elements["value"] != obj.ravel()).any():
            raise psycopg.errors.NumericValueOutOfRange(f"{obj.max()} does not fit {self.number}")
        header = [obj.ndim, 0, self.element, *(n for length in obj.shape for n in (length, 1))]
        return np.array(header, dtype=">i4").tobytes() + elements.tobytes()


class _Int4Array(_WholeNumbers):
    """As an ``integer[]``."""

    oid = types["int4"].array_oid
    element = types["int4"].oid
    number = np.dtype(">i4")


class _Int8Array(_WholeNumbers):
    """As a ``bigint[]``."""

    oid = types["int8"].array_oid
    element = types["int8"].oid
    number = np.dtype(">i8")
