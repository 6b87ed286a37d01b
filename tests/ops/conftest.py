"""Folders and servers of their own for the tests of ops/."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ops import account
from ops.places import Place


@contextmanager
def folder_for_servers() -> Iterator[Path]:
    """A short folder that any account may walk through (pytest's own are closed)."""
    folder = Path(tempfile.mkdtemp(prefix="clcplus-test-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    local = folder / ".local"
    for home in (*local.glob("test/[0-9]"), local, folder / ".local-real"):
        Place(home, account.of_servers()).remove()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Such a folder for one test."""
    with folder_for_servers() as folder:
        yield folder


@pytest.fixture
def place(open_folder: Path) -> Place:
    """A place of private servers, removed after the test."""
    return Place(open_folder / ".local", account.of_servers())
