"""Ranking of a level by a figure, with ties where figures cannot be told apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from sqlalchemy import Connection

from analytics import queries
from analytics.arrays import Float64Array
from analytics.estimation import accuracy_of
from analytics.figures import BASES, Basis
from analytics.queries import (
    MEASURES,
    MEASURES_OF_CHANGE,
    Measure,
    Standing,
    ids_below,
    links_of_levels,
    placed_territories,
)
from analytics.records import TerritoryLink
from clcplus.models.zone_set import SLUG_PREFIX
from clcplus.presentation.certainty import BASIS_WORDS
from clcplus.presentation.pages import page_of
from clcplus.presentation.sort_headings import orders_of
from clcplus.snapshots import Snapshot
from clcplus.views.published import published_page
from clcplus.views.rankings.choice import Choice, choice_of
from clcplus.views.rankings.standings import standings

PAGE_SIZE = 50
_MOST_PARENTS = 400
_MAP_LAYERS: dict[Measure, str] = {
    "share": "share",
    "sealed": "share",
    "person": "per_inhabitant",
    "flicker": "flicker_rate",
    "gain": "change",
    "net": "change",
    "estimate": "change",
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
    share_low: float | None
    """Lower end of the 95 % interval of the true share; None where there is none."""
    share_high: float | None
    share_basis: Basis | None
    """Where that interval comes from."""
    share_method: str | None
    """Name of its estimator."""
    sealed_ha: float | None
    per_inhabitant: float | None
    inhabitants: int | None
    flicker: float | None
    """Per cent of the cells ever sealed; None where it was not asked for."""
    gain_ha: float | None
    net_ha: float | None
    estimate_ha: float | None
    """Net change by a reference sample."""
    estimate_low_ha: float | None
    estimate_high_ha: float | None
    gain_noise: bool
    net_noise: bool
    estimate_noise: bool
    """Whether its interval holds 0."""
    bar: float | None


def _labels(*, people: bool, flicker: bool, estimates: bool) -> dict[Measure, str]:
    labels: dict[Measure, str] = {
        "share": pgettext("column: sealed share", "Sealed"),
        "sealed": _("Sealed area"),
    }
    if people:
        labels["person"] = _("m² per inhabitant")
    if flicker:
        labels["flicker"] = _("Flicker rate")
    labels |= {"gain": _("Gain"), "net": _("Net change")}
    if estimates:
        labels["estimate"] = _("Net change, reference sample")
    return labels


def listed(connection: Connection, standing: Standing, choice: Choice) -> Any:
    """Numbers of the rows that the filters keep, in their order."""
    table = standing.table
    kept = np.ones(len(table.ids), dtype=bool)
    if choice.within is not None:
        inside = ids_below(connection, *choice.within)
        kept &= np.isin(table.ids, np.array(inside, dtype=np.int64))
    if choice.people is not None:
        kept &= table.inhabitants >= choice.people
    if choice.told_apart:
        kept &= standing.told_apart(choice.measure)
    order = standing.order(choice.measure, lowest_first=choice.lowest_first)
    return order[kept[order]]


def ranked_rows(
    connection: Connection, standing: Standing, by: Measure, rows: Any
) -> list[RankedRow]:
    """Rows as they are shown, given by their numbers in the table."""
    table, ranks = standing.table, standing.ranks(by)
    measures = {m: standing.figures(m) for m in MEASURES}
    intervals = standing.share_intervals
    places = placed_territories(connection, ids=[int(table.ids[row]) for row in rows])

    def value(measure: Measure, row: int) -> float | None:
        found = float(measures[measure].values[row])
        return None if np.isnan(found) else found

    def end(ends: Float64Array, row: int) -> float | None:
        return None if np.isnan(ends[row]) else float(ends[row])

    def noise(measure: Measure, row: int) -> bool:
        return not measures[measure].outside[row]

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
                share_low=end(intervals.low, row),
                share_high=end(intervals.high, row),
                share_basis=intervals.basis[row],
                share_method=intervals.method[row],
                sealed_ha=value("sealed", row),
                per_inhabitant=value("person", row),
                inhabitants=None if np.isnan(people) else int(people),
                flicker=value("flicker", row),
                gain_ha=value("gain", row),
                net_ha=value("net", row),
                estimate_ha=value("estimate", row),
                estimate_low_ha=end(measures["estimate"].low, row),
                estimate_high_ha=end(measures["estimate"].high, row),
                gain_noise=noise("gain", row),
                net_noise=noise("net", row),
                estimate_noise=noise("estimate", row),
                bar=None if share is None else round(share / longest * 100, 1) if longest else 0,
            )
        )
    return made


@dataclass(frozen=True, slots=True)
class ToldBy:
    """How many territories reach as far as one kind of interval in a ranking by sealed ground."""

    words: str
    """Where the interval comes from."""
    territories: int


def told_by(standing: Standing, measure: Measure) -> list[ToldBy]:
    """What the ranks by a measure rest on, the most trusted first; nothing where the stress test
    alone tells them, and for measures that no interval of the share tells."""
    counts = standing.told_by(measure)
    if not any(counts[basis] for basis in counts if basis is not None):
        return []
    words: dict[Basis | None, str] = {basis: str(BASIS_WORDS[basis]) for basis in BASES}
    words[None] = _("the stress test: there is no interval")
    return [ToldBy(words[basis], counts[basis]) for basis in (*BASES, None) if counts.get(basis)]


@published_page
def ranking_start(request: HttpRequest, snapshot: Snapshot) -> HttpResponse:
    """Lead to the ranking of the lowest level."""
    levels = queries.levels(snapshot.connection)
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
    found = next((item for item in levels if item.slug == level), None)
    if custom:
        found = queries.level(connection, slug=level)
    if found is None:
        raise Http404
    editions = queries.editions(connection)
    choice = choice_of(request, editions)
    context: dict[str, Any] = {"section": "ranking", "level": found, "levels": levels}
    if choice is None:
        return render(request, "ranking.html", context)
    standing = standings.standing(
        snapshot,
        level=level,
        edition=choice.edition,
        pair=choice.pair,
        line=choice.ranked_line,
    )
    ranks = standing.ranks(choice.measure)
    chosen = listed(connection, standing, choice)
    page = page_of(request.GET.get("page", ""), len(chosen), PAGE_SIZE)
    known = int(np.sum(np.isfinite(standing.figures(choice.measure).values)))
    # Territories that a ranking may be kept to: of higher levels that have not too many.
    above = [item for item in levels if item.rank < found.rank and item.zones <= _MOST_PARENTS]
    links = links_of_levels(connection, levels=[item.slug for item in above]) if above else []
    estimates = bool(np.isfinite(standing.table.net_estimate).any())
    labels = _labels(people=not found.custom, flicker=bool(choice.line), estimates=estimates)
    orders = orders_of(
        [(m, label, m not in {choice.measure, "share"}) for m, label in labels.items()],
        choice.order,
        sortable=[m for m in labels if choice.pair or m not in MEASURES_OF_CHANGE],
        query=lambda order: choice.query(sort=order),
    )
    # Flicker is read where it is ranked; elsewhere the choice of orders alone leads to it.
    orders["headings"] = [
        heading
        for heading in orders["headings"]
        if heading.key != "flicker" or choice.measure == "flicker"
    ]
    year, _accuracy, stand_in = accuracy_of(choice.edition)
    context |= {
        "choice": choice,
        "edition": choice.edition,
        "editions": list(reversed(editions)),
        **orders,
        "rows": ranked_rows(connection, standing, choice.measure, chosen[page.rows]),
        "show_anyway": choice.show_anyway,
        "across_off": choice.across_off,
        "of_change": choice.measure in MEASURES_OF_CHANGE,
        "told_by": told_by(standing, choice.measure),
        "line_years": ", ".join(str(item.year) for item in choice.line),
        "map_layer": _MAP_LAYERS[choice.measure],
        "ranked": int(ranks.ranked),
        "in_noise": int(known - ranks.ranked),
        "total": len(chosen),
        "parents": [(item, [k for k in links if k.level == item.slug]) for item in above],
        "within": ":".join(choice.within) if choice.within else "",
        "accuracy_year": year,
        "stand_in": stand_in,
        "page": page.number,
        "pages": page.last,
        "before": choice.query(page=str(page.before)) if page.before else None,
        "after": choice.query(page=str(page.after)) if page.after else None,
    }
    return render(request, "ranking.html", context)
