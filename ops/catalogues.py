"""Catalogues of messages (.po) as Babel reads them, and what is wrong with a message.

The one module of ``ops`` that needs a library: it runs in the virtual environment.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages import Message
from babel.messages.pofile import PoFileError, read_po

from ops.problems import Problem


def messages(path: Path) -> list[Message]:
    """The messages of a catalogue without its header and without what is obsolete."""
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, ignore_obsolete=True, abort_invalid=True)
    except PoFileError as error:
        raise Problem(f"{path}:{error.lineno + 1} is not a line of a catalogue: {error}") from None
    return [message for message in catalogue if message.id]


def forms(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    """A message or its translation: one text, or one for each plural form."""
    return tuple(text) if isinstance(text, list | tuple) else (text or "",)


def fault(message: Message) -> str | None:
    """Why readers would not see a translation; None where they will."""
    if message.fuzzy:
        return "fuzzy"
    return None if all(forms(message.string)) else "untranslated"
