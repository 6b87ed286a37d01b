"""A comparison as a file: a row a territory, in the order of its page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from analytics import queries
from analytics.queries import territories_by_code
from clcplus import limits, site_address
from clcplus.citations import citation
from clcplus.files import formats, tidy
from clcplus.http import parameters
from clcplus.http.errors import AcrossOrigins, BadParameter, NothingHere
from clcplus.snapshots import Snapshot
from clcplus.views import column_files
from clcplus.views.column_files import Value
from clcplus.views.compare import MOST, Choice, Column, asked_places, choice_of, columns_of
from clcplus.views.files import published_file

FORMATS = ("csv", "xlsx", "json")


def _hectares(value: float | None) -> float | None:
    """To the cell, of 0.01 ha."""
    return None if value is None else round(value, 2)


def _verdict(column: Column, choice: Choice) -> Value:
    if column.change is None or choice.crosses:
        return None
    return tidy.verdict_of(column.change.verdict)


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    meaning: str
    value: Callable[[Column, Choice], Value]


COLUMNS = (
    _Column("level", "level", lambda c, _: c.place.link.level),
    _Column("code", "code of the territory; text", lambda c, _: c.place.link.code),
    _Column("name", "name of the territory", lambda c, _: c.place.link.name),
    _Column("within", "the territory that holds it", lambda c, _: c.place.parent_name),
    _Column("vintage", "year of the boundaries", lambda c, _: c.place.link.vintage),
    _Column("edition", "edition of share and area", lambda c, _: c.latest.edition.slug),
    _Column("status", "ok, not_observed or not_counted", lambda c, _: _status(c)),
    _Column("sealed_share", "fraction of the observed area", lambda c, _: c.latest.share),
    _Column("sealed_area_ha", "hectares", lambda c, _: _hectares(c.latest.sealed_ha)),
    _Column("observed_area_ha", "hectares", lambda c, _: _hectares(c.latest.observed_ha)),
    _Column(
        "not_observed_share",
        "fraction of the whole area",
        lambda c, _: None if _pending(c) else c.latest.not_observed_share,
    ),
    _Column(
        "inhabitants",
        "of the year nearest to the edition",
        lambda c, _: c.inhabitants,
    ),
    _Column("inhabitants_year", "that year", lambda c, _: c.year),
    _Column(
        "sealed_m2_per_inhabitant",
        "square metres",
        lambda c, _: None if c.per_inhabitant is None else round(c.per_inhabitant, 2),
    ),
    _Column("change_from", "earlier edition", lambda _, to: to.pair[0].slug if to.pair else None),
    _Column("change_to", "later edition", lambda _, to: to.pair[1].slug if to.pair else None),
    _Column(
        "change_status",
        "indicative or not_observed",
        lambda c, _: c.change.status if c.change else None,
    ),
    _Column(
        "sealed_gain_ha", "hectares", lambda c, _: _hectares(c.change.gain_ha if c.change else None)
    ),
    _Column(
        "sealed_loss_ha", "hectares", lambda c, _: _hectares(c.change.loss_ha if c.change else None)
    ),
    _Column(
        "sealed_net_change_ha",
        "hectares",
        lambda c, _: _hectares(c.change.net_ha if c.change else None),
    ),
    _Column(
        "map_noise_ha",
        "hectares of gain, and as much of loss, that noise of the maps alone could make",
        lambda c, _: c.change.noise_ha if c.change else None,
    ),
    _Column(
        "verdict",
        "stands_out: the net change is more than map_noise_ha; in_map_noise: it is not",
        _verdict,
    ),
)


def _pending(column: Column) -> bool:
    return column.latest.edition.id in column.pending


def _status(column: Column) -> str:
    return "not_counted" if _pending(column) else column.latest.status


@published_file
def comparison_table(request: HttpRequest, snapshot: Snapshot, chosen: str) -> HttpResponseBase:
    """The comparison that the same query shows as a page."""
    if chosen not in FORMATS:
        raise Http404(f"no such format; formats: {', '.join(FORMATS)}")
    parameters.only(request, {"t", "edition", "from", "to", "across", "dialect"})
    dialect = parameters.dialect(request, chosen, formats.DIALECTS)
    parameters.across_origins(request)
    connection = snapshot.connection
    asked = asked_places(request)
    if not 1 <= len(asked) <= MOST:
        raise BadParameter("t", found=f"{len(asked)} territories", allowed=f"1 to {MOST} of them")
    known = territories_by_code(connection, places=asked)
    if unknown := [":".join(place) for place in asked if place not in known]:
        raise NothingHere(f"no territory {', '.join(unknown)}")
    editions = queries.editions(connection)
    choice = choice_of(request, editions)
    if choice.held_back is not None:
        raise AcrossOrigins.of(*choice.held_back)
    if choice.refused:
        raise BadParameter("edition, from, to", found=" ".join(choice.refused), allowed="editions")
    if choice.edition is None:
        raise NothingHere("no edition is published", published=[])
    if chosen == "xlsx":
        limits.spend(request)
    columns = columns_of(connection, [known[place] for place in asked], choice, editions)
    lines = [[column.value(one, choice) for column in COLUMNS] for one in columns]
    named = {edition.id: edition for edition in (choice.edition, *(choice.pair or ()))}
    about = {"address": site_address.absolute(request), "citation": citation([*named.values()])}
    return column_files.whole_file(
        COLUMNS,
        lines,
        about,
        chosen=chosen,
        dialect=dialect,
        name="sealing-comparison",
        sheet="comparison",
        widths={"name": 28, "within": 28},
    )
