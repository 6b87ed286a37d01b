"""Change across origins, such as from an official edition to a modelled one.

Only readers who ask for it see it: a model and a map err in different ways, and most of what
differs between them is that.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

from django.http import HttpRequest

from analytics.records import Edition

PARAMETER = "across"
ACROSS = "origins"
"""``?across=origins`` asks for it."""


class OfPair(Protocol):
    """What has an earlier and a later edition."""

    @property
    def across_origins(self) -> bool: ...


Changes = TypeVar("Changes", bound=OfPair)


def across_asked(request: HttpRequest) -> bool:
    """Whether a page's address asks for change across origins."""
    return request.GET.get(PARAMETER) == ACROSS


def may_compare(earlier: Edition, later: Edition, *, across: bool) -> bool:
    """Whether change between two editions may be shown."""
    return across or earlier.origin == later.origin


def pairs(
    editions: Sequence[Edition], *, across: bool = False
) -> Iterator[tuple[Edition, Edition]]:
    """Each edition with each later one of its product whose change may be shown."""
    for earlier, later in itertools.product(editions, repeat=2):
        fit = earlier.product == later.product and earlier.year < later.year
        if fit and may_compare(earlier, later, across=across):
            yield earlier, later


def shown(changes: Iterable[Changes], *, across: bool) -> list[Changes]:
    """Those changes that may be shown."""
    return [change for change in changes if across or not change.across_origins]
