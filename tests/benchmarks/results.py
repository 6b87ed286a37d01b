"""What was measured last, row by row, in ``.local/benchmarks/results.json``.

A run of some rows keeps the others, so that the page shows the whole table; each has its date.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from tests.benchmarks.inputs import FOLDER
from tests.benchmarks.rows import Measured

_FILE = FOLDER / "results.json"


@dataclass(frozen=True, slots=True)
class Result:
    """A row's outcome: measured, or ``skipped`` with the reason."""

    name: str
    date: str
    machine: str
    versions: str
    measured: Measured | None
    skipped: str = ""


def load() -> dict[str, Result]:
    """Results by the name of their row."""
    if not _FILE.exists():
        return {}
    found = {}
    for entry in json.loads(_FILE.read_text()):
        measured = entry.pop("measured")
        found[entry["name"]] = Result(measured=Measured(**measured) if measured else None, **entry)
    return found


def save(results: dict[str, Result]) -> None:
    """Keep results for the next page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    _FILE.write_text(json.dumps([asdict(result) for result in results.values()], indent=1))
