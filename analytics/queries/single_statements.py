"""Statements and sources of rows that are made once in a process, whatever its threads do."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from sqlalchemy import FromClause, Select

P = ParamSpec("P")
Statement = TypeVar("Statement", bound="Select[object] | FromClause")

_lock = threading.RLock()
"""One for all: statements are made of others."""


def made_once(make: Callable[P, Statement]) -> Callable[P, Statement]:
    """As functools.cache, which lets threads that ask at the same time make a statement each.

    Two copies of a source of rows are two tables to SQLAlchemy: a thread that got one, and then
    the other, would join neither.
    """
    known: dict[tuple[object, ...], Statement] = {}

    @functools.wraps(make)
    def made(*arguments: P.args, **named: P.kwargs) -> Statement:
        key = (*arguments, *sorted(named.items()))
        found = known.get(key)
        if found is None:
            with _lock:
                if key not in known:
                    statement = make(*arguments, **named)
                    if isinstance(statement, FromClause):
                        # Its columns are made at the first look: here, by one thread.
                        _ = statement.c
                    known[key] = statement
                found = known[key]
        return found

    return made
