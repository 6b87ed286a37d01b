"""Reading ahead and writing behind: threads beside the one that computes, with bounded queues."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from queue import Empty, Full, Queue
from typing import TypeVar

Item = TypeVar("Item")

_LOOK_SECONDS = 0.1
# How often a thread that waits looks whether the other one has gone.


class _End:
    """What a queue holds last; with an error where there was one."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


@contextmanager
def ahead(items: Generator[Item, None, None], *, depth: int) -> Iterator[Iterator[Item]]:
    """``items``, made in a thread that is at most ``depth`` of them ahead.

    Its errors are raised where the item would have come. When the block ends, so does the thread.
    """
    queue: Queue[Item | _End] = Queue(depth)
    left = threading.Event()

    def put(item: Item | _End) -> bool:
        while not left.is_set():
            try:
                queue.put(item, timeout=_LOOK_SECONDS)
            except Full:
                continue
            return True
        return False

    def make() -> None:
        try:
            # What it has open is closed in this thread, too.
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
def behind(write: Callable[[Item], None], *, depth: int) -> Iterator[Callable[[Item], None]]:
    """A function that hands items over to a thread, which calls ``write`` for one after the other.

    It waits while ``depth`` items wait, and raises the thread's error. When the block ends well,
    all is written; when it ends with an error, what still waits is not.
    """
    queue: Queue[Item | _End] = Queue(depth)
    failed: list[BaseException] = []
    left = threading.Event()

    def work() -> None:
        try:
            while not left.is_set():
                try:
                    item = queue.get(timeout=_LOOK_SECONDS)
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
                queue.put(item, timeout=_LOOK_SECONDS)
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
