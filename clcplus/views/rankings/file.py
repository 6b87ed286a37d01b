"""A ranking as a file: all rows that its page lists, in its order, a territory each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from sqlalchemy import Connection

from analytics import queries
from analytics.queries import MEASURES, Standing
from clcplus.access import limits
from clcplus.citations import citation
from clcplus.files import formats
from clcplus.files.streams import FromSnapshot
from clcplus.http import parameters, site_address
from clcplus.http.errors import AcrossOrigins, BadParameter
from clcplus.snapshots import Snapshot
from clcplus.views.downloads import columns
from clcplus.views.downloads.columns import Column, Value, rounded
from clcplus.views.downloads.published import published_file
from clcplus.views.rankings.choice import ONLY, TOLD_APART, Choice, choice_of
from clcplus.views.rankings.page import listed, ranked_rows
from clcplus.views.rankings.standings import standings

FORMATS = ("csv", "xlsx")
_AT_ONCE = 1000
_RULE = (
    "Two territories are ranked apart only where their 95 % intervals do not overlap, or, without "
    "intervals, where their figures differ by more than map noise alone could make of them; a "
    "borrowed interval reaches at least as far as that noise. Flicker is exact. Ranks are among "
    "the whole level, 1 the highest."
)
_GROUPS = {"ranked": "ranked", "noise": "in_map_noise", "unknown": "no_figure"}


def _stands_out(figure: float | None, noise: bool) -> str | None:
    return None if figure is None else ("no" if noise else "yes")


COLUMNS = (
    Column("rank_first", "first rank that it may have; empty: none", lambda r, c: r.first or None),
    Column("rank_last", "last rank that it may have", lambda r, c: r.last or None),
    Column("rank_status", "ranked, in_map_noise or no_figure", lambda r, c: _GROUPS[r.group]),
    Column("code", "code of the territory; text", lambda r, c: r.link.code),
    Column("name", "name of the territory", lambda r, c: r.link.name),
    Column("within", "the territory that holds it", lambda r, c: r.parent_name),
    Column("level", "level", lambda r, c: r.link.level),
    Column("vintage", "year of the boundaries", lambda r, c: r.link.vintage),
    Column("edition", "edition of share and area", lambda r, c: c.edition.slug),
    Column("sealed_share", "fraction of the observed area, 0 to 1", lambda r, c: r.share),
    Column("sealed_area_ha", "hectares", lambda r, c: rounded(r.sealed_ha)),
    Column(
        "sealed_m2_per_inhabitant",
        "square metres; empty: not observed, or the population is not known",
        lambda r, c: rounded(r.per_inhabitant),
    ),
    Column("inhabitants", "the newest number known", lambda r, c: r.inhabitants),
    Column("not_observed_share", "fraction of the whole area", lambda r, c: r.not_observed_share),
    Column(
        "change_from",
        "edition that change is counted from",
        lambda r, c: c.pair[0].slug if c.pair else None,
    ),
    Column("sealed_gain_ha", "hectares", lambda r, c: rounded(r.gain_ha)),
    Column(
        "gain_stands_out",
        "whether it is more than map noise alone could make: yes or no",
        lambda r, c: _stands_out(r.gain_ha, r.gain_noise),
    ),
    Column("sealed_net_change_ha", "hectares", lambda r, c: rounded(r.net_ha)),
    Column(
        "net_change_stands_out",
        "whether it is more than map noise alone could make: yes or no",
        lambda r, c: _stands_out(r.net_ha, r.net_noise),
    ),
    Column(
        "net_change_estimate_ha",
        "hectares, by a reference sample; empty: none, or suppressed",
        lambda r, c: rounded(r.estimate_ha),
    ),
    Column("ci_low", "hectares: 95 % interval of it", lambda r, c: rounded(r.estimate_low_ha)),
    Column("ci_high", "hectares", lambda r, c: rounded(r.estimate_high_ha)),
    Column(
        "estimate_stands_out",
        "whether the interval lies on one side of 0: yes or no",
        lambda r, c: _stands_out(r.estimate_ha, r.estimate_noise),
    ),
    Column(
        "partly_observed",
        "whether another edition has observed over 1 % more: then share and rank are of a part, "
        "and areas are lower bounds; yes or no",
        lambda r, c: None if r.share is None else ("yes" if r.partly else "no"),
    ),
    Column(
        "sealed_share_ci_low",
        "fraction: 95 % interval of the true share; empty: none",
        lambda r, c: r.share_low,
    ),
    Column("sealed_share_ci_high", "fraction", lambda r, c: r.share_high),
    Column(
        "sealed_share_method",
        "name of the estimator of that interval",
        lambda r, c: r.share_method,
    ),
    Column(
        "sealed_share_basis",
        "where it comes from: own, assisted or small-area, a reference sample; borrowed, the "
        "accuracy published for the country's group; empty: ranks by share, area and area per "
        "inhabitant follow the stress test",
        lambda r, c: r.share_basis,
    ),
    Column(
        "flicker_rate",
        "per cent of the cells ever sealed that change and change back, in all editions of the "
        "product and origin; empty unless the ranking is by it",
        lambda r, c: r.flicker,
    ),
)


def _checked(request: HttpRequest, choice: Choice | None) -> Choice:
    """The choice, or an error: a page may show the usual instead, a file must be what was asked."""
    if choice is None:
        raise Http404("no edition is published")
    parameters.across_origins(request)
    if choice.held_back is not None and choice.held_back.slug == request.GET.get("from"):
        raise AcrossOrigins.of(choice.held_back, choice.edition)
    had = {
        "sort": (
            choice.order,
            f"{', '.join(MEASURES[:-1])} or {MEASURES[-1]}, after a minus the highest; flicker "
            "where there are three editions or more",
        ),
        "edition": (choice.edition.slug, "a published edition"),
        "from": (
            choice.pair[0].slug if choice.pair else "",
            f"an edition earlier than {choice.edition.slug}",
        ),
        "people": (str(choice.people or ""), "a whole number"),
        ONLY: (TOLD_APART if choice.told_apart else "", TOLD_APART),
    }
    for name, (used, allowed) in had.items():
        found = request.GET.get(name, "")
        if found not in {"", used}:
            raise BadParameter(name, found=found, allowed=allowed)
    return choice


def _lines(
    connection: Connection, standing: Standing, choice: Choice, rows: Any
) -> Iterator[list[Value]]:
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        for row in ranked_rows(connection, standing, choice.measure, some):
            yield [column.value(row, choice) for column in COLUMNS]


@published_file
def ranking_table(
    request: HttpRequest, snapshot: Snapshot, level: str, chosen: str
) -> HttpResponseBase:
    """The ranking that the same query shows as a page, all of its rows."""
    allowed = {"sort", "edition", "from", "across", "in", "people", ONLY}
    dialect = columns.dialect_of(request, chosen, known=FORMATS, allowed=allowed)
    connection = snapshot.connection
    if level not in queries.level_slugs(connection):
        raise Http404(f"no level {level!r}")
    choice = _checked(request, choice_of(request, queries.editions(connection)))
    limits.spend(request)
    standing = standings.standing(
        snapshot,
        level=level,
        edition=choice.edition,
        pair=choice.pair,
        line=choice.ranked_line,
    )
    lines = _lines(connection, standing, choice, listed(connection, standing, choice))
    response: HttpResponseBase
    if request.method == "HEAD":
        response = StreamingHttpResponse(iter(()))
    elif chosen == "xlsx":
        about = {
            "address": site_address.absolute(request),
            "rule": _RULE,
            "citation": citation([*choice.pair[:1], choice.edition]),
        }
        response = FileResponse(columns.workbook(COLUMNS, lines, about, sheet="ranking"))
    else:
        pieces = columns.csv_pieces(COLUMNS, lines, dialect=dialect)
        response = StreamingHttpResponse(FromSnapshot(pieces, snapshot.taken_along()))
    names = ["sealing-ranking", level, choice.edition.slug, choice.measure]
    return formats.as_file(response, name="-".join(names), chosen=chosen)
