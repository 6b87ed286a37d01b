"""Up to six territories side by side."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from sqlalchemy import Connection

from analytics import queries
from analytics.estimation import accuracy_of, noise_alone
from analytics.queries import territories_by_code
from analytics.records import TerritorySummary
from clcplus.http import site_address
from clcplus.origins import ACROSS, PARAMETER
from clcplus.presentation.indicators import compared_changes, compared_statistics
from clcplus.presentation.numbers import percent
from clcplus.snapshots import Snapshot
from clcplus.views.comparisons import columns as compared
from clcplus.views.published import published_page

_OFFERED = 12


def _files(query: str) -> list[tuple[str, str]]:
    csv, xlsx, json = (
        f"{reverse('compare_table', args=(name,))}?{query}" for name in ("csv", "xlsx", "json")
    )
    spreadsheet = f"{csv}&dialect=spreadsheet"
    return [("CSV", csv), (_("CSV for Excel"), spreadsheet), ("XLSX", xlsx), ("JSON", json)]


def _show_anyway(places: Sequence[compared.Place], choice: compared.Choice) -> str:
    if choice.held_back is None:
        return ""
    earlier, later = choice.held_back
    pair = [("from", earlier.slug), ("to", later.slug), (PARAMETER, ACROSS)]
    return compared.address(places, [*choice.asked_edition, *pair])


def _under_the_swipe(places: Sequence[compared.Place], choice: compared.Choice) -> str:
    if choice.pair is None:
        return ""
    query = {
        "layer": "swipe",
        "from": choice.pair[0].slug,
        "to": choice.pair[1].slug,
        "place": ",".join(f"{level}:{code}" for level, code in places),
    }
    if choice.crosses:
        query[PARAMETER] = ACROSS
    return f"{reverse('home')}?{urlencode(query, safe=':,')}"


def _half_noise(column: compared.Column) -> float:
    share = column.latest.share or 0.0
    return noise_alone(share, accuracy_of(column.latest.edition)[1]).apparent_gain / 2


def about(columns: Sequence[compared.Column]) -> str:
    """Which has the highest share, and from which of the others the map cannot tell it."""
    seen = [column for column in columns if column.latest.share is not None]
    if len(seen) < 2:
        return ""
    first, *rest = sorted(seen, key=lambda c: -(c.latest.share or 0.0))
    top, year = first.latest.share or 0.0, first.latest.edition.year
    alike = [
        other.place.link.name
        for other in rest
        if top - (other.latest.share or 0.0) <= _half_noise(first) + _half_noise(other)
    ]
    partly = [column.place.link.name for column in seen if column.latest.partly]
    said = [
        _("%(name)s has the highest sealed share, %(share)s in %(year)s.")
        % {"name": first.place.link.name, "share": percent(top), "year": year}
    ]
    if not alike and not partly:
        said.append(_("Its lead over each of the others is more than map noise could make."))
    if alike:
        told = _("It cannot be told from %(names)s: map noise alone could make the difference.")
        said.append(told % {"names": ", ".join(alike)})
    if partly:
        told = _(
            "Of %(names)s a part was not observed in %(year)s: these shares are of the rest, and"
            " their order is not that of the whole territories."
        )
        said.append(told % {"names": ", ".join(partly), "year": year})
    return " ".join(said)


def _match(
    connection: Connection, text: str
) -> tuple[compared.Place | None, list[TerritorySummary]]:
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
    asked = compared.asked_places(request)
    known = territories_by_code(connection, places=asked)
    places = [known[place] for place in asked if place in known]
    unknown = [":".join(place) for place in asked if place not in known]
    shown, many = places[: compared.MOST], len(places) > compared.MOST
    keys = [(place.link.level, place.link.code) for place in shown]
    text = request.GET.get("add", "").strip()[: compared.LONGEST]
    editions = queries.editions(connection)
    choice = compared.choice_of(request, editions)
    offered: list[TerritorySummary] = []
    full = len(shown) >= compared.MOST
    if text and not full:
        place, offered = _match(connection, text)
        if place is not None:
            return redirect(compared.address(list(dict.fromkeys([*keys, place])), choice.asked))
    columns = compared.columns_of(connection, shown, choice, editions)
    edition, own = choice.edition, compared.address(keys, choice.asked)
    return render(
        request,
        "compare.html",
        {
            "section": "compare",
            "columns": columns,
            "told": any(column.latest.share_interval for column in columns),
            "names": ", ".join(column.place.link.name for column in columns),
            "edition": edition,
            "pair": choice.pair,
            "held_back": choice.held_back,
            "show_anyway": _show_anyway(keys, choice),
            "across": choice.crosses,
            "across_off": compared.address(keys, choice.asked_edition),
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
            "most": compared.MOST,
            "full": full,
            "text": text,
            "offered": [
                {"item": item, "address": compared.address([*keys, key], choice.asked)}
                for item in offered
                if (key := (item.link.level, item.link.code)) not in keys
            ],
            "files": _files(own.partition("?")[2]),
            "canonical": site_address.absolute(request, own),
        },
        status=422 if unknown or many or choice.refused or (text and full) else 200,
    )
