"""The orders of a table as choices of a form: on a narrow screen some columns have no heading."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

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
