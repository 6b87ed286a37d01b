"""Whether the gathered static files are those of the sources: gathering takes seconds."""

from __future__ import annotations

from pathlib import Path

from ops.fingerprints import fingerprint
from ops.layout import LOCAL, REQUIREMENTS, ROOT

GATHERED = LOCAL / "static"
STAMP = GATHERED / ".gathered-from"
SOURCES = ROOT / "clcplus"


def changed() -> bool:
    """Whether they must be gathered again."""
    try:
        return STAMP.read_text() != _now()
    except OSError:
        return True


def note() -> None:
    """Write down what they were gathered from."""
    STAMP.write_text(_now())


def _now() -> str:
    own = [file for file in SOURCES.glob("static/**/*") if file.is_file()]
    # The packages bring static files too, the settings say how all are kept.
    others: list[Path] = [REQUIREMENTS / "runtime.txt", SOURCES / "settings.py"]
    return fingerprint([*sorted(own), *(file for file in others if file.exists())])
