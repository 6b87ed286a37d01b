"""What the address of a ranking asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest

from analytics.main_editions import main_edition
from analytics.queries import MEASURES, MEASURES_OF_CHANGE, Measure, lines_of
from analytics.records import Edition
from clcplus import origins
from clcplus.http import parameters
from clcplus.presentation.pages import whole_number

ONLY, TOLD_APART = parameters.ONLY, parameters.TOLD_APART


@dataclass(frozen=True, slots=True)
class Choice:
    """What the address asks for, as far as it can be had."""

    edition: Edition
    earlier: tuple[Edition, ...]
    """Editions that change may be counted from: earlier, of the same product and, unless the
    address asks for others, of the same origin."""
    pair: tuple[Edition, ...]
    line: tuple[Edition, ...]
    """The editions of the same product and origin, where they are enough for flicker."""
    measure: Measure
    lowest_first: bool
    within: tuple[str, str] | None
    people: int | None
    told_apart: bool
    """Whether only what can be told from noise is listed."""
    across: bool
    """Whether the address asks for change across origins."""
    held_back: Edition | None
    """An earlier edition of another origin: the one that the address names, else the newest where
    there is none of the same."""

    @property
    def crosses(self) -> bool:
        """Whether the change that is ranked crosses origins."""
        return bool(self.pair) and self.pair[0].origin != self.pair[1].origin

    @property
    def ranked_line(self) -> tuple[Edition, ...]:
        """The editions whose flicker is ranked; it is read for no other ranking."""
        return self.line if self.measure == "flicker" else ()

    @property
    def order(self) -> str:
        """The order as the address writes it."""
        return self.measure if self.lowest_first else f"-{self.measure}"

    def query(self, **changed: str) -> str:
        """The address of this choice with some of it changed."""
        parts = {"sort": self.order, "edition": self.edition.slug}
        if self.pair:
            parts["from"] = self.pair[0].slug
        if self.within:
            parts["in"] = ":".join(self.within)
        if self.people:
            parts["people"] = str(self.people)
        if self.told_apart:
            parts[ONLY] = TOLD_APART
        if self.across:
            parts[origins.PARAMETER] = origins.ACROSS
        return urlencode(parts | changed)

    @property
    def show_anyway(self) -> str:
        """The query under which change from the edition that is held back is ranked."""
        if self.held_back is None:
            return ""
        crossing = {"from": self.held_back.slug, origins.PARAMETER: origins.ACROSS}
        return f"?{self.query(**crossing)}"

    @property
    def across_off(self) -> str:
        """The query under which no change across origins is ranked."""
        return f"?{urlencode({'sort': '-share', 'edition': self.edition.slug})}"


def choice_of(request: HttpRequest, editions: Sequence[Edition]) -> Choice | None:
    """What the address asks for; the usual for what it does not say, or cannot have."""
    asked = request.GET
    by_slug = {edition.slug: edition for edition in editions}
    edition = by_slug.get(asked.get("edition", "")) or main_edition(editions)
    if edition is None:
        return None
    across = origins.across_asked(request)
    before = [e for e in editions if e.product == edition.product and e.year < edition.year]
    earlier = tuple(e for e in before if origins.may_compare(e, edition, across=across))
    others = [e for e in before if e not in earlier]
    named = by_slug.get(asked.get("from", ""))
    start = named if named in earlier else min(earlier, key=lambda e: e.year, default=None)
    held_back = named if named in others else None
    if held_back is None and others and not earlier:
        held_back = others[-1]
    text = asked.get("sort", "-share")
    bare = text.removeprefix("-")
    measure: Measure = next((m for m in MEASURES if m == bare), "share")
    line = next((tuple(found) for found in lines_of(editions) if edition in found), ())
    if (measure in MEASURES_OF_CHANGE and start is None) or (measure == "flicker" and not line):
        measure = "share"
    level, _colon, code = asked.get("in", "").partition(":")
    return Choice(
        edition=edition,
        earlier=earlier,
        pair=(start, edition) if start else (),
        line=line,
        measure=measure,
        lowest_first=text == measure,
        within=(level, code) if level and code else None,
        people=min(whole_number(asked.get("people", "")[:12]) or 0, 10**9) or None,
        told_apart=asked.get(ONLY) == TOLD_APART,
        across=across,
        held_back=held_back,
    )
