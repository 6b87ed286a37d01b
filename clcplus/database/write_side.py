"""Limits of Django's connection in web processes, where somebody waits for the answer.

Workers and commands have none: they import, count and delete for as long as it takes.
"""

from __future__ import annotations

from django.conf import settings
from django.db import connections

_FACTOR = 2
"""A transaction may be idle for longer than one statement may take: the process reads a file."""


def limit_web_process() -> None:
    """End the statements of this process and of its forks that take too long, waiting for locks
    included, and the transactions in which nothing happens. For connections made from now on."""
    seconds = settings.STATEMENT_SECONDS
    options = connections["default"].settings_dict["OPTIONS"]
    limits = (
        f"-c statement_timeout={seconds * 1000}"
        f" -c idle_in_transaction_session_timeout={seconds * 1000 * _FACTOR}"
    )
    options["options"] = f"{options.get('options', '')} {limits}".strip()
