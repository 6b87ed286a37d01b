"""Long lists, page by page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list: its number from 1, that of the last page, and the rows that it has."""

    number: int
    last: int
    rows: slice

    @property
    def before(self) -> int | None:
        """The number of the page before; None on the first."""
        return self.number - 1 if self.number > 1 else None

    @property
    def after(self) -> int | None:
        """The number of the page after; None on the last."""
        return self.number + 1 if self.number < self.last else None


def page_of(text: str, total: int, size: int) -> Page:
    """The page that an address asks for, of ``total`` rows: the first where it names none, the last
    where it names one beyond."""
    last = max(1, -(-total // size))
    number = min(max(whole_number(text) or 1, 1), last)
    return Page(number, last, slice((number - 1) * size, number * size))


def whole_number(text: str) -> int | None:
    """A number that an address has; None for any other text."""
    return int(text) if text.isascii() and text.isdecimal() else None
