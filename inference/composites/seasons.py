"""Seasons: from one date to another, with a name where a composite holds several."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from inference.errors import UndatedImagery

_NAME = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Season:
    """Days from ``first`` to ``last``, both of them within; ``name`` is "" for the only season.

    Without days, it is all of the imagery that was given.
    """

    name: str = ""
    first: date | None = None
    last: date | None = None

    @property
    def interval(self) -> str:
        """As STAC writes it, such as 2024-06-01/2024-08-31; "" without days."""
        if self.first is None or self.last is None:
            return ""
        return f"{self.first.isoformat()}/{self.last.isoformat()}"

    def holds(self, day: date | None, *, of: str) -> bool:
        """Whether a day is one of the season's. Raises UndatedImagery for None where that matters;
        ``of`` names what was taken on the day."""
        if self.first is None or self.last is None:
            return True
        if day is None:
            raise UndatedImagery(
                of,
                found="no date in its metadata or name",
                expected=f"a date, to know whether it is of {self.interval}",
                hint="Leave --season out, or put the date into the file's name as YYYYMMDD",
            )
        return self.first <= day <= self.last


def parse(text: str) -> Season:
    """A season of ``FROM/TO`` or ``NAME=FROM/TO``; ValueError says what is wrong."""
    name, equals, interval = text.rpartition("=")
    if equals and not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a season: letters, digits, - and _ make one")
    first, _, last = interval.partition("/")
    try:
        season = Season(name, date.fromisoformat(first), date.fromisoformat(last))
    except ValueError:
        raise ValueError(f"{interval!r} is not two dates, such as 2024-06-01/2024-08-31") from None
    if season.first and season.last and season.first > season.last:
        raise ValueError(f"{interval!r} ends before it begins")
    return season


def check_names(seasons: Sequence[Season]) -> None:
    """ValueError unless several seasons have a name each, and each its own."""
    names = [season.name for season in seasons]
    if len(names) > 1 and "" in names:
        raise ValueError("each of several seasons needs a name: NAME=FROM/TO")
    if len(set(names)) < len(names):
        raise ValueError("two seasons have one name")
