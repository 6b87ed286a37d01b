"""Progress on the terminal: a line per step, with its seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress


def say(text: str) -> None:
    """Print one line now, also when the output is a pipe; nobody may be reading it any more."""
    with suppress(BrokenPipeError):
        print(text, flush=True)


@contextmanager
def step(title: str) -> Iterator[list[str]]:
    """Time a step. What the body appends to the list is added to the line."""
    began = time.monotonic()
    live = sys.stdout.isatty()
    if live:
        print(f"  {title} ...", end="", flush=True)
    notes: list[str] = []
    finished = False
    try:
        yield notes
        finished = True
    finally:
        if live:
            print("\r\x1b[K", end="", flush=True)
        text = " ".join([title, *notes])
        state = f"{time.monotonic() - began:6.1f} s" if finished else "  failed"
        say(f"{state}  {text}")
