"""Up to six territories side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from sqlalchemy import Connection

from analytics import indicators, queries
from analytics.estimation import accuracy_of, noise_alone
from analytics.figures import Change, Statistics
from analytics.main_editions import main_edition, main_pair
from analytics.queries import (
    change_of,
    change_of_matrix,
    populations_of,
    statistics_of,
    territories_by_code,
)
from analytics.records import Edition, PlacedTerritory, TerritorySummary
from clcplus import site_address
from clcplus.origins import ACROSS, PARAMETER, across_asked, may_compare
from clcplus.presentation import sentences
from clcplus.presentation.charts import LineChart
from clcplus.presentation.indicators import compared_changes, compared_statistics
from clcplus.presentation.numbers import percent
from clcplus.presentation.series import SeriesFigures, series_of
from clcplus.presentation.share_chart import highest_drawn, share_chart
from clcplus.snapshots import Snapshot
from clcplus.views.published import published_page

MOST = 6
_CHART = 170
_OFFERED = 12
_LONGEST = 100

Place = tuple[str, str]


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


@dataclass(frozen=True, slots=True)
class Choice:
    """The edition whose figures are compared, and the two whose change is."""

    edition: Edition | None
    pair: tuple[Edition, Edition] | None
    asked: tuple[tuple[str, str], ...]
    """What of it the address names, as it names it; the rest follows the newest data."""
    refused: tuple[str, ...]
    """What the address asks for that cannot be had, in sentences."""
    held_back: tuple[Edition, Edition] | None = None
    """The pair that it names and that crosses origins without being asked for as such."""

    @property
    def crosses(self) -> bool:
        """Whether the change that is compared crosses origins."""
        return self.pair is not None and self.pair[0].origin != self.pair[1].origin


def address(places: Sequence[Place], asked: Sequence[tuple[str, str]] = ()) -> str:
    """The address of a comparison; ``asked`` are the editions that it names."""
    path = reverse("compare")
    query = urlencode([*(("t", f"{level}:{code}") for level, code in places), *asked], safe=":")
    return f"{path}?{query}" if query else path


def choice_of(request: HttpRequest, editions: Sequence[Edition]) -> Choice:
    """The editions that the address asks for, else the usual ones."""
    by_slug = {edition.slug: edition for edition in editions}
    edition, pair = main_edition(editions), main_pair(editions)
    asked: list[tuple[str, str]] = []
    refused = []
    wanted = {
        name: text[:_LONGEST]
        for name in ("edition", "from", "to")
        if (text := request.GET.get(name, ""))
    }
    for text in wanted.values():
        if text not in by_slug:
            refused.append(_("There is no published edition “%(name)s”.") % {"name": text})
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
    return Choice(
        edition=edition,
        pair=pair,
        asked=tuple(asked),
        refused=tuple(refused),
        held_back=held_back,
    )


def _files(places: Sequence[Place], choice: Choice) -> list[tuple[str, str]]:
    """Labels and addresses of the comparison as files."""
    query = address(places, choice.asked).partition("?")[2]
    tables = {name: reverse("compare_table", args=(name,)) for name in ("csv", "xlsx", "json")}
    return [
        ("CSV", f"{tables['csv']}?{query}"),
        (_("CSV for Excel"), f"{tables['csv']}?{query}&dialect=spreadsheet"),
        ("XLSX", f"{tables['xlsx']}?{query}"),
        ("JSON", f"{tables['json']}?{query}"),
    ]


def _show_anyway(places: Sequence[Place], choice: Choice) -> str:
    """The address under which the pair that is held back is shown."""
    if choice.held_back is None:
        return ""
    earlier, later = choice.held_back
    kept = [item for item in choice.asked if item[0] == "edition"]
    pair = [("from", earlier.slug), ("to", later.slug), (PARAMETER, ACROSS)]
    return address(places, [*kept, *pair])


def _under_the_swipe(places: Sequence[Place], choice: Choice) -> str:
    """The map with both editions of the change under its divider, at these places."""
    if choice.pair is None:
        return ""
    earlier, later = choice.pair
    query = {
        "layer": "swipe",
        "from": earlier.slug,
        "to": later.slug,
        "place": ",".join(f"{level}:{code}" for level, code in places),
    }
    if earlier.origin != later.origin:
        query[PARAMETER] = ACROSS
    return f"{reverse('home')}?{urlencode(query, safe=':,')}"


def asked_places(request: HttpRequest) -> list[Place]:
    """The places that the address names, each once, in its order."""
    found: dict[Place, None] = {}
    for text in request.GET.getlist("t"):
        level, _colon, code = text.strip()[:_LONGEST].partition(":")
        if level or code:
            found[level, code] = None
    return list(found)


def _figures(
    places: Sequence[PlacedTerritory],
    counts: Mapping[int, Sequence[Statistics]],
    editions: Sequence[Edition],
) -> tuple[dict[int, list[Statistics]], dict[int, tuple[int, ...]]]:
    """Figures of every edition by zone, so that columns of a table meet, and which are to come."""
    figures, pending = {}, {}
    for place in places:
        known = {item.edition.id: item for item in counts.get(place.link.id, ())}
        pending[place.link.id] = tuple(e.id for e in editions if e.id not in known)
        figures[place.link.id] = [
            known.get(e.id)
            or Statistics(edition=e, sealed=None, observed=0, not_observed=place.cells)
            for e in editions
        ]
    return figures, pending


def columns_of(
    connection: Connection,
    places: Sequence[PlacedTerritory],
    choice: Choice,
    editions: Sequence[Edition],
) -> list[Column]:
    """The columns, in the order of ``places``. Four statements."""
    edition, pair = choice.edition, choice.pair
    if edition is None or not places:
        return []
    ids = [place.link.id for place in places]
    counts = statistics_of(connection, ids=ids)
    people = populations_of(connection, ids=ids)
    changes = change_of(connection, ids=ids, earlier=pair[0].id, later=pair[1].id) if pair else {}
    figures, pending = _figures(places, counts, editions)
    series = series_of(connection, zone_ids=ids, editions=editions)
    # Every chart is drawn to the scale of the highest.
    highest = max(highest_drawn(figures[zone_id], series[zone_id]) for zone_id in ids)
    keys = [(place.link.level, place.link.code) for place in places]
    made = []
    for place, key in zip(places, keys, strict=True):
        own, alike = figures[place.link.id], series[place.link.id]
        latest = next(item for item in own if item.edition.id == edition.id)
        people_of = latest.per_inhabitant(people.get(place.link.id, {}))
        change = None
        if pair is not None:
            # Empty for a custom zone that is still to be counted: the columns have to meet.
            change = changes.get(place.link.id) or change_of_matrix(*pair, None)
        made.append(
            Column(
                place=place,
                area_km2=indicators.square_kilometres(place.cells),
                figures=tuple(own),
                latest=latest,
                pending=pending[place.link.id],
                change=change,
                inhabitants=people_of.inhabitants if people_of else None,
                year=people_of.year if people_of else None,
                per_inhabitant=people_of.square_metres if people_of else None,
                chart=share_chart(own, alike, height=_CHART, highest=highest),
                series=alike,
                about_series=sentences.about_series(alike, cells=place.cells) if alike else "",
                without=address([other for other in keys if other != key], choice.asked),
            )
        )
    return made


def _half_noise(column: Column) -> float:
    share = column.latest.share or 0.0
    return noise_alone(share, accuracy_of(column.latest.edition)[1]).apparent_gain / 2


def about(columns: Sequence[Column]) -> str:
    """Which has the highest share, and from which of the others the map cannot tell it."""
    seen = [column for column in columns if column.latest.share is not None]
    if len(seen) < 2:
        return ""
    first, *rest = sorted(seen, key=lambda c: -(c.latest.share or 0.0))
    top = first.latest.share or 0.0
    alike = [
        other.place.link.name
        for other in rest
        if top - (other.latest.share or 0.0) <= _half_noise(first) + _half_noise(other)
    ]
    said = _("%(name)s has the highest sealed share, %(share)s in %(year)s.") % {
        "name": first.place.link.name,
        "share": percent(top),
        "year": first.latest.edition.year,
    }
    partly = [column.place.link.name for column in seen if column.latest.partly]
    if not alike and not partly:
        clear = _("Its lead over each of the others is more than map noise could make.")
        return f"{said} {clear}"
    if alike:
        told = _("It cannot be told from %(names)s: map noise alone could make the difference.")
        said = f"{said} {told % {'names': ', '.join(alike)}}"
    if partly:
        told = _(
            "Of %(names)s a part was not observed in %(year)s: these shares are of the rest, and"
            " their order is not that of the whole territories."
        )
        words = {"names": ", ".join(partly), "year": first.latest.edition.year}
        said = f"{said} {told % words}"
    return said


def _match(connection: Connection, text: str) -> tuple[Place | None, list[TerritorySummary]]:
    """The one place that a text means, else those that it may mean."""
    results = queries.search(connection, text=text, limit=_OFFERED)
    found = [item.territory for item in results.found]
    exact = [item for item in found if item.link.code.upper() == text.upper()]
    sure = exact if len(exact) == 1 else found
    if len(sure) == 1:
        return (sure[0].link.level, sure[0].link.code), []
    return None, found or [item.territory for item in results.near]


@published_page
def compare(request: HttpRequest, snapshot: Snapshot) -> HttpResponse:
    """The comparison; 422 where more than six are asked for, or one that there is not."""
    connection = snapshot.connection
    asked = asked_places(request)
    known = territories_by_code(connection, places=asked)
    places = [known[place] for place in asked if place in known]
    unknown = [":".join(place) for place in asked if place not in known]
    shown, many = places[:MOST], len(places) > MOST
    keys = [(place.link.level, place.link.code) for place in shown]
    text = request.GET.get("add", "").strip()[:_LONGEST]
    editions = queries.editions(connection)
    choice = choice_of(request, editions)
    offered: list[dict[str, Any]] = []
    full = len(shown) >= MOST
    if text and not full:
        place, found = _match(connection, text)
        if place is not None:
            return redirect(address(list(dict.fromkeys([*keys, place])), choice.asked))
        offered = [
            {"item": item, "address": address([*keys, key], choice.asked)}
            for item in found
            if (key := (item.link.level, item.link.code)) not in keys
        ]
    columns = columns_of(connection, shown, choice, editions)
    edition = choice.edition
    return render(
        request,
        "compare.html",
        {
            "section": "compare",
            "columns": columns,
            "names": ", ".join(column.place.link.name for column in columns),
            "edition": edition,
            "pair": choice.pair,
            "held_back": choice.held_back,
            "show_anyway": _show_anyway(keys, choice),
            "across": choice.crosses,
            "across_off": address(keys, [item for item in choice.asked if item[0] == "edition"]),
            "editions": list(reversed(editions)),
            "asked_editions": choice.asked,
            "refused": choice.refused,
            "swipe": _under_the_swipe(keys, choice),
            "about": about(columns),
            "further_rows": compared_statistics([c.latest for c in columns]),
            "change_rows": compared_changes([c.change for c in columns if c.change is not None]),
            "accuracy_year": accuracy_of(edition)[0] if edition else None,
            "keys": [f"{level}:{code}" for level, code in keys],
            "unknown": unknown,
            "many": many,
            "asked": len(asked),
            "most": MOST,
            "full": full,
            "text": text,
            "offered": offered,
            "files": _files(keys, choice),
            "canonical": site_address.absolute(request, address(keys, choice.asked)),
        },
        status=422 if unknown or many or choice.refused or (text and full) else 200,
    )
