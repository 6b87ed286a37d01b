"""What a comparison is of: the places and editions that its address names, and their figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from sqlalchemy import Connection

from analytics import indicators
from analytics.figures import Change, Statistics
from analytics.main_editions import main_edition, main_pair
from analytics.queries import change_of, change_of_matrix, populations_of, statistics_of
from analytics.records import Edition, PlacedTerritory
from clcplus.borrowed_accuracy import with_borrowed
from clcplus.origins import ACROSS, PARAMETER, across_asked, may_compare
from clcplus.presentation import sentences
from clcplus.presentation.charts import LineChart, highest_drawn, share_chart
from clcplus.presentation.series import SeriesFigures, series_of

MOST = 6
LONGEST = 100
"""Characters of what an address may name."""
_CHART = 170

Place = tuple[str, str]
Pair = tuple[Edition, Edition]


@dataclass(frozen=True, slots=True)
class Choice:
    """The edition whose figures are compared, and the two whose change is."""

    edition: Edition | None
    pair: Pair | None
    asked: tuple[tuple[str, str], ...]
    """What of it the address names, as it names it; the rest follows the newest data."""
    refused: tuple[str, ...]
    """What the address asks for that cannot be had, in sentences."""
    held_back: Pair | None
    """The pair that it names and that crosses origins without being asked for as such."""

    @property
    def crosses(self) -> bool:
        """Whether the change that is compared crosses origins."""
        return self.pair is not None and self.pair[0].origin != self.pair[1].origin

    @property
    def asked_edition(self) -> list[tuple[str, str]]:
        """What the address names, without the editions of the change."""
        return [item for item in self.asked if item[0] == "edition"]


@dataclass(frozen=True, slots=True)
class Column:
    """A territory of the comparison with its figures."""

    place: PlacedTerritory
    area_km2: float
    figures: tuple[Statistics, ...]
    latest: Statistics
    pending: tuple[int, ...]
    """Ids of editions in which a custom zone is still to be counted; their figures are empty."""
    change: Change | None
    inhabitants: int | None
    year: int | None
    per_inhabitant: float | None
    chart: LineChart | None
    series: SeriesFigures | None
    """The share of the cells that all editions have observed, which the chart shows."""
    about_series: str
    without: str
    """The address of the comparison without this one."""


def address(places: Sequence[Place], asked: Sequence[tuple[str, str]] = ()) -> str:
    """The address of a comparison; ``asked`` are the editions that it names."""
    path = reverse("compare")
    query = urlencode([*(("t", f"{level}:{code}") for level, code in places), *asked], safe=":")
    return f"{path}?{query}" if query else path


def asked_places(request: HttpRequest) -> list[Place]:
    """The places that the address names, each once, in its order."""
    found: dict[Place, None] = {}
    for text in request.GET.getlist("t"):
        level, _colon, code = text.strip()[:LONGEST].partition(":")
        if level or code:
            found[level, code] = None
    return list(found)


def choice_of(request: HttpRequest, editions: Sequence[Edition]) -> Choice:
    """The editions that the address asks for, else the usual ones."""
    by_slug = {edition.slug: edition for edition in editions}
    edition, pair = main_edition(editions), main_pair(editions)
    asked: list[tuple[str, str]] = []
    wanted = {
        name: text[:LONGEST]
        for name in ("edition", "from", "to")
        if (text := request.GET.get(name, ""))
    }
    refused = [
        _("There is no published edition “%(name)s”.") % {"name": text}
        for text in wanted.values()
        if text not in by_slug
    ]
    if found := by_slug.get(wanted.get("edition", "")):
        edition = found
        asked.append(("edition", found.slug))
    across, held_back = across_asked(request), None
    named = "from" in wanted or "to" in wanted
    if pair is not None and named and not refused:
        earlier = by_slug.get(wanted.get("from", ""), pair[0])
        later = by_slug.get(wanted.get("to", ""), pair[1])
        if not may_compare(earlier, later, across=across) and earlier.year < later.year:
            held_back = earlier, later
        elif earlier.product == later.product and earlier.year < later.year:
            pair = earlier, later
            asked += [("from", earlier.slug), ("to", later.slug)]
        else:
            refused.append(
                _("Change is counted from an earlier to a later edition, not from %(a)s to %(b)s.")
                % {"a": earlier.year, "b": later.year}
            )
    if across:
        asked.append((PARAMETER, ACROSS))
    return Choice(edition, pair, tuple(asked), tuple(refused), held_back)


def columns_of(
    connection: Connection,
    places: Sequence[PlacedTerritory],
    choice: Choice,
    editions: Sequence[Edition],
) -> list[Column]:
    """The columns, in the order of ``places``, each with every edition. Four statements."""
    edition, pair = choice.edition, choice.pair
    if edition is None or not places:
        return []
    ids = [place.link.id for place in places]
    counts = statistics_of(connection, ids=ids)
    people = populations_of(connection, ids=ids)
    changes = change_of(connection, ids=ids, earlier=pair[0].id, later=pair[1].id) if pair else {}
    series = series_of(connection, zone_ids=ids, editions=editions)
    known = {
        id: {item.edition.id: with_borrowed(item) for item in counts.get(id, ())} for id in ids
    }
    figures = {
        place.link.id: [
            known[place.link.id].get(e.id)
            or Statistics(edition=e, sealed=None, observed=0, not_observed=place.cells)
            for e in editions
        ]
        for place in places
    }
    # Every chart is drawn to the scale of the highest.
    highest = max(highest_drawn(figures[id], series[id]) for id in ids)
    keys = [(place.link.level, place.link.code) for place in places]
    made = []
    for id, place, key in zip(ids, places, keys, strict=True):
        own, alike = figures[id], series[id]
        latest = next(item for item in own if item.edition.id == edition.id)
        if alike is not None:
            latest = replace(latest, flicker=alike.flicker)
        per_inhabitant = latest.per_inhabitant(people.get(id, {}))
        made.append(
            Column(
                place=place,
                area_km2=indicators.square_kilometres(place.cells),
                figures=tuple(own),
                latest=latest,
                pending=tuple(e.id for e in editions if e.id not in known[id]),
                # Empty for a custom zone that is still to be counted: the columns have to meet.
                change=(changes.get(id) or change_of_matrix(*pair, None)) if pair else None,
                inhabitants=per_inhabitant.inhabitants if per_inhabitant else None,
                year=per_inhabitant.year if per_inhabitant else None,
                per_inhabitant=per_inhabitant.square_metres if per_inhabitant else None,
                chart=share_chart(own, alike, height=_CHART, highest=highest),
                series=alike,
                about_series=sentences.about_series(alike, cells=place.cells) if alike else "",
                without=address([other for other in keys if other != key], choice.asked),
            )
        )
    return made
