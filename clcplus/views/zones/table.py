"""The table of a set's zones: a page of its rows, in the order of a column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import numpy as np
from django.http import HttpRequest
from django.utils.translation import gettext as _
from sqlalchemy import Connection

from analytics import indicators
from analytics.arrays import Float64Array
from analytics.figures import TerritoryStatistics
from analytics.queries import (
    Standing,
    change_of,
    coverage_figures_of,
    placed_territories,
    statistics_of,
)
from analytics.records import Edition
from clcplus.presentation.pages import page_of
from clcplus.presentation.rows import counts_at
from clcplus.presentation.sort_headings import Column as SortColumn
from clcplus.presentation.sort_headings import orders_of
from clcplus.snapshots import Snapshot
from clcplus.views.rankings.standings import standings

PAGE_SIZE = 50
HIGHEST = 10
"""Zones in the chart of those with the highest share."""

Pair = tuple[Edition, Edition]


def zone_table(
    request: HttpRequest,
    snapshot: Snapshot,
    *,
    level: str,
    editions: Sequence[Edition],
    edition: Edition,
    pair: Pair | None,
) -> dict[str, Any]:
    """The page of the table that the address asks for, as its template takes it."""
    connection = snapshot.connection
    standing = standings.standing(snapshot, level=level, edition=edition, pair=pair or ())
    columns = _columns(editions, edition, pair)
    order = request.GET.get("sort", "")
    if order.removeprefix("-") not in {key for key, *_rest in columns}:
        order = f"-{_share_key(edition)}"
    values = _values(snapshot, standing, order.lstrip("-"), level, editions)
    listed = _sorted(standing, values, descending=order.startswith("-"))
    page = page_of(request.GET.get("page", ""), len(listed), PAGE_SIZE)
    ids = [int(standing.table.ids[row]) for row in listed[page.rows]]
    rows = _rows(connection, ids, editions=editions, edition=edition, pair=pair)
    return {
        **orders_of(columns, order),
        "rows": rows,
        "total": len(listed),
        "page": page.number,
        "pages": page.last,
        "before": urlencode({"sort": order, "page": page.before}) if page.before else None,
        "after": urlencode({"sort": order, "page": page.after}) if page.after else None,
        "has_coverage": any(row["coverage_share"] is not None for row in rows),
    }


def highest(connection: Connection, standing: Standing) -> list[tuple[TerritoryStatistics, float]]:
    """The zones of the highest share, each with the width of its bar in per cent of the longest."""
    table, rows = standing.table, [int(row) for row in standing.by_share[:HIGHEST]]
    if not rows:
        return []
    links = placed_territories(connection, ids=[int(table.ids[row]) for row in rows])
    zones = [
        TerritoryStatistics(link=links[int(table.ids[row])].link, **counts_at(table, row))
        for row in rows
    ]
    shares = [zone.share or 0.0 for zone in zones]
    longest = max(shares)
    widths = [round(share / longest * 100, 2) if longest else 0.0 for share in shares]
    return list(zip(zones, widths, strict=True))


def _share_key(edition: Edition) -> str:
    return f"share-{edition.slug}"


def _columns(editions: Sequence[Edition], edition: Edition, pair: Pair | None) -> list[SortColumn]:
    found: list[SortColumn] = [("name", _("Zone"), False), ("area", _("Area"), True)]
    for item in editions:
        label = _("Sealed %(year)s") % {"year": item.year}
        found.append((_share_key(item), label, item.id != edition.id))
    found.append(("sealed", _("Sealed area"), True))
    if pair is not None:
        years = {"earlier": pair[0].year, "later": pair[1].year}
        found.append(("net", _("Net change %(earlier)s → %(later)s") % years, False))
    found.append(("missing", _("Not observed"), True))
    return found


def _values(
    snapshot: Snapshot,
    standing: Standing,
    key: str,
    level: str,
    editions: Sequence[Edition],
) -> Float64Array | None:
    """What the rows of the table are sorted by; None for their names, by which they stand."""
    table = standing.table
    missing = table.not_observed / np.where(table.cells > 0, table.cells, np.nan)
    known = {
        "name": None,
        "sealed": table.sealed,
        "area": table.cells,
        "net": standing.figures("net").values,
        "missing": np.nan_to_num(missing, nan=1.0),
    }
    if key in known:
        return known[key]
    chosen = next(item for item in editions if _share_key(item) == key)
    other = standings.standing(snapshot, level=level, edition=chosen, pair=()).table
    shares = dict(zip(other.ids.tolist(), (other.sealed / other.observed).tolist(), strict=True))
    return np.array([shares.get(one, np.nan) for one in table.ids.tolist()], dtype=np.float64)


def _sorted(standing: Standing, values: Float64Array | None, *, descending: bool) -> list[int]:
    """Numbers of rows; of equal values by name, and what is not known last."""
    rows = np.arange(len(standing.table.ids))
    if values is None:
        return [int(row) for row in (rows[::-1] if descending else rows)]
    known = np.flatnonzero(np.isfinite(values))
    keys = -values[known] if descending else values[known]
    ordered = known[np.argsort(keys, kind="stable")]
    unknown = np.flatnonzero(~np.isfinite(values))
    return [int(row) for row in np.concatenate((ordered, unknown))]


def _rows(
    connection: Connection,
    ids: Sequence[int],
    *,
    editions: Sequence[Edition],
    edition: Edition,
    pair: Pair | None,
) -> list[dict[str, Any]]:
    """Zones by id, in this order. Four statements at most."""
    if not ids:
        return []
    places = placed_territories(connection, ids=ids)
    statistics = statistics_of(connection, ids=ids)
    by_coverage = coverage_figures_of(connection, ids=ids, edition_id=edition.id)
    changes = change_of(connection, ids=ids, earlier=pair[0].id, later=pair[1].id) if pair else {}
    made = []
    for number in ids:
        known = {counts.edition.id: counts for counts in statistics.get(number, ())}
        own, coverage, cells = known.get(edition.id), by_coverage.get(number), places[number].cells
        made.append(
            {
                "link": places[number].link,
                "hectares": indicators.hectares(cells),
                # In the order of the columns; None where the zone is not counted yet.
                "shares": [(known.get(item.id), item) for item in editions],
                "sealed_ha": own.sealed_ha if own else None,
                # By the rule *coverage*, of a small zone, in the main edition.
                "coverage_share": coverage.share if coverage else None,
                "change": changes.get(number),
                "not_observed_share": own.not_observed / cells if own and cells else 0.0,
            }
        )
    return made
