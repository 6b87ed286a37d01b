"""Ranking of a level by a figure, with ties where figures cannot be told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import numpy as np
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from sqlalchemy import Connection

from analytics import queries
from analytics.estimation import accuracy_of
from analytics.main_editions import main_edition
from analytics.queries import (
    MEASURES,
    MEASURES_OF_CHANGE,
    LevelTable,
    Measure,
    Standing,
    ids_below,
    links_of_levels,
    placed_territories,
)
from analytics.records import Edition, Level, TerritoryLink
from clcplus import origins
from clcplus.models.zone_set import SLUG_PREFIX
from clcplus.presentation.sort_headings import Heading, SortChoice, heading, sort_choices
from clcplus.snapshots import Snapshot
from clcplus.views.published import published_page
from clcplus.views.standings import standings

PAGE_SIZE = 50
_MOST_PARENTS = 400
_MAP_LAYERS: dict[Measure, str] = {
    "share": "share",
    "sealed": "share",
    "person": "per_inhabitant",
    "gain": "change",
    "net": "change",
}
"""What the map is to show of a territory that was listed by a measure."""


@dataclass(frozen=True, slots=True)
class RankedRow:
    """A territory in the ranking."""

    link: TerritoryLink
    parent_name: str | None
    first: int
    last: int
    not_observed_share: float
    """Of the whole territory; 1 where nothing is observed."""
    partly: bool
    """Whether another edition has observed clearly more of it."""
    group: str
    """``ranked``, ``noise`` or ``unknown``; rows of a group stand together."""
    share: float | None
    sealed_ha: float | None
    per_inhabitant: float | None
    inhabitants: int | None
    gain_ha: float | None
    net_ha: float | None
    gain_noise: bool
    net_noise: bool
    bar: float | None


@dataclass(frozen=True, slots=True)
class Choice:
    """What the address asks for, as far as it can be had."""

    edition: Edition
    earlier: tuple[Edition, ...]
    """Editions that change may be counted from: earlier, of the same product and, unless the
    address asks for others, of the same origin."""
    pair: tuple[Edition, ...]
    measure: Measure
    lowest_first: bool
    within: tuple[str, str] | None
    people: int | None
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
        if self.across:
            parts[origins.PARAMETER] = origins.ACROSS
        return urlencode(parts | changed)


def _whole(text: str | None, most: int) -> int | None:
    return min(int(text), most) if text and text.isascii() and text.isdecimal() else None


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
    held_back = _held_back(asked.get("from"), before=before, earlier=earlier)
    start = next((e for e in earlier if e.slug == asked.get("from")), None)
    if start is None and earlier:
        start = min(earlier, key=lambda e: e.year)
    text = asked.get("sort", "-share")
    bare = text.removeprefix("-")
    measure: Measure = next((m for m in MEASURES if m == bare), "share")
    if measure in MEASURES_OF_CHANGE and start is None:
        measure = "share"
    level, _colon, code = asked.get("in", "").partition(":")
    return Choice(
        edition=edition,
        earlier=earlier,
        pair=(start, edition) if start else (),
        measure=measure,
        lowest_first=text == measure,
        within=(level, code) if level and code else None,
        people=_whole(asked.get("people", "")[:12], 10**9) or None,
        across=across,
        held_back=held_back,
    )


def _held_back(
    wanted: str | None, *, before: Sequence[Edition], earlier: Sequence[Edition]
) -> Edition | None:
    others = [edition for edition in before if edition not in earlier]
    named = next((edition for edition in others if edition.slug == wanted), None)
    return named or (others[-1] if others and not earlier else None)


def _show_anyway(choice: Choice) -> str:
    """The query under which change from the edition that is held back is ranked."""
    if choice.held_back is None:
        return ""
    crossing = {"from": choice.held_back.slug, origins.PARAMETER: origins.ACROSS}
    return f"?{choice.query(**crossing)}"


def _across_off(choice: Choice) -> str:
    """The query under which no change across origins is ranked."""
    return f"?{urlencode({'sort': '-share', 'edition': choice.edition.slug})}"


def _labels(*, people: bool) -> dict[Measure, str]:
    """Names of the measures; those of inhabitants where these can be known."""
    labels: dict[Measure, str] = {
        "share": pgettext("column: sealed share", "Sealed"),
        "sealed": _("Sealed area"),
    }
    if people:
        labels["person"] = _("m² per inhabitant")
    return labels | {"gain": _("Gain"), "net": _("Net change")}


def _sorts(choice: Choice, *, people: bool) -> list[SortChoice]:
    """The orders that a ranking can be had in."""
    labels = _labels(people=people).items()
    can = ((m, label) for m, label in labels if choice.pair or m not in MEASURES_OF_CHANGE)
    return sort_choices(can, choice.order)


def _headings(choice: Choice, *, people: bool) -> list[Heading]:
    """Headings of the measures."""

    def query(order: str) -> str:
        return choice.query(sort=order)

    return [
        heading(
            measure,
            label,
            order=choice.order,
            optional=measure not in {choice.measure, "share"},
            query=query if choice.pair or measure not in MEASURES_OF_CHANGE else None,
        )
        for measure, label in _labels(people=people).items()
    ]


def _parents(
    connection: Connection, levels: Sequence[Level], level: Level
) -> list[tuple[Level, list[TerritoryLink]]]:
    """Territories that a ranking may be kept to: of higher levels that have not too many."""
    above = [item for item in levels if item.rank < level.rank and item.zones <= _MOST_PARENTS]
    if not above:
        return []
    links = links_of_levels(connection, levels=[item.slug for item in above])
    return [(item, [link for link in links if link.level == item.slug]) for item in above]


def _kept(connection: Connection, table: LevelTable, choice: Choice) -> Any:
    """Which rows of the table the filters keep."""
    kept = np.ones(len(table.ids), dtype=bool)
    if choice.within is not None:
        inside = ids_below(connection, *choice.within)
        kept &= np.isin(table.ids, np.array(inside, dtype=np.int64))
    if choice.people is not None:
        kept &= table.inhabitants >= choice.people
    return kept


def listed(connection: Connection, standing: Standing, choice: Choice) -> Any:
    """Numbers of the rows that the filters keep, in their order."""
    order = standing.order(choice.measure, lowest_first=choice.lowest_first)
    return order[_kept(connection, standing.table, choice)[order]]


def ranked_rows(
    connection: Connection, standing: Standing, by: Measure, rows: Any
) -> list[RankedRow]:
    """Rows as they are shown, given by their numbers in the table."""
    table, ranks = standing.table, standing.ranks(by)
    measures = {m: standing.figures(m) for m in MEASURES}
    places = placed_territories(connection, ids=[int(table.ids[row]) for row in rows])

    def value(measure: Measure, row: int) -> float | None:
        found = float(measures[measure].values[row])
        return None if np.isnan(found) else found

    def noise(measure: Measure, row: int) -> bool:
        found = measures[measure]
        return not abs(found.values[row]) > found.noise[row]

    shares = [value("share", row) for row in rows]
    longest = max((share for share in shares if share is not None), default=0.0)
    missing = table.not_observed[rows] / (table.observed[rows] + table.not_observed[rows])
    made = []
    for row, share, unseen in zip(rows, shares, missing, strict=True):
        place, people = places[int(table.ids[row])], table.inhabitants[row]
        unranked = "unknown" if value(by, row) is None else "noise"
        made.append(
            RankedRow(
                link=place.link,
                parent_name=place.parent_name,
                first=int(ranks.first[row]),
                last=int(ranks.last[row]),
                not_observed_share=1.0 if np.isnan(unseen) else float(unseen),
                partly=table.is_partly_observed(int(row)),
                group="ranked" if ranks.first[row] else unranked,
                share=share,
                sealed_ha=value("sealed", row),
                per_inhabitant=value("person", row),
                inhabitants=None if np.isnan(people) else int(people),
                gain_ha=value("gain", row),
                net_ha=value("net", row),
                gain_noise=noise("gain", row),
                net_noise=noise("net", row),
                bar=None if share is None else round(share / longest * 100, 1) if longest else 0,
            )
        )
    return made


@published_page
def ranking_start(request: HttpRequest, snapshot: Snapshot) -> HttpResponse:
    """Lead to the ranking of the lowest level."""
    connection = snapshot.connection
    levels = queries.levels(connection)
    if not levels:
        return render(request, "ranking.html", {"section": "ranking"})
    return redirect("ranking", levels[-1].slug)


@published_page
def ranking(request: HttpRequest, snapshot: Snapshot, level: str) -> HttpResponse:
    """The ranking of a level."""
    connection = snapshot.connection
    # A set of zones stands for itself: it is below no level and above none.
    custom = level.startswith(SLUG_PREFIX)
    levels = [] if custom else queries.levels(connection)
    found = (
        queries.level(connection, slug=level)
        if custom
        else next((item for item in levels if item.slug == level), None)
    )
    if found is None:
        raise Http404
    editions = queries.editions(connection)
    choice = choice_of(request, editions)
    context: dict[str, Any] = {"section": "ranking", "level": found, "levels": levels}
    if choice is None:
        return render(request, "ranking.html", context)
    standing = standings.standing(snapshot, level=level, edition=choice.edition, pair=choice.pair)
    ranks = standing.ranks(choice.measure)
    chosen = listed(connection, standing, choice)
    last = max(1, -(-len(chosen) // PAGE_SIZE))
    number = min(max(_whole(request.GET.get("page", "")[:9], last) or 1, 1), last)
    rows = chosen[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    known = int(np.sum(np.isfinite(standing.figures(choice.measure).values)))
    parents = _parents(connection, levels, found)
    year, _accuracy, stand_in = accuracy_of(choice.edition)
    context |= {
        "choice": choice,
        "edition": choice.edition,
        "editions": list(reversed(editions)),
        "headings": _headings(choice, people=not found.custom),
        "sorts": _sorts(choice, people=not found.custom),
        "rows": ranked_rows(connection, standing, choice.measure, rows),
        "show_anyway": _show_anyway(choice),
        "across_off": _across_off(choice),
        "of_change": choice.measure in MEASURES_OF_CHANGE,
        "map_layer": _MAP_LAYERS[choice.measure],
        "ranked": int(ranks.ranked),
        "in_noise": int(known - ranks.ranked),
        "total": len(chosen),
        "parents": parents,
        "within": ":".join(choice.within) if choice.within else "",
        "within_link": next(
            (k for _l, ks in parents for k in ks if (k.level, k.code) == choice.within), None
        ),
        "accuracy_year": year,
        "stand_in": stand_in,
        "page": number,
        "pages": last,
        "before": choice.query(page=str(number - 1)) if number > 1 else None,
        "after": choice.query(page=str(number + 1)) if number < last else None,
    }
    return render(request, "ranking.html", context)
