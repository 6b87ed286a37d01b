"""The diagrams of docs/jobs.md: ``python -m tests.jobs.diagrams`` makes them anew."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

import django

if __name__ == "__main__":
    os.environ.setdefault("DEBUG", "1")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clcplus.settings")
    django.setup()

from clcplus.jobs.states import JOB, UNIT, Event, State, Table, UnitState

ERROR = "an error that does not pass, or too many attempts"
CAUSES_OF_JOB = {
    Event.BEGIN: "a worker begins a unit",
    Event.SUCCEED: "the last step has ended",
    Event.FAIL: ERROR,
    Event.CANCEL: "a person cancels",
    Event.RESUME: "a person resumes",
}
CAUSES_OF_UNIT = {
    Event.SUCCEED: "its results are stored",
    Event.FAIL: ERROR,
    Event.RESUME: "a person resumes the job",
    Event.EXTEND: "more became countable while the job ran",
}


def diagram(table: Table, causes: Mapping[Event, str], *, first: str) -> str:
    """A table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {first}"]
    for event, row in table.items():
        lines += [
            f"    {source} --> {row.target}: {event} ({causes[event]})" for source in row.sources
        ]
    rows = table.values()
    left = {source for row in rows for source in row.sources if source != row.target}
    targets = dict.fromkeys(row.target for row in rows)
    lines += [f"    {target} --> [*]" for target in targets if target not in left]
    return "\n".join(lines)


DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "jobs.md"
DIAGRAMS = {
    "states of a job": diagram(JOB, CAUSES_OF_JOB, first=State.QUEUED),
    "states of a unit": diagram(UNIT, CAUSES_OF_UNIT, first=UnitState.QUEUED),
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
