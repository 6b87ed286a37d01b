"""The nearest and the most similar territories, as the page of a territory shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from sqlalchemy import Connection

from analytics import indicators
from analytics.arrays import Float64Array
from analytics.queries import LevelTable, Neighbour, neighbours
from analytics.records import TerritoryLink
from clcplus.views.compare import address


@dataclass(frozen=True, slots=True)
class BesideRow:
    """A territory with its figures and its distance; the page's own comes first."""

    link: TerritoryLink
    own: bool
    kilometres: float
    share: float | None
    not_observed_share: float
    partly: bool
    """Whether another edition has observed clearly more of it."""
    per_inhabitant: float | None
    inhabitants: int | None


def _rows(table: LevelTable, found: Sequence[Neighbour], own: TerritoryLink) -> list[BesideRow]:
    def whole(column: Float64Array, row: int) -> int | None:
        return None if np.isnan(column[row]) else int(column[row])

    made = []
    for item in (Neighbour(own, 0.0), *found):
        row = int(np.flatnonzero(table.ids == item.link.id)[0])
        sealed, people = whole(table.sealed, row), whole(table.inhabitants, row)
        observed, cells = whole(table.observed, row) or 0, int(table.cells[row])
        made.append(
            BesideRow(
                link=item.link,
                own=item.link.id == own.id,
                kilometres=item.kilometres,
                share=indicators.sealed_share(sealed, observed),
                not_observed_share=1 - observed / cells if cells else 0.0,
                partly=table.is_partly_observed(row),
                per_inhabitant=indicators.square_metres_per_inhabitant(sealed, people),
                inhabitants=people,
            )
        )
    return made


def beside_tables(
    connection: Connection, table: LevelTable, own: TerritoryLink
) -> list[dict[str, Any]]:
    """The tables that have rows; none for a territory alone on its level. One statement at most."""
    if len(table.ids) < 2:
        return []
    found = neighbours(connection, table, zone_id=own.id)
    shown = (
        (
            "nearest",
            _("Nearest"),
            _("By the distance between the centroids."),
            found.nearest,
        ),
        (
            "similar",
            _("Most similar"),
            _(
                "By number of inhabitants and sealed share together: doubling the population counts"
                " as much as doubling the share."
            ),
            found.similar,
        ),
    )
    return [
        {
            "name": name,
            "title": title,
            "say": say,
            "rows": _rows(table, items, own),
            "compare": address([(link.level, link.code) for link in links]),
        }
        for name, title, say, items in shown
        if items and (links := [own, *(item.link for item in items)])
    ]
