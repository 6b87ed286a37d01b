"""What of a page's change crosses origins: held back with the way to it, or shown and warned of."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from analytics.figures import Change
from analytics.main_editions import main_pair
from analytics.records import Edition
from clcplus import origins


@dataclass(frozen=True, slots=True)
class Gate:
    """The changes of a page, as its address asks for them."""

    across: bool
    changes: list[Change]
    change: Change | None
    """The one that the page is about: the pair that the address names, else the main pair."""
    held_back: Change | None
    """The change across origins that the page offers instead of showing it."""

    @property
    def query(self) -> str:
        """What the page's links to change carry on, after what they say themselves."""
        return f"&{origins.PARAMETER}={origins.ACROSS}" if self.across else ""


def gate(request: HttpRequest, changes: Sequence[Change], editions: Sequence[Edition]) -> Gate:
    """Let through what the address asks for; hold back of the rest the pair that it names, or the
    newest."""
    across = origins.across_asked(request)
    shown = origins.shown(changes, across=across)
    hidden = [change for change in changes if change.across_origins and not across]
    wanted = request.GET.get("from"), request.GET.get("to")
    named = (c for c in hidden if (c.earlier.slug, c.later.slug) == wanted)
    held_back = next(named, hidden[-1] if hidden else None)
    by_pair = {(change.earlier.slug, change.later.slug): change for change in shown}
    pair = main_pair(editions)
    usual = by_pair.get((pair[0].slug, pair[1].slug)) if pair else None
    change = next((c for slugs, c in by_pair.items() if slugs == wanted), usual)
    return Gate(across=across, changes=shown, change=change, held_back=held_back)


def map_offer(request: HttpRequest, editions: Sequence[Edition]) -> str:
    """The query under which the map compares editions of different origin too; empty where it does
    already, and where there are none."""
    crossing = any(
        a.product == b.product and a.year != b.year and a.origin != b.origin
        for a, b in itertools.combinations(editions, 2)
    )
    if not crossing or origins.across_asked(request):
        return ""
    query = request.GET.copy()
    query[origins.PARAMETER] = origins.ACROSS
    return query.urlencode(safe=":,")
