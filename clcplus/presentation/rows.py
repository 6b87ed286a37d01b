"""Rows of a table of territories, and the orders that its headings lead to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.figures import Change, TerritoryStatistics
from analytics.records import TerritoryLink
from analytics.search import search_key
from clcplus.presentation.sort_headings import (
    Heading,
    SortChoice,
    heading,
    is_sorted_by,
    query_of,
    sort_choices,
)


@dataclass(frozen=True, slots=True)
class Row:
    """A territory with its figures in one edition."""

    link: TerritoryLink
    share: float | None
    sealed_ha: float | None
    area_km2: float
    not_observed_share: float
    partly: bool
    """Whether another edition has observed clearly more of it."""
    inhabitants: int | None
    per_inhabitant: float | None
    bar: float | None
    """Width of the bar of its share, per cent of the longest."""
    change: Change | None = None


def rows_of(
    items: Iterable[TerritoryStatistics], changes: dict[str, Change] | None = None
) -> list[Row]:
    """Rows of territories; ``changes`` are by code."""
    found = list(items)
    longest = max((item.share for item in found if item.share is not None), default=0.0)
    rows = []
    for item in found:
        share = item.share
        rows.append(
            Row(
                link=item.link,
                share=share,
                sealed_ha=item.sealed_ha,
                area_km2=item.area_km2,
                not_observed_share=item.not_observed_share,
                partly=item.partly,
                inhabitants=item.inhabitants,
                per_inhabitant=item.per_inhabitant_m2,
                bar=None if share is None else round(share / longest * 100, 1) if longest else 0,
                change=(changes or {}).get(item.link.code),
            )
        )
    return rows


Key = Callable[[Row], float | str | None]

KEYS: dict[str, Key] = {
    "name": lambda row: search_key(row.link.name),
    "share": lambda row: row.share,
    "sealed": lambda row: row.sealed_ha,
    "person": lambda row: row.per_inhabitant,
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


def _columns(name: str) -> tuple[tuple[str, str, bool], ...]:
    """Key, label, and whether a narrow screen leaves it out."""
    return (
        ("name", name, False),
        ("share", pgettext("column: sealed share", "Sealed"), False),
        ("sealed", _("Sealed area"), False),
        ("person", _("Per inhabitant"), True),
        ("inhabitants", _("Inhabitants"), True),
        ("area", _("Area"), True),
    )


def sorts(order: str, name: str, sortable: Iterable[str] | None = None) -> list[SortChoice]:
    """The orders of the table, for a form."""
    allowed = set(KEYS if sortable is None else sortable)
    columns = ((key, label) for key, label, _optional in _columns(name) if key in allowed)
    return sort_choices(columns, order)


def headings(order: str, name: str, sortable: Iterable[str] | None = None) -> list[Heading]:
    """Headings of the columns in their order. A column that sorts the rows is shown on a narrow
    screen too."""
    allowed = set(KEYS if sortable is None else sortable)
    return [
        heading(
            key,
            label,
            order=order,
            optional=optional and not is_sorted_by(order, key),
            query=query_of if key in allowed else None,
        )
        for key, label, optional in _columns(name)
    ]
