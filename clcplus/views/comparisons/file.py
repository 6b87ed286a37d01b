"""A comparison as a file: a row a territory, in the order of its page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from analytics import queries
from analytics.queries import territories_by_code
from clcplus.access import limits
from clcplus.citations import citation
from clcplus.files import tidy
from clcplus.http import parameters, site_address
from clcplus.http.errors import AcrossOrigins, BadParameter, NothingHere
from clcplus.snapshots import Snapshot
from clcplus.views.comparisons import columns as compared
from clcplus.views.comparisons.columns import MOST, asked_places, choice_of, columns_of
from clcplus.views.downloads.columns import Column, dialect_of, rounded, whole_file
from clcplus.views.downloads.published import published_file

FORMATS = ("csv", "xlsx", "json")


def _of_filter(column: compared.Column, name: str) -> Any:
    return getattr(getattr(column.change, "usual_filter", None), name, None)


def _of_estimate(column: compared.Column, name: str) -> Any:
    return getattr(getattr(column.change, "net_estimate", None), name, None)


def _pending(column: compared.Column) -> bool:
    return column.latest.edition.id in column.pending


COLUMNS = (
    Column("level", "level", lambda c, _: c.place.link.level),
    Column("code", "code of the territory; text", lambda c, _: c.place.link.code),
    Column("name", "name of the territory", lambda c, _: c.place.link.name),
    Column("within", "the territory that holds it", lambda c, _: c.place.parent_name),
    Column("vintage", "year of the boundaries", lambda c, _: c.place.link.vintage),
    Column("edition", "edition of share and area", lambda c, _: c.latest.edition.slug),
    Column(
        "status",
        "ok, not_observed or not_counted",
        lambda c, _: "not_counted" if _pending(c) else c.latest.status,
    ),
    Column("sealed_share", "fraction of the observed area", lambda c, _: c.latest.share),
    Column("sealed_area_ha", "hectares", lambda c, _: rounded(c.latest.sealed_ha)),
    Column("observed_area_ha", "hectares", lambda c, _: rounded(c.latest.observed_ha)),
    Column(
        "not_observed_share",
        "fraction of the whole area",
        lambda c, _: None if _pending(c) else c.latest.not_observed_share,
    ),
    Column("inhabitants", "of the year nearest to the edition", lambda c, _: c.inhabitants),
    Column("inhabitants_year", "that year", lambda c, _: c.year),
    Column("sealed_m2_per_inhabitant", "square metres", lambda c, _: rounded(c.per_inhabitant)),
    Column("change_from", "earlier edition", lambda _, to: to.pair[0].slug if to.pair else None),
    Column("change_to", "later edition", lambda _, to: to.pair[1].slug if to.pair else None),
    Column(
        "change_status",
        "indicative or not_observed",
        lambda c, _: getattr(c.change, "status", None),
    ),
    Column("sealed_gain_ha", "hectares", lambda c, _: rounded(getattr(c.change, "gain_ha", None))),
    Column("sealed_loss_ha", "hectares", lambda c, _: rounded(getattr(c.change, "loss_ha", None))),
    Column(
        "sealed_net_change_ha",
        "hectares",
        lambda c, _: rounded(getattr(c.change, "net_ha", None)),
    ),
    Column(
        "map_noise_ha",
        "hectares of gain, and as much of loss, that noise of the maps alone could make",
        lambda c, _: getattr(c.change, "noise_ha", None),
    ),
    Column(
        "verdict",
        "increase, decrease, not_distinguishable: by the interval; stress test without one: "
        "stands_out, the net change is more than map_noise_ha; in_map_noise, it is not",
        lambda c, to: None if to.crosses else tidy.verdict_of(getattr(c.change, "verdict", None)),
    ),
    Column(
        "filtered_gain_ha",
        "hectares in patches of at least 0.25 ha; empty: not filtered",
        lambda c, _: rounded(_of_filter(c, "gain_ha")),
    ),
    Column("filtered_loss_ha", "hectares", lambda c, _: rounded(_of_filter(c, "loss_ha"))),
    Column("filtered_net_change_ha", "hectares", lambda c, _: rounded(_of_filter(c, "net_ha"))),
    Column(
        "net_change_estimate_ha",
        "hectares, by a reference sample; empty: none, or suppressed",
        lambda c, _: rounded(_of_estimate(c, "value_ha")),
    ),
    Column(
        "ci_low",
        "hectares: 95 % interval of the true net change",
        lambda c, _: rounded((_of_estimate(c, "interval_ha") or (None, None))[0]),
    ),
    Column(
        "ci_high",
        "hectares",
        lambda c, _: rounded((_of_estimate(c, "interval_ha") or (None, None))[1]),
    ),
    Column("method", "name of the estimator", lambda c, _: getattr(c.change, "method", None)),
    Column(
        "basis",
        "where the interval comes from",
        lambda c, _: getattr(c.change, "basis", None),
    ),
    Column(
        "sealed_share_ci_low",
        "fraction: 95 % interval of the true share; empty: none",
        lambda c, _: (c.latest.share_interval or (None, None))[0],
    ),
    Column(
        "sealed_share_ci_high",
        "fraction",
        lambda c, _: (c.latest.share_interval or (None, None))[1],
    ),
    Column("sealed_share_method", "name of the estimator", lambda c, _: c.latest.method),
    Column(
        "sealed_share_basis",
        "where the interval of the share comes from: own, assisted or small-area, a reference "
        "sample; borrowed, the accuracy published for the country's group",
        lambda c, _: c.latest.basis,
    ),
    Column(
        "flicker_rate",
        "per cent of the cells ever sealed that change and change back, in all editions of the "
        "main product and origin; empty for fewer than three",
        lambda c, _: c.latest.flicker_per_cent,
    ),
)


@published_file
def comparison_table(request: HttpRequest, snapshot: Snapshot, chosen: str) -> HttpResponseBase:
    """The comparison that the same query shows as a page."""
    allowed = {"t", "edition", "from", "to", "across"}
    dialect = dialect_of(request, chosen, known=FORMATS, allowed=allowed)
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
    rows = columns_of(connection, [known[place] for place in asked], choice, editions)
    named = {edition.id: edition for edition in (choice.edition, *(choice.pair or ()))}
    return whole_file(
        COLUMNS,
        [[column.value(row, choice) for column in COLUMNS] for row in rows],
        {"address": site_address.absolute(request), "citation": citation([*named.values()])},
        chosen=chosen,
        dialect=dialect,
        name="sealing-comparison",
        sheet="comparison",
    )
