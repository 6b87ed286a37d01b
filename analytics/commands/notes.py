"""What a command says beside its results: on stderr, a line each, progress only on a terminal."""

from __future__ import annotations

import sys

_WIPE = "\r\x1b[K"


class Notes:
    """Lines on stderr; a line of progress is wiped by whatever follows."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()

    def say(self, text: str) -> None:
        """A line that stays."""
        self.wipe()
        print(text, file=sys.stderr)

    def doing(self, text: str) -> None:
        """What is going on now; nothing where stderr is no terminal."""
        if self._terminal:
            print(f"{_WIPE}{text} …", end="", file=sys.stderr, flush=True)

    def wipe(self) -> None:
        """Leave an empty line behind."""
        if self._terminal:
            print(_WIPE, end="", file=sys.stderr, flush=True)
