"""The table of a set's zones: a page of its rows, in the order of a column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import numpy as np
from django.http import HttpRequest
from django.utils.translation import gettext as _
from sqlalchemy import Connection

from analytics import indicators
from analytics.arrays import Float64Array
from analytics.figures import Change, Statistics
from analytics.queries import Standing, change_of, covers_of, placed_territories, statistics_of
from analytics.records import Edition, TerritoryLink
from clcplus.presentation.sort_headings import Heading, SortChoice, heading, sort_choices
from clcplus.snapshots import Snapshot
from clcplus.views.standings import standings

PAGE_SIZE = 50
HIGHEST = 10
"""Zones in the chart of those with the highest share."""


@dataclass(frozen=True, slots=True)
class EditionShare:
    """A zone's sealed share in an edition; ``counted`` tells what is not known yet from nothing
    observed."""

    counted: bool
    share: float | None
    not_observed_share: float
    partly: bool
    """Whether another edition has observed clearly more of it."""
    year: int
    main: bool
    """Whether it is the edition whose figures come first."""


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """A zone with its figures."""

    link: TerritoryLink
    hectares: float
    shares: tuple[EditionShare, ...]
    """In the order of the columns."""
    sealed_ha: float | None
    cover_share: float | None
    """Sealed share by the rule *coverage*, of a small zone, in the main edition."""
    change: Change | None
    not_observed_share: float


@dataclass(frozen=True, slots=True)
class ZoneTable:
    """A page of the table."""

    headings: tuple[Heading, ...]
    sorts: list[SortChoice]
    rows: tuple[ZoneRow, ...]
    total: int
    page: int
    pages: int
    before: str | None
    after: str | None
    has_covers: bool


@dataclass(frozen=True, slots=True)
class ZoneBar:
    """A zone in the chart of the highest shares; ``width`` is per cent of the longest bar."""

    link: TerritoryLink
    share: float
    width: float
    not_observed_share: float
    partly: bool
    """Whether another edition has observed clearly more of the zone."""


def _share_key(edition: Edition) -> str:
    return f"share-{edition.slug}"


def zone_table(
    request: HttpRequest,
    snapshot: Snapshot,
    *,
    level: str,
    editions: Sequence[Edition],
    edition: Edition,
    pair: tuple[Edition, Edition] | None,
) -> ZoneTable:
    """The page of the table that the address asks for."""
    connection = snapshot.connection
    standing = standings.standing(snapshot, level=level, edition=edition, pair=pair or ())
    columns = _columns(editions, edition, pair)
    order = _order(request.GET.get("sort", ""), columns, edition)
    values = _values(snapshot, standing, order.lstrip("-"), level, editions)
    listed = _sorted(standing, values, descending=order.startswith("-"))
    pages = max(1, -(-len(listed) // PAGE_SIZE))
    number = _page(request.GET.get("page", ""), pages)
    ids = [
        int(standing.table.ids[row])
        for row in listed[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    ]
    rows = _rows(connection, ids, editions=editions, edition=edition, pair=pair)

    def at(page: int) -> str:
        return urlencode({"sort": order, "page": page})

    return ZoneTable(
        headings=tuple(
            heading(key, label, order=order, optional=optional) for key, label, optional in columns
        ),
        sorts=sort_choices(((key, label) for key, label, _optional in columns), order),
        rows=tuple(rows),
        total=len(listed),
        page=number,
        pages=pages,
        before=at(number - 1) if number > 1 else None,
        after=at(number + 1) if number < pages else None,
        has_covers=any(row.cover_share is not None for row in rows),
    )


def highest(connection: Connection, standing: Standing) -> list[ZoneBar]:
    """The zones of the highest share."""
    table, rows = standing.table, standing.by_share[:HIGHEST]
    if not len(rows):
        return []
    links = placed_territories(connection, ids=[int(table.ids[row]) for row in rows])
    shares = [float(table.sealed[row] / table.observed[row]) for row in rows]
    longest = max(shares)
    return [
        ZoneBar(
            link=links[int(table.ids[row])].link,
            share=share,
            width=round(share / longest * 100, 2) if longest else 0.0,
            not_observed_share=float(1 - table.observed[row] / table.cells[row]),
            partly=table.is_partly_observed(int(row)),
        )
        for row, share in zip(rows, shares, strict=True)
    ]


_Columns = list[tuple[str, str, bool]]


def _columns(
    editions: Sequence[Edition], edition: Edition, pair: tuple[Edition, Edition] | None
) -> _Columns:
    """Key, label, and whether a narrow screen leaves it out."""
    found: _Columns = [("name", _("Zone"), False), ("area", _("Area"), True)]
    for item in editions:
        label = _("Sealed %(year)s") % {"year": item.year}
        found.append((_share_key(item), label, item.id != edition.id))
    found.append(("sealed", _("Sealed area"), True))
    if pair is not None:
        years = {"earlier": pair[0].year, "later": pair[1].year}
        found.append(("net", _("Net change %(earlier)s → %(later)s") % years, False))
    found.append(("missing", _("Not observed"), True))
    return found


def _order(text: str, columns: _Columns, edition: Edition) -> str:
    bare = text.removeprefix("-")
    return text if bare in {key for key, *_rest in columns} else f"-{_share_key(edition)}"


def _values(
    snapshot: Snapshot,
    standing: Standing,
    key: str,
    level: str,
    editions: Sequence[Edition],
) -> Float64Array | None:
    """What the rows of the table are sorted by; None for their names, by which they stand."""
    table = standing.table
    if key == "name":
        return None
    if key == "sealed":
        return table.sealed
    if key == "area":
        return table.cells
    if key == "net":
        return standing.figures("net").values
    if key == "missing":
        cells = np.where(table.cells > 0, table.cells, np.nan)
        found: Float64Array = np.nan_to_num(table.not_observed / cells, nan=1.0)
        return found
    chosen = next(item for item in editions if _share_key(item) == key)
    other = standings.standing(snapshot, level=level, edition=chosen, pair=()).table
    shares = dict(zip(other.ids.tolist(), (other.sealed / other.observed).tolist(), strict=True))
    return np.array([shares.get(one, np.nan) for one in table.ids.tolist()], dtype=np.float64)


def _sorted(standing: Standing, values: Float64Array | None, *, descending: bool) -> list[int]:
    """Numbers of rows; of equal values by name, and what is not known last."""
    rows = np.arange(len(standing.table.ids))
    if values is None:
        found = rows[::-1] if descending else rows
        return [int(row) for row in found]
    known = np.flatnonzero(np.isfinite(values))
    keys = -values[known] if descending else values[known]
    ordered = known[np.argsort(keys, kind="stable")]
    unknown = np.flatnonzero(~np.isfinite(values))
    return [int(row) for row in np.concatenate((ordered, unknown))]


def _page(text: str, last: int) -> int:
    return min(max(int(text), 1), last) if text.isascii() and text.isdecimal() else 1


def _share(counts: Statistics | None, edition: Edition, *, main: bool) -> EditionShare:
    return EditionShare(
        counted=counts is not None,
        share=counts.share if counts else None,
        not_observed_share=counts.not_observed_share if counts else 0.0,
        partly=counts is not None and counts.partly,
        year=edition.year,
        main=main,
    )


def _rows(
    connection: Connection,
    ids: Sequence[int],
    *,
    editions: Sequence[Edition],
    edition: Edition,
    pair: tuple[Edition, Edition] | None,
) -> list[ZoneRow]:
    """Zones by id, in this order. Four statements at most."""
    if not ids:
        return []
    places = placed_territories(connection, ids=ids)
    statistics = statistics_of(connection, ids=ids)
    covers = covers_of(connection, ids=ids, edition_id=edition.id)
    changes = {}
    if pair is not None:
        changes = change_of(connection, ids=ids, earlier=pair[0].id, later=pair[1].id)
    made = []
    for number in ids:
        known = {counts.edition.id: counts for counts in statistics.get(number, ())}
        own, change = known.get(edition.id), changes.get(number)
        cover = covers.get(number)
        cells = places[number].cells
        made.append(
            ZoneRow(
                link=places[number].link,
                hectares=indicators.hectares(cells),
                shares=tuple(
                    _share(known.get(item.id), item, main=item.id == edition.id)
                    for item in editions
                ),
                sealed_ha=own.sealed_ha if own else None,
                cover_share=cover.share if cover else None,
                change=change,
                not_observed_share=own.not_observed / cells if own and cells else 0.0,
            )
        )
    return made
