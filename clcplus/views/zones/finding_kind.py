"""How a kind of finding is put into words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise

Text = str | Promise
Measures = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Kind:
    """Words for the findings of one code."""

    title: Text
    expected: Text
    action: Text
    found: Callable[[Measures], str] | None = None
    """What was found, from measures alone; None where only the engine can say it."""


def always(text: Text) -> Callable[[Measures], str]:
    """What is found, where it is always the same."""
    return lambda measures: str(text)
