"""How names are compared in a search: without case, accents, apostrophes, hyphens."""

from __future__ import annotations

import re
import unicodedata

# Letters that Unicode does not take apart into a base letter and a mark.
_WHOLE_LETTERS = str.maketrans(
    {
        "œ": "oe",
        "æ": "ae",
        "ß": "ss",
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ı": "i",
    }
)
_BREAKS = re.compile(r"[\W_]+")


def search_key(text: str) -> str:
    """``text`` as searches compare it: ``Saint-Élie-d'Aubrac`` → ``saint elie d aubrac``."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_WHOLE_LETTERS))
    base = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _BREAKS.sub(" ", base).strip()
