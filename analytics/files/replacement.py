"""Files that take the place of others when they are complete; nothing is left of them if not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from analytics.errors import UnwritableFile


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of ``path`` when it is complete, and leaves nothing if it is not.

    What is no ordinary file, such as /dev/stdout, is written to directly.
    Raises UnwritableFile where that cannot be done.
    """
    if path.exists() and not path.is_file():
        with _writable(path), path.open("wb") as file:
            yield file
        return
    with replaced(path) as part, part.open("wb") as file:
        yield file


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """The path of a file to write, which takes the place of ``path``; for libraries that open files
    for themselves. Its ending is that of ``path``.

    Raises UnwritableFile where that cannot be done, or ``path`` is no ordinary file.
    """
    with _writable(path):
        if path.exists() and not path.is_file():
            raise UnwritableFile(str(path), found="no ordinary file", expected="a file")
        with scratch(path, "part") as part:
            yield part
            os.replace(part, path)


@contextmanager
def scratch(path: Path, name: str) -> Iterator[Path]:
    """The path of an empty file beside ``path``, with its ending, that is removed at the end.
    Raises OSError."""
    file = path.with_name(f".{path.stem}.{os.getpid()}.{name}{path.suffix}")
    # Libraries explain less well why they cannot write.
    file.touch()
    try:
        yield file
    finally:
        file.unlink(missing_ok=True)


@contextmanager
def _writable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UnwritableFile(
            str(path),
            found=error.strerror or str(error),
            expected="room and permission to write there",
        ) from error
