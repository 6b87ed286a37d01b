"""The orders of a table: headings that sort, and choices of a form where headings are left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class SortChoice:
    """An order of a table."""

    value: str
    """As the address writes it: the column, after a minus where the highest comes first."""
    label: str
    chosen: bool


def sort_choices(columns: Iterable[tuple[str, str]], order: str) -> list[SortChoice]:
    """Both orders of each column, given by key and label; that of names begins with A."""
    found = []
    for key, label in columns:
        if key == "name":
            orders = ((key, _("%(column)s, A to Z")), (f"-{key}", _("%(column)s, Z to A")))
        else:
            orders = (
                (f"-{key}", _("%(column)s, highest first")),
                (key, _("%(column)s, lowest first")),
            )
        found += [
            SortChoice(value=value, label=text % {"column": label}, chosen=value == order)
            for value, text in orders
        ]
    return found


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
    """Whether a narrow screen leaves it out."""


def is_sorted_by(order: str, key: str) -> bool:
    """Whether an order is that of a column, in either direction."""
    return order.removeprefix("-") == key


def query_of(order: str) -> str:
    """The query of an order alone."""
    return urlencode({"sort": order})


def heading(
    key: str,
    label: str,
    *,
    order: str,
    optional: bool,
    query: Callable[[str], str] | None = query_of,
) -> Heading:
    """The heading of a column in a table that is in ``order``. It leads to the column's first order
    (names from A, figures from the highest), and a second press turns that around; ``query`` makes
    the address of an order, None where the column cannot be sorted by."""
    active = is_sorted_by(order, key)
    if active:
        wanted = key if order.startswith("-") else f"-{key}"
    else:
        wanted = key if key == "name" else f"-{key}"
    sorting = None
    if active:
        sorting = "descending" if order.startswith("-") else "ascending"
    return Heading(
        key=key,
        label=label,
        query=None if query is None else query(wanted),
        sorting=sorting,
        optional=optional,
    )
