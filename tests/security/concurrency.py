"""The same call many times at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connections

T = TypeVar("T")


def at_once(call: Callable[[int], T], times: int) -> list[T]:
    """What each of the calls answers; all of them begin together."""
    together = Barrier(times)

    def one(number: int) -> T:
        together.wait()
        try:
            return call(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(one, range(times)))
