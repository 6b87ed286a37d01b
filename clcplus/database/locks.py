"""Locks that PostgreSQL frees by itself when the process that holds them dies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from django.db import connection


class Kind(IntEnum):
    """What is locked; the first half of an advisory lock's key."""

    UNIT = 1
    RUN = 2
    FINALISE = 3
    REGISTER = 4
    REPORT = 5
    REPORT_QUEUE = 6
    UPLOAD = 7
    ACCOUNT = 8
    ZONES = 9
    ZONE_BATCH = 10
    PUBLICATION = 11
    TILE = 12
    FILTER = 13
    NOTICE = 14
    REFRESH = 15
    BACKUP = 16


@contextmanager
def try_lock(kind: Kind, number: int) -> Iterator[bool]:
    """Hold a lock of the session while the block runs; yields False where another has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [kind, _key(number)])
        (held,) = cursor.fetchone()
    try:
        yield held
    finally:
        if held:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [kind, _key(number)])


def lock_until_commit(kind: Kind, number: int = 0) -> None:
    """Wait for a lock and hold it to the end of the open transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [kind, _key(number)])


def is_held(kind: Kind, number: int) -> bool:
    """Whether any session holds the lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory'"
            " AND classid = %s AND objid = %s AND objsubid = 2 AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
            [kind, _key(number)],
        )
        (held,) = cursor.fetchone()
    return bool(held)


def _key(number: int) -> int:
    # The second half of the key has 31 bits without a sign.
    return number & 0x7FFFFFFF
