"""Two exports beside each other."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path


def differences(before: Path, after: Path, *, most_lines: int) -> Iterator[str]:
    """A text for each path that differs: what is missing, new, or changed in which lines."""
    old, new = _paths(before), _paths(after)
    for path in sorted(old | new):
        if path not in new:
            yield f"{path}: only in {before}"
        elif path not in old:
            yield f"{path}: only in {after}"
        elif (before / path).read_bytes() != (after / path).read_bytes():
            yield "\n".join(
                [f"{path}: differs", *_changed(before / path, after / path, most_lines)]
            )


def _paths(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*.txt")}


def _changed(before: Path, after: Path, most: int) -> list[str]:
    # Texts of other lines alone: difflib takes minutes for two long texts that differ much.
    old, new = before.read_text().splitlines(), after.read_text().splitlines()
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    old, new = old[start : len(old) - end], new[start : len(new) - end]
    if len(old) * len(new) > 4_000_000:
        old, new = old[:most], new[:most]
    lines = [
        line[:400]
        for line in difflib.unified_diff(old, new, lineterm="", n=0)
        if not line.startswith(("---", "+++", "@@"))
    ]
    return [f"    {line}" for line in lines[:most]] + (
        [f"    … {len(lines) - most} more lines"] if len(lines) > most else []
    )
