"""What the reading role may see."""

from __future__ import annotations

import pytest
from django.db import connection

from analytics.queries import tables

pytestmark = pytest.mark.django_db


def test_the_reader_sees_the_declared_tables_and_no_account_or_session() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'clcplus_reader')")
        if not cursor.fetchone()[0]:
            pytest.skip("this server has no role clcplus_reader")
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace AND relname <> 'spatial_ref_sys'"
            " AND has_table_privilege('clcplus_reader', oid, 'SELECT')"
        )
        readable = {name for (name,) in cursor.fetchall()}
        cursor.execute(
            "SELECT count(*) FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace"
            " AND has_table_privilege('clcplus_reader', oid, 'INSERT, UPDATE, DELETE')"
        )
        assert cursor.fetchone()[0] == 0
    assert readable == {table.name for table in tables.metadata.sorted_tables}
