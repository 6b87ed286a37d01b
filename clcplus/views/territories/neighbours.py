"""The nearest and the most similar territories, as the page of a territory shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from sqlalchemy import Connection

from analytics.figures import TerritoryStatistics
from analytics.queries import LevelTable, Neighbour, neighbours
from analytics.records import TerritoryLink
from clcplus.presentation.rows import counts_at
from clcplus.views.comparisons.columns import address


def beside_tables(
    connection: Connection, table: LevelTable, own: TerritoryLink
) -> list[dict[str, Any]]:
    """The tables that have rows; none for a territory alone on its level. One statement at most."""
    if len(table.ids) < 2:
        return []
    found = neighbours(connection, table, zone_id=own.id)
    by_distance = _("By the distance between the centroids.")
    by_likeness = _(
        "By number of inhabitants and sealed share together: doubling the population counts as much"
        " as doubling the share."
    )
    return [
        {
            "name": name,
            "title": title,
            "say": say,
            "rows": _rows(table, [Neighbour(own, 0.0), *items]),
            "compare": address([(link.level, link.code) for link in links]),
        }
        for name, title, say, items in (
            ("nearest", _("Nearest"), by_distance, found.nearest),
            ("similar", _("Most similar"), by_likeness, found.similar),
        )
        if items and (links := [own, *(item.link for item in items)])
    ]


def _rows(table: LevelTable, found: Sequence[Neighbour]) -> list[tuple[TerritoryStatistics, float]]:
    """Territories with their figures, and kilometres from the first, which is the page's own."""
    rows = [int(np.flatnonzero(table.ids == item.link.id)[0]) for item in found]
    return [
        (TerritoryStatistics(link=item.link, **counts_at(table, row)), item.kilometres)
        for row, item in zip(rows, found, strict=True)
    ]
