"""The orders of a table: headings that sort, and choices of a form where headings are left out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

Column = tuple[str, str, bool]
"""Key, label, and whether a narrow screen leaves it out."""


@dataclass(frozen=True, slots=True)
class SortChoice:
    """An order of a table."""

    value: str
    """As the address writes it: the column, after a minus where the highest comes first."""
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a table, and where it leads."""

    key: str
    label: str
    query: str | None
    """The query that sorts by this column; None where that cannot be had."""
    sorting: str | None
    """The value of ``aria-sort`` where rows are in this order."""
    optional: bool


def query_of(order: str) -> str:
    """The query of an order alone."""
    return urlencode({"sort": order})


def orders_of(
    columns: Sequence[Column],
    order: str,
    *,
    sortable: Collection[str] | None = None,
    query: Callable[[str], str] = query_of,
) -> dict[str, Any]:
    """``headings`` and ``sorts`` of a table that is in ``order``, as templates take them. It can be
    sorted by the columns of ``sortable`` (None: all); ``query`` makes the address of an order."""
    free = [column for column in columns if sortable is None or column[0] in sortable]
    return {
        "headings": [
            _heading(*c, order=order, query=query if c in free else None) for c in columns
        ],
        "sorts": [
            choice for key, label, _optional in free for choice in _choices(key, label, order)
        ],
    }


def _choices(key: str, label: str, order: str) -> list[SortChoice]:
    """Both orders of a column; that of names begins with A."""
    if key == "name":
        orders = ((key, _("%(column)s, A to Z")), (f"-{key}", _("%(column)s, Z to A")))
    else:
        orders = (
            (f"-{key}", _("%(column)s, highest first")),
            (key, _("%(column)s, lowest first")),
        )
    return [SortChoice(value, text % {"column": label}, value == order) for value, text in orders]


def _heading(
    key: str, label: str, optional: bool, *, order: str, query: Callable[[str], str] | None
) -> Heading:
    """It leads to the column's first order (names from A, figures from the highest), and a second
    press turns that around."""
    descending = order.startswith("-")
    active = order.removeprefix("-") == key
    rising = descending if active else key == "name"
    return Heading(
        key=key,
        label=label,
        query=None if query is None else query(key if rising else f"-{key}"),
        sorting=("descending" if descending else "ascending") if active else None,
        optional=optional,
    )
