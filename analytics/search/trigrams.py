"""Trigrams as PostgreSQL's pg_trgm makes them, and how alike a misspelt name still is."""

from __future__ import annotations

LOWEST = 0.2
"""Below it a candidate shares next to nothing: names of five letters reach it with one mistake."""


def trigrams(key: str) -> frozenset[str]:
    """The trigrams of a search key: of each word, with two blanks before it and one after."""
    padded = (f"  {word} " for word in key.split())
    return frozenset(word[at : at + 3] for word in padded for at in range(len(word) - 2))


def similarity_with(key: str, *, spoilt: int) -> float:
    """The similarity of two names as long as ``key`` that differ in ``spoilt`` trigrams each."""
    count = len(trigrams(key))
    # A hair lower, since the database compares in single precision.
    return max(LOWEST, (count - spoilt) / (count + spoilt) - 0.001)
