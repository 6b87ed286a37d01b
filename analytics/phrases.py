"""Words of errors that can be said in other languages.

The engine speaks English. What shows its errors to readers looks the words up in their language and
puts the values in again (clcplus.presentation.refusals). Import ``phrase`` as ``_``: by that name
the words are found for the translators (ops.translations).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


class Phrase(str):
    """A text, with the message and the values that it was made of."""

    message: str
    values: Mapping[str, Any]


def phrase(message: str, **values: Any) -> Phrase:
    """``message`` with its values, such as ``phrase("%(n)s labels", n=3)``."""
    said = Phrase(message % values if values else message)
    said.message, said.values = message, values
    return said


def joined(separator: str, parts: Iterable[str]) -> Phrase:
    """Several phrases as one, which is translated part by part."""
    names = {f"part{n}": part for n, part in enumerate(parts)}
    return phrase(separator.join(f"%({name})s" for name in names), **names)
