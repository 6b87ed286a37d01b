"""Threads that read ahead and write behind the computation, with bounded queues."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from queue import Empty, Full, Queue
from typing import TypeVar

Item = TypeVar("Item")

_POLL_SECONDS = 0.1
"""Interval at which a waiting thread checks whether the other one has ended."""


class _End:
    """The last item of a queue, with the error if there was one."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


@contextmanager
def read_ahead(items: Generator[Item, None, None], *, depth: int) -> Iterator[Iterator[Item]]:
    """Make ``items`` in a thread that is at most ``depth`` items ahead.

    An error of the thread is raised in place of the item. The thread ends with the block.
    """
    queue: Queue[Item | _End] = Queue(depth)
    left = threading.Event()

    def put(item: Item | _End) -> bool:
        while not left.is_set():
            try:
                queue.put(item, timeout=_POLL_SECONDS)
            except Full:
                continue
            return True
        return False

    def make() -> None:
        try:
            # The generator's files are closed in this thread too.
            with closing(items):
                for item in items:
                    if not put(item):
                        return
        except BaseException as error:
            put(_End(error))
        else:
            put(_End())

    def taken() -> Iterator[Item]:
        while True:
            item = queue.get()
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item

    thread = threading.Thread(target=make, name="reading", daemon=True)
    thread.start()
    try:
        yield taken()
    finally:
        left.set()
        thread.join()


@contextmanager
def write_behind(write: Callable[[Item], None], *, depth: int) -> Iterator[Callable[[Item], None]]:
    """Call ``write`` for items in a thread, one after the other. Gives the function that takes
    items.

    The function blocks while ``depth`` items wait, and raises the thread's error. When the block
    ends normally, all items are written. When it ends with an error, waiting items are dropped.
    """
    queue: Queue[Item | _End] = Queue(depth)
    failed: list[BaseException] = []
    left = threading.Event()

    def work() -> None:
        try:
            while not left.is_set():
                try:
                    item = queue.get(timeout=_POLL_SECONDS)
                except Empty:
                    continue
                if isinstance(item, _End):
                    return
                write(item)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=work, name="writing", daemon=True)

    def put(item: Item | _End) -> None:
        while True:
            if failed:
                raise failed[0]
            try:
                queue.put(item, timeout=_POLL_SECONDS)
            except Full:
                continue
            return

    thread.start()
    try:
        yield put
        put(_End())
        thread.join()
        if failed:
            raise failed[0]
    finally:
        left.set()
        thread.join()
