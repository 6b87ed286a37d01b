"""Failures a person can do something about: told in a line, never as a traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable

from ops.interruption import Ended


class Problem(Exception):
    """An expected failure. Its text says what is wrong and what to do about it."""


def run(main: Callable[[], int]) -> None:
    """Run ``main`` and leave with its status; a Problem becomes one message and status 1."""
    try:
        status = main()
    except Problem as problem:
        print(f"error: {problem}", file=sys.stderr)
        status = 1
    except Ended as ended:
        status = 128 + ended.number
    except KeyboardInterrupt:
        status = 130
    sys.exit(status)
