"""Catalogues of messages (.po) as they are read by people: entries with what is wrong with them."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from pathlib import Path

from ops.problems import Problem

Key = tuple[str, str, str]
"""Context, message and plural of a message; each may be empty."""


@dataclass(slots=True)
class Entry:
    """A message of a catalogue with its translations, one for each plural form."""

    context: str = ""
    message: str = ""
    plural: str = ""
    translations: dict[int, str] = field(default_factory=dict)
    fuzzy: bool = False

    @property
    def key(self) -> Key:
        """What a program asks for."""
        return self.context, self.message, self.plural

    @property
    def fault(self) -> str | None:
        """Why readers would not see a translation; None where they will."""
        if self.fuzzy:
            return "fuzzy"
        if not self.translations or not all(self.translations.values()):
            return "untranslated"
        return None


def entries(path: Path) -> list[Entry]:
    """The messages of a catalogue without its header and without what is obsolete."""
    found: list[Entry] = []
    entry, fuzzy, into = Entry(), False, ""

    def close() -> None:
        nonlocal entry
        if entry.message:
            found.append(entry)
        entry = Entry()

    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.startswith("#,") and "fuzzy" in line:
            fuzzy = True
        if not line.strip() or line.startswith("#"):
            continue
        word, _space, text = line.partition(" ")
        if line.startswith('"'):
            text = line
        else:
            # A new message begins with its context or, without one, with itself.
            if word == "msgctxt" or (word == "msgid" and (entry.message or entry.translations)):
                close()
            if word in {"msgctxt", "msgid"} and fuzzy:
                entry.fuzzy, fuzzy = True, False
            into = word
        try:
            _add(entry, into, ast.literal_eval(text))
        except (SyntaxError, ValueError, KeyError):
            raise Problem(f"{path}:{number} is not a line of a catalogue: {line!r}") from None
    close()
    return found


def _add(entry: Entry, into: str, text: str) -> None:
    if into == "msgctxt":
        entry.context += text
    elif into == "msgid":
        entry.message += text
    elif into == "msgid_plural":
        entry.plural += text
    elif into.startswith("msgstr"):
        form = int(into[7:-1]) if into.startswith("msgstr[") else 0
        entry.translations[form] = entry.translations.get(form, "") + text
    else:
        raise KeyError(into)
