"""The tables declared for the read side are those that the migrations make."""

from __future__ import annotations

import pytest
from sqlalchemy import ARRAY, String, Table, text
from sqlalchemy.types import TypeEngine

from analytics.queries import tables
from clcplus.database import read_side

pytestmark = pytest.mark.django_db

_COLUMNS = text(
    """
    select a.attname, format_type(a.atttypid, a.atttypmod), not a.attnotnull, a.attgenerated <> ''
    from pg_attribute a
    where a.attrelid = cast(:table as regclass) and a.attnum > 0 and not a.attisdropped
    """
)

_NAMES = {
    "BigInteger": "bigint",
    "Integer": "integer",
    "SmallInteger": "smallint",
    "Boolean": "boolean",
    "Date": "date",
    "DateTime": "timestamp with time zone",
    "Double": "double precision",
    "JSONB": "jsonb",
    "Uuid": "uuid",
}


def _type(declared: TypeEngine) -> str:  # type: ignore[type-arg]
    if isinstance(declared, ARRAY):
        return f"{_type(declared.item_type)}[]"
    if isinstance(declared, String):
        return f"character varying({declared.length})"
    if type(declared).__name__ == "Geometry":
        shape = {
            "MULTIPOLYGON": "MultiPolygon",
            "POLYGON": "Polygon",
            "POINT": "Point",
            "GEOMETRY": "Geometry",
        }[declared.geometry_type]
        return f"geometry({shape},{declared.srid})"
    return _NAMES[type(declared).__name__]


@pytest.mark.parametrize("table", tables.metadata.sorted_tables, ids=lambda table: table.name)
def test_a_declared_table_is_the_migrated_one(table: Table) -> None:
    with read_side.snapshot() as connection:
        migrated = {
            name: (kind, nullable, generated)
            for name, kind, nullable, generated in connection.execute(
                _COLUMNS, {"table": table.name}
            )
        }
    declared = {
        column.name: (_type(column.type), column.nullable, column.computed is not None)
        for column in table.columns
    }
    assert declared == migrated


def test_nothing_can_be_written_through_the_read_side() -> None:
    with (
        read_side.snapshot() as connection,
        pytest.raises(Exception, match=r"read-only transaction|permission denied"),
    ):
        connection.execute(text("delete from clcplus_edition"))
