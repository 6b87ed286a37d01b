"""The diagrams of docs/jobs.md: ``python -m tests.jobs.diagrams`` makes them anew."""

from __future__ import annotations

import re
from pathlib import Path

from clcplus.jobs.states import JOB, UNIT, State, UnitState, diagram

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "jobs.md"
DIAGRAMS = {
    "states of a job": diagram(JOB, first=State.QUEUED),
    "states of a unit": diagram(UNIT, first=UnitState.QUEUED),
}


def with_diagrams(text: str) -> str:
    """The document with its diagrams as the tables have them."""
    for name, lines in DIAGRAMS.items():
        block = f"<!-- {name} -->\n```mermaid\n{lines}\n```"
        text, found = re.subn(
            rf"<!-- {name} -->\n```mermaid\n.*?```", lambda _, block=block: block, text, flags=re.S
        )
        if found != 1:
            raise ValueError(f"{DOCUMENT}: found {found} places for {name}; expected one")
    return text


if __name__ == "__main__":
    DOCUMENT.write_text(with_diagrams(DOCUMENT.read_text("utf-8")), "utf-8")
