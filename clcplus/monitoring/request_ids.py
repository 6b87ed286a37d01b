"""The id that one request, and all that follows from it in workers, has in log lines."""

from __future__ import annotations

import re
import uuid

from structlog import contextvars

HEADER = "X-Request-ID"
NAME = "request_id"
"""Its name in log lines, in messages to workers, and in problem documents."""
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def accepted(given: object) -> str:
    """The id that somebody has sent, if it is a short token that any log may hold; else a new
    one."""
    return given if isinstance(given, str) and _SAFE.fullmatch(given) else uuid.uuid4().hex


def begin(given: object = None) -> str:
    """What this thread does from here on has the id, and nothing of what was bound before."""
    found = accepted(given)
    contextvars.clear_contextvars()
    contextvars.bind_contextvars(**{NAME: found})
    return found


def current() -> str | None:
    """The id of what this thread does, if it has one."""
    found: str | None = contextvars.get_contextvars().get(NAME)
    return found


def end(**_: object) -> None:
    """What this thread does next belongs to nothing of before."""
    contextvars.clear_contextvars()
