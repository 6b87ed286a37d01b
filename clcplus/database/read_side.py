"""The read-only engine behind :mod:`analytics.queries`, beside Django's connections.

It is made at its first use, since the database of tests has another name than in the settings, and
again in a forked process, since two processes must not share a connection.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection as django_connection
from sqlalchemy import URL, Connection, Engine, create_engine, make_url

from analytics.queries import ShownLayer, show_layer

_POOL_SIZE = 5
_lock = threading.Lock()
_engines: dict[tuple[int, str], Engine] = {}


def _url(database: str) -> URL:
    """Address of the read side, of the database that Django is connected to."""
    address = make_url(settings.DATABASE_READ_URL or settings.DATABASE_URL)
    return address.set(drivername="postgresql+psycopg", database=database)


def engine() -> Engine:
    """This process's engine for the database that Django uses now."""
    name = str(django_connection.settings_dict["NAME"])
    key = os.getpid(), name
    with _lock:
        if key not in _engines:
            for other, old in list(_engines.items()):
                # A parent's connections are left to the parent: dropped here, not closed.
                old.dispose(close=other[0] == os.getpid())
                del _engines[other]
            _engines[key] = create_engine(
                _url(name),
                pool_size=_POOL_SIZE,
                pool_pre_ping=True,
                pool_recycle=1800,
                connect_args={
                    "application_name": "clcplus-read",
                    "connect_timeout": 10,
                    "options": "-c default_transaction_read_only=on"
                    f" -c statement_timeout={settings.STATEMENT_SECONDS * 1000}",
                },
                execution_options={
                    "isolation_level": "REPEATABLE READ",
                    "postgresql_readonly": True,
                },
            )
        return _engines[key]


def dispose() -> None:
    """Close this process's connections, as a test does before its database is dropped."""
    with _lock:
        for (process, _), old in _engines.items():
            old.dispose(close=process == os.getpid())
        _engines.clear()


def _reset_lock() -> None:
    # A fork may happen while another thread holds the lock; nobody would release it in the child.
    global _lock
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_reset_lock)


@contextmanager
def snapshot(*, showing: ShownLayer | None = None, **options: Any) -> Iterator[Connection]:
    """One REPEATABLE READ READ ONLY transaction: all that is read in it is one state of the data.

    ``showing`` is a layer that this reader may see though it is not published
    (:mod:`clcplus.access`); ``options`` are SQLAlchemy's execution options.
    """
    with engine().connect() as opened, opened.begin():
        if showing is not None:
            show_layer(opened, showing)
        yield opened.execution_options(**options) if options else opened
