"""Being asked to end: Ctrl-C, `make stop`, a closed terminal."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ended(BaseException):
    """A signal asked this process to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def listen() -> None:
    """From now on such a signal raises Ended."""

    def end(number: int, _frame: FrameType | None) -> None:
        raise Ended(number)

    for number in SIGNALS:
        signal.signal(number, end)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Clean up without being asked again."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
