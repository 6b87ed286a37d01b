"""Texts that a database can keep, wherever they stand in a document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_SURROGATE = re.compile("[\ud800-\udfff]")


def storable(text: str) -> bool:
    """Whether a database takes a text: it has no NUL, and no half of a surrogate pair."""
    return "\0" not in text and (text.isascii() or _SURROGATE.search(text) is None)


def texts_in(document: Any) -> Iterator[str]:
    """All texts and names of members in a document, however deep they lie."""
    left = [document]
    while left:
        value = left.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from value
            left.extend(value.values())
        elif isinstance(value, list | tuple):
            left.extend(value)
