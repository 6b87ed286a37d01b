"""A statement that takes too long ends in a web process; workers have the time they need."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from clcplus.models import ZoneSet
from tests.workers import environment

ROOT = Path(__file__).parents[2]
SLEEP = """
import time
{start}
from django.db import OperationalError, connection
began = time.monotonic()
try:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep({seconds})")
    print("slept")
except OperationalError as error:
    print(type(error.__cause__).__name__)
print(time.monotonic() - began < {seconds})
"""


def slept(start: str, *, seconds: float) -> list[str]:
    """What a process says that sleeps in the database: how it ended, and whether that was early."""
    program = SLEEP.format(start=start, seconds=seconds)
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**environment(), "STATEMENT_SECONDS": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.split()


@pytest.mark.django_db(transaction=True)
def test_a_web_process_does_not_wait_for_ever() -> None:
    assert slept("import clcplus.wsgi", seconds=20) == ["QueryCanceled", "True"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_and_a_command_wait() -> None:
    start = "import clcplus.celery, django; clcplus.celery.app.loader.import_default_modules()"
    assert slept(f"{start}; django.setup()", seconds=1.5) == ["slept", "False"]


@pytest.fixture
def held() -> Iterator[ZoneSet]:
    """A set that another process has locked, for longer than a reader waits."""
    owner = User.objects.create_user("owner")
    made = ZoneSet.objects.create(
        pk=UUID(int=1),
        owner=owner,
        name="x",
        stage=ZoneSet.Stage.ACCEPTED,
        kind=ZoneSet.Kind.FILE,
        file_name="x",
        file_bytes=1,
        sha256="0" * 64,
    )
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as other:
        other.execute("SELECT 1 FROM clcplus_zoneset FOR UPDATE")
        yield made
        other.rollback()


@pytest.mark.django_db(transaction=True)
def test_whoever_waits_for_a_lock_is_told_to_come_back(held: ZoneSet, store: Path) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(held.owner)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 300")
    try:
        answer = client.delete(f"/api/v1/zones/{held.pk}/")
    finally:
        connection.close()
    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/problem+json"
    assert int(answer["Retry-After"]) > 0
    assert ZoneSet.objects.filter(pk=held.pk).exists()
