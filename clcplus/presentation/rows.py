"""Rows of a table of territories, their ranks, and the orders that its headings lead to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.figures import Basis, Change, TerritoryStatistics
from analytics.queries import LevelTable, Standing
from analytics.search import search_key
from clcplus.presentation.sort_headings import orders_of


@dataclass(frozen=True, slots=True)
class ToldShare:
    """The 95 % interval of a sealed share, 0..1, and where it comes from."""

    low: float
    high: float
    basis: Basis


@dataclass(frozen=True, slots=True)
class Row(TerritoryStatistics):
    """A territory with its figures in one edition, in a table."""

    bar: float | None = None
    """Width of the bar of its share, per cent of the longest."""
    change: Change | None = None
    told: ToldShare | None = None
    """None where no interval is known."""


_FIGURES = tuple(field.name for field in fields(TerritoryStatistics))


def rows_of(
    items: Iterable[TerritoryStatistics],
    changes: Mapping[str, Change] | None = None,
    *,
    standing: Standing | None = None,
) -> list[Row]:
    """Rows of territories; ``changes`` are by code. Intervals of their shares are those of their
    estimates, or those of a ``standing``."""
    found = list(items)
    longest = max((item.share for item in found if item.share is not None), default=0.0)

    def bar(share: float | None) -> float | None:
        return None if share is None else round(share / longest * 100, 1) if longest else 0

    by_table = told_shares(standing, [item.link.id for item in found]) if standing else {}
    return [
        Row(
            **{name: getattr(item, name) for name in _FIGURES},
            bar=bar(item.share),
            change=(changes or {}).get(item.link.code),
            told=by_table.get(item.link.id) or _told(item),
        )
        for item in found
    ]


def _told(item: TerritoryStatistics) -> ToldShare | None:
    if item.share_interval is None or item.basis is None:
        return None
    return ToldShare(*item.share_interval, item.basis)


def told_shares(standing: Standing, zone_ids: Sequence[int]) -> dict[int, ToldShare]:
    """Intervals of shares of territories by id; without those that have none."""
    found, ids = standing.share_intervals, standing.table.ids
    wanted = np.isin(ids, np.array(zone_ids, dtype=np.int64)) & np.isfinite(found.low)
    return {
        int(ids[row]): ToldShare(float(found.low[row]), float(found.high[row]), found.basis[row])
        for row in np.flatnonzero(wanted)
    }


def counts_at(table: LevelTable, row: int) -> dict[str, Any]:
    """What :class:`~analytics.figures.TerritoryStatistics` has of a row of a level's table, save
    the territory."""
    people, cells = table.inhabitants[row], int(table.cells[row])
    seen = bool(table.observed[row] > 0)
    observed = int(table.observed[row]) if seen else 0
    return {
        "sealed": int(table.sealed[row]) if seen else None,
        "observed": observed,
        "not_observed": cells - observed,
        "inhabitants": None if np.isnan(people) else int(people),
        "partly": table.is_partly_observed(row),
    }


@dataclass(frozen=True, slots=True)
class TiedRank:
    """The ranks by sealed share that a territory may have, 1 for the highest."""

    first: int
    last: int
    ranked: int
    """How many of the level have a rank."""

    @property
    def tied(self) -> bool:
        """Whether map noise alone could have told it apart from others."""
        return self.last > self.first

    @property
    def places(self) -> tuple[float, float]:
        """Where both stand, in per cent of a strip from the highest share to the lowest; its ends
        leave room for the mark."""
        first, last = (
            50.0 if self.ranked < 2 else round(3 + (rank - 1) / (self.ranked - 1) * 94, 2)
            for rank in (self.first, self.last)
        )
        return first, last


def tied_ranks(standing: Standing, zone_ids: Sequence[int]) -> dict[int, TiedRank]:
    """Ranks of territories by id, as the ranking shows them; without those that have none."""
    ranks = standing.ranks("share")
    return {
        int(standing.table.ids[row]): TiedRank(
            first=int(ranks.first[row]), last=int(ranks.last[row]), ranked=ranks.ranked
        )
        for row in np.flatnonzero(np.isin(standing.table.ids, np.array(zone_ids, dtype=np.int64)))
        if ranks.first[row]
    }


Key = Callable[[Row], float | str | None]

KEYS: dict[str, Key] = {
    "name": lambda row: search_key(row.link.name),
    "share": lambda row: row.share,
    "sealed": lambda row: row.sealed_ha,
    "person": lambda row: row.per_inhabitant_m2,
    "inhabitants": lambda row: row.inhabitants,
    "area": lambda row: row.area_km2,
}


def sort_rows(rows: Sequence[Row], order: str) -> list[Row]:
    """Rows in the order of a column, the largest first after a minus; without a figure is last."""
    key = KEYS[order.lstrip("-")]
    known = [row for row in rows if key(row) is not None]
    unknown = [row for row in rows if key(row) is None]
    known.sort(key=lambda row: (key(row), row.link.code), reverse=order.startswith("-"))
    return known + unknown


def order_from(text: str | None, default: str) -> str:
    """An order as the address asks for it, or the default."""
    return text if text and text.lstrip("-") in KEYS and text.count("-") < 2 else default


def territory_orders(
    order: str, name: str, sortable: Collection[str] | None = None
) -> dict[str, Any]:
    """Headings and orders of a table of territories, whose level has that ``name``. A column that
    sorts the rows is shown on a narrow screen too."""
    columns = (
        ("name", name, False),
        ("share", pgettext("column: sealed share", "Sealed"), False),
        ("sealed", _("Sealed area"), False),
        ("person", _("Per inhabitant"), True),
        ("inhabitants", _("Inhabitants"), True),
        ("area", _("Area"), True),
    )
    shown = [(key, label, wide and key != order.lstrip("-")) for key, label, wide in columns]
    return orders_of(shown, order, sortable=sortable)
