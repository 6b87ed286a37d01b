"""Inputs that are built once, seeded, and kept below ``.local/benchmarks``; never committed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / ".local" / "benchmarks"


def built(name: str, build: Callable[[Path], None]) -> Path:
    """The folder ``name`` of inputs; ``build`` fills it where it is not there yet.

    A name holds all that its content depends on. What an interrupted build leaves is never used.
    """
    folder = FOLDER / name
    if not folder.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        print(f"building {folder} …", flush=True)
        unfinished = Path(tempfile.mkdtemp(prefix=f"{name}.", dir=FOLDER))
        try:
            build(unfinished)
            unfinished.rename(folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return folder
