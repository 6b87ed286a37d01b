"""How names are compared in a search: without case, accents, apostrophes, hyphens."""

from __future__ import annotations

import re
import unicodedata

# Letters that Unicode does not take apart into a base letter and a mark.
_WHOLE_LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "ß": "ss", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_BREAKS = re.compile(r"[\W_]+")


def search_key(text: str) -> str:
    """``text`` as searches compare it: ``Saint-Élie-d'Aubrac`` → ``saint elie d aubrac``."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_WHOLE_LETTERS))
    base = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _BREAKS.sub(" ", base).strip()


# What people write short, and registers write out.
_WRITTEN_OUT = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}


def search_keys(text: str) -> tuple[str, ...]:
    """What ``text`` may stand for: its key, and that with ``St`` and ``Ste`` written out."""
    key = search_key(text)
    written_out = " ".join(_WRITTEN_OUT.get(word, word) for word in key.split())
    return (key,) if written_out == key else (key, written_out)


# Registers leave them out as often as people do.
_ARTICLES = frozenset({"le", "la", "les", "l"})


def without_article(key: str) -> str:
    """A key without the article that it begins with; empty where it has none, or little else."""
    first, _blank, rest = key.partition(" ")
    return rest if first in _ARTICLES and len(rest) > 1 else ""
