"""Seasons: intervals of dates, with names where a composite has several."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from inference.errors import UndatedImagery

_NAME = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Season:
    """Days from ``first`` to ``last``, both included. An only season has the name "".

    Without days, the season holds all imagery.
    """

    name: str = ""
    first: date | None = None
    last: date | None = None

    @property
    def interval(self) -> str:
        """The interval in STAC's form, such as 2024-06-01/2024-08-31. "" without days."""
        if self.first is None or self.last is None:
            return ""
        return f"{self.first.isoformat()}/{self.last.isoformat()}"

    @property
    def title(self) -> str:
        """The season in messages."""
        return f"season {self.name or self.interval}" if self.interval else "the imagery"

    def holds(self, day: date | None, *, of: str) -> bool:
        """Whether a day lies in the season. ``of`` names the imagery of the day. Raises
        UndatedImagery for None if the season has days."""
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
    """Parse ``FROM/TO`` or ``NAME=FROM/TO``. ValueError says what is wrong."""
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
    """Check that several seasons have different names. Raises ValueError."""
    names = [season.name for season in seasons]
    if len(names) > 1 and "" in names:
        raise ValueError("each of several seasons needs a name: NAME=FROM/TO")
    if len(set(names)) < len(names):
        raise ValueError("two seasons have one name")
