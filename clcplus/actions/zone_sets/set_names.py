"""Names of sets and files as people give them."""

from __future__ import annotations

LONGEST = 80


def visible(text: str) -> str:
    """A text without signs that no eye can see."""
    return "".join(sign for sign in text if sign.isprintable())


def name_of(text: str) -> str:
    """The name of a set; empty where nothing of it is left."""
    return visible(text).strip()[:LONGEST]
