"""Threads that read ahead and write behind the computation, with few items between them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

Item = TypeVar("Item")
Arguments = ParamSpec("Arguments")


@contextmanager
def read_ahead(items: Generator[Item, None, None], *, depth: int) -> Iterator[Iterator[Item]]:
    """Make ``items`` in a thread that is at most ``depth`` items ahead.

    An error of the thread is raised in place of the item. The thread ends with the block.
    """
    with ThreadPoolExecutor(1) as pool:
        coming = deque(pool.submit(next, items, None) for _ in range(depth))

        def taken() -> Iterator[Item]:
            while (item := coming.popleft().result()) is not None:
                coming.append(pool.submit(next, items, None))
                yield item

        try:
            yield taken()
        finally:
            for future in coming:
                future.cancel()
            # The generator opened its files in this thread.
            pool.submit(items.close).result()


@contextmanager
def write_behind(
    write: Callable[Arguments, None], *, depth: int
) -> Iterator[Callable[Arguments, None]]:
    """Call ``write`` in a thread, one call after the other. Gives the function to call instead.

    The function blocks while ``depth`` calls wait, and raises the thread's error. When the block
    ends normally, all calls are done. When it ends with an error, waiting calls are dropped.
    """
    with ThreadPoolExecutor(1) as pool:
        calls: deque[Future[None]] = deque()

        def call(before: Future[None] | None, *a: Arguments.args, **k: Arguments.kwargs) -> None:
            if before is not None:
                before.result()  # Nothing is written after an error.
            write(*a, **k)

        def put(*a: Arguments.args, **k: Arguments.kwargs) -> None:
            calls.append(pool.submit(call, calls[-1] if calls else None, *a, **k))
            if len(calls) > depth + 1:
                calls.popleft().result()

        try:
            yield put
            for future in calls:
                future.result()
        finally:
            pool.shutdown(cancel_futures=True)
