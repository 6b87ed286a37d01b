"""How a kind of finding is put into words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from analytics.uploads import Finding

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Kind:
    """Words for the findings of one code."""

    title: Text
    expected: Text
    action: Text
    found: Callable[[Finding], str] | None = None
    """What was found, from measures and names; None where only the engine can say it."""


def always(text: Text) -> Callable[[Finding], str]:
    """What is found, where it is always the same."""
    return lambda finding: str(text)
