"""Tests that run alone: no test of another worker runs at the same time.

``@pytest.mark.alone`` is for what is about time or load: a busy machine would make it another test.
Everything else runs beside the tests of other workers, each of which has servers of its own. A
plugin of pytest, which does nothing where there is one worker.
"""

from __future__ import annotations

import fcntl
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

_FOLDER = "turns"


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark; make the folder that the workers share, which goes with the run."""
    config.addinivalue_line("markers", "alone: no test of another worker runs at the same time")
    if not hasattr(config, "workerinput"):
        folder = tempfile.TemporaryDirectory(prefix="tests-")
        config.add_cleanup(folder.cleanup)
        config.stash[_SHARED] = folder.name


_SHARED = pytest.StashKey[str]()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker which folder that is (a hook of pytest-xdist)."""
    node.workerinput[_FOLDER] = node.config.stash[_SHARED]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Run a test when it is its turn: before its timeout begins to count."""
    shared = getattr(item.config, "workerinput", {}).get(_FOLDER)
    if shared is None:
        return (yield)
    with turn(Path(shared), alone=item.get_closest_marker("alone") is not None):
        return (yield)


@contextmanager
def turn(folder: Path, *, alone: bool) -> Iterator[None]:
    """Wait for this test's turn among the workers that share a folder.

    The door is held while waiting, so that others cannot keep overtaking a test that runs alone.
    """
    with (folder / "door.lock").open("w") as door, (folder / "room.lock").open("w") as room:
        with _held(door, fcntl.LOCK_EX):
            fcntl.flock(room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        try:
            yield
        finally:
            fcntl.flock(room, fcntl.LOCK_UN)


@contextmanager
def _held(file: IO[str], how: int) -> Iterator[None]:
    fcntl.flock(file, how)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)
