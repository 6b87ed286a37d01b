"""Up to six territories side by side."""

from __future__ import annotations

from collections.abc import Sequence
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
from analytics.queries.several import (
    Several,
    change_of,
    populations_of,
    several,
    statistics_of,
)
from analytics.records import Edition, TerritorySummary
from clcplus.charts import LineChart
from clcplus.templatetags.figures import percent
from clcplus.views.figures import (
    ChangeFigures,
    EditionFigures,
    change_figures,
    edition_figures,
    main_edition,
    main_pair,
)
from clcplus.views.published import published_page
from clcplus.views.share_chart import share_chart

MOST = 6
_CHART = 170
_OFFERED = 12
_LONGEST = 100

Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Column:
    """A territory of the comparison with its figures."""

    place: Several
    area_km2: float
    figures: tuple[EditionFigures, ...]
    latest: EditionFigures
    change: ChangeFigures | None
    inhabitants: int | None
    year: int | None
    per_inhabitant: float | None
    chart: LineChart | None
    without: str
    """The address of the comparison without this one."""


def address(places: Sequence[Place]) -> str:
    """The address of a comparison."""
    path = reverse("compare")
    query = urlencode([("t", f"{level}:{code}") for level, code in places], safe=":")
    return f"{path}?{query}" if query else path


def _asked(request: HttpRequest) -> list[Place]:
    """The places that the address names, each once, in its order."""
    found: dict[Place, None] = {}
    for text in request.GET.getlist("t"):
        level, _colon, code = text.replace("\x00", "").strip()[:_LONGEST].partition(":")
        if level or code:
            found[level, code] = None
    return list(found)


def _population(people: dict[int, int], edition: Edition) -> tuple[int | None, int | None]:
    """Inhabitants of the year nearest to the edition's, and that year."""
    if not people:
        return None, None
    year = min(people, key=lambda known: (abs(known - edition.year), known))
    return people[year], year


def _columns(
    connection: Connection, places: Sequence[Several], editions: Sequence[Edition]
) -> list[Column]:
    """The columns, in the order of ``places``. Three statements."""
    edition, pair = main_edition(editions), main_pair(editions)
    if edition is None or not places:
        return []
    ids = [place.link.id for place in places]
    counts = statistics_of(connection, ids=ids)
    people = populations_of(connection, ids=ids)
    changes = change_of(connection, ids=ids, earlier=pair[0].id, later=pair[1].id) if pair else {}
    figures = {zone: [edition_figures(item) for item in counts[zone]] for zone in ids}
    # Every chart is drawn to the scale of the highest.
    highest = max(figures.values(), key=lambda items: max(i.share or 0.0 for i in items))
    keys = [(place.link.level, place.link.code) for place in places]
    made = []
    for place, key in zip(places, keys, strict=True):
        own = figures[place.link.id]
        latest = next(item for item in own if item.edition.id == edition.id)
        inhabitants, year = _population(people.get(place.link.id, {}), edition)
        change = changes.get(place.link.id)
        made.append(
            Column(
                place=place,
                area_km2=indicators.square_kilometres(place.cells),
                figures=tuple(own),
                latest=latest,
                change=change_figures(change) if change else None,
                inhabitants=inhabitants,
                year=year,
                per_inhabitant=indicators.square_metres_per_inhabitant(latest.sealed, inhabitants),
                chart=share_chart(own, highest, height=_CHART),
                without=address([other for other in keys if other != key]),
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
    if not alike:
        return f"{said} {_('Its lead over each of the others is more than map noise could make.')}"
    rest_said = _("It cannot be told from %(names)s: map noise alone could make the difference.")
    return f"{said} {rest_said % {'names': ', '.join(alike)}}"


def _match(connection: Connection, text: str) -> tuple[Place | None, list[TerritorySummary]]:
    """The one place that a text means, else those that it may mean."""
    found = queries.search(connection, text=text, limit=_OFFERED)
    exact = [item for item in found if item.link.code.upper() == text.upper()]
    sure = exact if len(exact) == 1 else found
    if len(sure) == 1:
        return (sure[0].link.level, sure[0].link.code), []
    return None, found


@published_page
def compare(request: HttpRequest, connection: Connection) -> HttpResponse:
    """The comparison; 422 where more than six are asked for, or one that there is not."""
    asked = _asked(request)
    known = several(connection, places=asked)
    places = [known[place] for place in asked if place in known]
    unknown = [":".join(place) for place in asked if place not in known]
    shown, many = places[:MOST], len(places) > MOST
    keys = [(place.link.level, place.link.code) for place in shown]
    text = request.GET.get("add", "").replace("\x00", "").strip()[:_LONGEST]
    offered: list[dict[str, Any]] = []
    full = len(shown) >= MOST
    if text and not full:
        place, found = _match(connection, text)
        if place is not None:
            return redirect(address(list(dict.fromkeys([*keys, place]))))
        offered = [
            {"item": item, "address": address([*keys, (item.link.level, item.link.code)])}
            for item in found
            if (item.link.level, item.link.code) not in keys
        ]
    editions = queries.editions(connection)
    columns = _columns(connection, shown, editions)
    edition, pair = main_edition(editions), main_pair(editions)
    return render(
        request,
        "compare.html",
        {
            "section": "compare",
            "columns": columns,
            "edition": edition,
            "pair": pair,
            "about": about(columns),
            "accuracy_year": accuracy_of(edition)[0] if edition else None,
            "keys": [f"{level}:{code}" for level, code in keys],
            "unknown": unknown,
            "many": many,
            "asked": len(asked),
            "most": MOST,
            "full": full,
            "text": text,
            "offered": offered,
            "permanent": request.build_absolute_uri(address(keys)),
        },
        status=422 if unknown or many or (text and full) else 200,
    )
