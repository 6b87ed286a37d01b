"""What tests of uploads share: a watch on temporary files, and readers that start at once."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.uploads import warm


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a reading leaves behind would be found here."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert list(folder.iterdir()) == []


@pytest.fixture(scope="module")
def forked_readers() -> Iterator[None]:
    """Readers with the same confinement that load nothing anew."""
    with warm.reader():
        yield
