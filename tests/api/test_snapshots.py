"""The read-only engine: one state a snapshot, one engine a process, the tests' own database."""

from __future__ import annotations

import os

import pytest
from django.db import connection as django_connection
from sqlalchemy import text

from analytics import queries
from clcplus.database import read_side
from clcplus.models import Edition, Publication
from tests.world import build


@pytest.mark.django_db(transaction=True)
def test_a_snapshot_is_one_state_while_an_edition_is_published() -> None:
    made = build()
    with read_side.snapshot() as connection:
        before = queries.data_version(connection).number
        Edition.objects.filter(pk=made.editions[2023].pk).update(status="published")
        Publication.objects.create(event="published", subject="clcplus-2023")
        assert len(queries.editions(connection)) == 2
        assert queries.data_version(connection).number == before
    with read_side.snapshot() as connection:
        assert len(queries.editions(connection)) == 3
        assert queries.data_version(connection).number > before
    read_side.dispose()


@pytest.mark.django_db
def test_a_snapshot_is_repeatable_and_read_only_in_djangos_database() -> None:
    with read_side.snapshot() as connection:
        row = connection.execute(
            text(
                "select current_database(), current_setting('transaction_isolation'),"
                " current_setting('transaction_read_only')"
            )
        ).one()
    assert tuple(row) == (django_connection.settings_dict["NAME"], "repeatable read", "on")


@pytest.mark.django_db
def test_a_forked_process_does_not_use_its_parents_connections() -> None:
    with read_side.snapshot() as connection:
        own = connection.execute(text("select pg_backend_pid()")).scalar_one()
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover
        try:
            with read_side.snapshot() as connection:
                other = connection.execute(text("select pg_backend_pid()")).scalar_one()
            os.write(write_end, str(other).encode())
        finally:
            os._exit(0)
    os.close(write_end)
    os.waitpid(child, 0)
    assert int(os.read(read_end, 20)) != own
    os.close(read_end)
    with read_side.snapshot() as connection:
        assert connection.execute(text("select pg_backend_pid()")).scalar_one() == own


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (
            "postgresql://reader@/name?host=/run/postgresql",
            "postgresql+psycopg://reader@/other?host=%2Frun%2Fpostgresql",
        ),
        (
            "postgresql://reader:p%40ss@db:5433/name?sslmode=require",
            "postgresql+psycopg://reader:p%40ss@db:5433/other?sslmode=require",
        ),
    ],
)
def test_addresses(settings, address: str, shown: str) -> None:
    settings.DATABASE_READ_URL = address
    assert read_side._url("other").render_as_string(hide_password=False) == shown
