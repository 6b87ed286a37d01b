"""A fork server whose readers do what a file could make them do: each runs the Python code that was
uploaded, after it has confined itself. Started in place of the true one by ``hijacked_readers``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NoReturn

from analytics.uploads import inspection
from analytics.uploads.confinement import fork_server
from analytics.uploads.errors import UploadError


def attack(path: Path, **_: Any) -> NoReturn:
    """Run an upload; what it assigns to ``result`` or raises is the answer."""
    names: dict[str, Any] = {"result": None}
    try:
        exec(path.read_text("utf-8"), names)
    except OSError as error:
        names["result"] = type(error).__name__
    raise UploadError("attacked", found=str(names["result"]), expected="")


if __name__ == "__main__":
    inspection.read = attack
    sys.exit(fork_server.main())
