"""Cells of tables of text in which no program finds a formula, whichever separator it splits at.

A file with commas may be opened by a program that expects semicolons, and the other way round: what
stands after a separator inside a name is then a cell of its own.
"""

from __future__ import annotations

import re

_SIGNS = re.escape("=+-@＝﹦⁼₌＋﹢⁺₊﬩－﹣−⁻₋＠﹫")
"""What begins a formula, with the characters that programs take for these four."""
_SEPARATORS = ",;|\t\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
"""What parts cells or lines in some program."""
_FILLERS = "\u115f\u1160\u3164\uffa0"
"""Letters that nobody sees."""

_BEGINNING = re.compile(
    # Spaces, quotes, controls and what is invisible: programs drop them before they look.
    rf"(?:\A|[{_SEPARATORS}])(?:[^\w{_SIGNS}{_SEPARATORS}]|[{_FILLERS}])*+(?=[{_SIGNS}])"
)


def harmless(text: str) -> str:
    """Text from outside as a cell of a table, the first of a line excepted.

    An apostrophe stands before each sign that could begin a formula: names come with layers of
    strangers, and none of them may run anything on a reader's computer. A hyphen alone stays.
    """
    return text if text.strip(" ") == "-" else _BEGINNING.sub(r"\g<0>'", text)


def harmless_at_start(text: str) -> str:
    """The same for the first cell of a line. There a hyphen alone is no exception: a program that
    splits elsewhere takes it for the beginning of all that follows."""
    return _BEGINNING.sub(r"\g<0>'", text)
