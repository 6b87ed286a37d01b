"""How far a name is from what somebody typed: single letters wrong, missing, doubled or swapped.

Distances are optimal string alignment: the least number of letters put in, left out or replaced and
of neighbours swapped. They are found a column at a time, a bit for each typed letter, and so in
time that grows with the name alone (Hyyrö 2003).
"""

from __future__ import annotations

from collections.abc import Iterator

_WHOLE, _BEGINNING, _OTHER_WORDS, _CUT_OFF = 0.0, 0.3, 0.5, 0.8
"""Added to the distance: to the whole name; to its first words; to words within it; to a part that
ends inside a word, as while somebody is typing. Less than a letter, so that letters come first."""


LOWEST = 0.2
"""Below it a candidate shares next to nothing: names of five letters reach it with one mistake."""


def distances(typed: str, name: str) -> Iterator[int]:
    """Distance of ``typed`` from the first 0, 1, 2 … letters of ``name``."""
    length = len(typed)
    yield length
    if not length:
        yield from range(1, len(name) + 1)
        return
    positions: dict[str, int] = {}
    for at, letter in enumerate(typed):
        positions[letter] = positions.get(letter, 0) | 1 << at
    everywhere, last = (1 << length) - 1, 1 << length - 1
    # Where the distance grows or falls from one typed letter to the next, and where it stays
    # along the diagonal; of the column before, the letters that matched as well: for swaps.
    grows, falls, stays, matched_before = everywhere, 0, 0, 0
    distance = length
    for letter in name:
        matched = positions.get(letter, 0)
        swapped = ((~stays & matched) << 1) & matched_before
        stays = (((matched & grows) + grows) ^ grows) | matched | falls | swapped
        rises = falls | ~(stays | grows)
        sinks = stays & grows
        if rises & last:
            distance += 1
        if sinks & last:
            distance -= 1
        rises, sinks = rises << 1 | 1, sinks << 1
        grows = (sinks | ~(stays | rises)) & everywhere
        falls = rises & stays & everywhere
        matched_before = matched
        yield distance


def tolerated(typed: str) -> int:
    """Letters that may be wrong in what was typed: more in a longer name, none in two letters."""
    letters = len(typed.replace(" ", ""))
    return 0 if letters < 3 else 1 if letters < 6 else 2 if letters < 12 else 3


def farness(typed: str, name: str) -> float:
    """How far ``name`` is from what was typed, where this may name only some of its words.

    Both are search keys. Whole numbers are wrong letters; fractions put the whole name before its
    first words, and these before others.
    """
    best = float(len(typed) + 1)
    start = 0
    while True:
        words = name[start:]
        at_start = start == 0
        for end, distance in enumerate(distances(typed, words)):
            if end == len(words):
                extra = _WHOLE if at_start else _OTHER_WORDS
            elif words[end] == " ":
                extra = _BEGINNING if at_start else _OTHER_WORDS
            else:
                extra = _CUT_OFF
            best = min(best, distance + extra)
        start = name.find(" ", start) + 1
        if not start:
            return best


def trigrams(key: str) -> frozenset[str]:
    """The trigrams of a search key: of each word, with two blanks before it and one after."""
    padded = (f"  {word} " for word in key.split())
    return frozenset(word[at : at + 3] for word in padded for at in range(len(word) - 2))


def similarity_with(key: str, *, spoilt: int) -> float:
    """The similarity of two names as long as ``key`` that differ in ``spoilt`` trigrams each."""
    count = len(trigrams(key))
    # A hair lower, since the database compares in single precision.
    return max(LOWEST, (count - spoilt) / (count + spoilt) - 0.001)
