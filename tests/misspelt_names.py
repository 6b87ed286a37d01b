"""Names as people misspell them: mutations that are the same in each run."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Iterable

Mutation = Callable[[str, random.Random], str]

_ARTICLE = re.compile(r"^((les?|la|aux?)[ -]|l['’])", re.IGNORECASE)
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def _letters(name: str) -> list[int]:
    return [at for at, sign in enumerate(name) if sign.isalpha()]


def _left_out(name: str, chance: random.Random) -> str:
    at = chance.choice(_letters(name))
    return name[:at] + name[at + 1 :]


def _doubled(name: str, chance: random.Random) -> str:
    at = chance.choice(_letters(name))
    return name[:at] + name[at] + name[at:]


def _replaced(name: str, chance: random.Random) -> str:
    at = chance.choice(_letters(name))
    other = chance.choice([letter for letter in _ALPHABET if letter != name[at].lower()])
    return name[:at] + other + name[at + 1 :]


def _swapped(name: str, chance: random.Random) -> str:
    pairs = [
        at
        for at in range(len(name) - 1)
        if name[at : at + 2].isalpha() and name[at].lower() != name[at + 1].lower()
    ]
    if not pairs:
        return name
    at = chance.choice(pairs)
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def _plain(name: str, chance: random.Random) -> str:
    """Without accents, hyphens and apostrophes."""
    base = "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))
    return re.sub(r"[-'’]", " ", base).lower()


def _without_article(name: str, chance: random.Random) -> str:
    return _ARTICLE.sub("", name)


def _with_article(name: str, chance: random.Random) -> str:
    """``Le Havre`` where the register has ``Havre``."""
    return name if _ARTICLE.match(name) else f"{chance.choice(('Le', 'La', 'Les'))} {name}"


def _shortened(name: str, chance: random.Random) -> str:
    """``St`` for ``Saint``."""
    return re.sub(r"\bSaint(e?)\b", r"St\1", name)


ONE_LETTER: dict[str, Mutation] = {
    "left out": _left_out,
    "doubled": _doubled,
    "swapped": _swapped,
    "replaced": _replaced,
}
HABITS: dict[str, Mutation] = {
    "plain": _plain,
    "without its article": _without_article,
    "with an article": _with_article,
    "St for Saint": _shortened,
}


def long_enough(names: Iterable[str], *, letters: int = 6) -> list[str]:
    """Names of at least so many letters, each once, in order."""
    return sorted({name for name in names if len(_letters(name)) >= letters})


def misspelt(
    names: Iterable[str], mutation: Mutation, *, times: int = 1, seed: int = 1
) -> list[tuple[str, str]]:
    """Pairs of what is typed and what is meant; no name that a mutation leaves as it is."""
    chance = random.Random(seed)
    pairs = []
    for name in names:
        typed = name
        for _ in range(times):
            typed = mutation(typed, chance)
        if typed != name:
            pairs.append((typed, name))
    return pairs
