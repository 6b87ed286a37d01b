"""Tell a server that went away from a fault of the work itself."""

from __future__ import annotations

import django.db
import redis.exceptions
import sqlalchemy.exc

DATABASE = (
    django.db.OperationalError,
    django.db.InterfaceError,
    sqlalchemy.exc.OperationalError,
    sqlalchemy.exc.InterfaceError,
)
"""Errors of a database, which may pass by themselves."""
_BROKER = (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError)
_GONE = ("08", "57P", "53300")
"""SQLSTATE of lost connections, of a server that stops, starts or recovers, and of one that takes
no more connections. PostgreSQL, appendix A."""


def is_outage(error: BaseException) -> bool:
    """Whether a server was away: the same work passes once it is back."""
    if isinstance(error, _BROKER):
        return True
    if not isinstance(error, DATABASE):
        return False
    cause = getattr(error, "orig", None) or error.__cause__
    state = getattr(cause, "sqlstate", None)
    # The client library gives no state where it got no answer.
    return state is None or str(state).startswith(_GONE)
