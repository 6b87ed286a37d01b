"""Files that no folder lists."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO


@contextmanager
def unlisted_file() -> Iterator[IO[bytes]]:
    """An open file to write; at its start afterwards, and gone as soon as it is closed."""
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    try:
        yield file
        file.seek(0)
    except BaseException:
        file.close()
        raise
