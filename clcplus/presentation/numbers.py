"""How figures are written: in the habit of the page's language, with a real minus sign, and with a
unit that does not leave its number.

The filters only write; every conversion of units is in :mod:`analytics.indicators`. Files of data
are not written by them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from babel import Locale, units
from django.conf import settings
from django.utils.translation import get_language, pgettext, to_locale

from analytics import indicators

if TYPE_CHECKING:
    from analytics.records import Edition
    from clcplus.presentation.series import SeriesFigures


SPACE = "\u202f"
"""Narrow no-break space: between thousands, and between a number and its unit."""
MINUS = "\u2212"
NOTHING = "\u2013"
"""What stands where there is no figure; the template says why."""


@dataclass(frozen=True, slots=True)
class Habit:
    """How a language writes numbers; frontend/src/page/numbers.js agrees."""

    locale: Locale
    point: str
    thousands: str
    ungrouped: int
    """Digits up to which a whole number is written without a gap."""
    before_percent: str


@cache
def _habit(language: str) -> Habit:
    """Symbols of the Unicode CLDR. English takes the spaces of the SI, not commas; the CLDR's
    minimum of grouped digits (Polish: 5) is not among Babel's data."""
    locale = Locale.parse(to_locale(language))
    symbols = locale.number_symbols["latn"]
    english = locale.language == "en"
    percent_has_space = not locale.percent_formats[None].pattern.endswith("0%")
    return Habit(
        locale=locale,
        point=symbols["decimal"],
        thousands=SPACE if english else symbols["group"],
        ungrouped=4 if locale.language == "pl" else 3,
        before_percent=SPACE if english or percent_has_space else "",
    )


def habit() -> Habit:
    """That of the page's language."""
    return _habit(get_language() or settings.LANGUAGE_CODE)


Number = int | float


def decimal(value: Number, digits: int) -> str:
    """A number with its thousands apart; a value that rounds to nought has no sign."""
    manner = habit()
    whole, _point, rest = f"{abs(value):.{digits}f}".partition(".")
    if len(whole) > manner.ungrouped:
        whole = f"{int(whole):,}".replace(",", manner.thousands)
    text = f"{whole}{manner.point}{rest}" if rest else whole
    negative = value < 0 and any(character in "123456789" for character in text)
    return MINUS + text if negative else text


def _with_percent(text: str) -> str:
    return text if text == NOTHING else f"{text}{habit().before_percent}%"


def _with_unit(text: str, unit: str) -> str:
    return text if text == NOTHING else f"{text}{SPACE}{unit}"


def _digits_for(value: Number) -> int:
    """Decimals that leave about three significant figures."""
    size = abs(value)
    if size < 10:
        return 2
    return 1 if size < 100 else 0


def count(value: int | None) -> str:
    """A whole number: ``16 912``."""
    return NOTHING if value is None else decimal(value, 0)


def at_least(text: str, lower_bound: bool) -> str:
    """A figure as it is written, or as a lower bound: ``≥ 432 m²``."""
    return f"\u2265{SPACE}{text}" if lower_bound and text != NOTHING else text


def any_partly(rows: Iterable[Any]) -> bool:
    """Whether the edition of a table has observed clearly less than another of any of its rows."""
    return any(row.partly for row in rows)


def number(value: Number | None, digits: int | None = None) -> str:
    """A number without a unit."""
    if value is None:
        return NOTHING
    return decimal(value, _digits_for(value) if digits is None else digits)


def hectares(value: Number | None, digits: int | None = None) -> str:
    """An area already in hectares: ``169 ha``."""
    return _with_unit(number(value, digits), "ha")


def area(value: Number | None) -> str:
    """An area in a column of a table that names the unit: to the cell; nought as it is."""
    if value is None:
        return NOTHING
    return decimal(value, 2) if value else "0"


def percent(value: float | None, digits: int = 1) -> str:
    """A fraction as per cent; what is neither nothing nor everything is not rounded to it."""
    if value is None:
        return NOTHING
    if not value:
        return _with_percent("0")
    step = 10.0**-digits
    share = value * 100
    if 0 < share < step / 2:
        return _with_percent(f"<{SPACE}{decimal(step, digits)}")
    if 100 - step / 2 <= share < 100:
        return _with_percent(f">{SPACE}{decimal(100 - step, digits)}")
    return _with_percent(decimal(share, digits))


def known_percent(value: float | None) -> str:
    """A fraction as per cent; empty where there is none, for a sentence that says so in words."""
    return "" if value is None else percent(value)


def per_cent(value: Number | None, digits: int = 0) -> str:
    """What is in per cent already: ``45 %``."""
    return _with_percent(number(value, digits))


def signed(value: Number | None, digits: int | None = None) -> str:
    """A difference, always with its sign: ``+2.1``, ``−0.4``; nought has none."""
    if value is None:
        return NOTHING
    text = decimal(value, _digits_for(value) if digits is None else digits)
    nought = not any(character in "123456789" for character in text)
    return text if value < 0 or nought else f"+{text}"


def signed_hectares(value: Number | None, digits: int | None = None) -> str:
    """A difference of areas in hectares: ``+2.1 ha``."""
    return _with_unit(signed(value, digits), "ha")


def signed_percent(value: float | None, digits: int = 1) -> str:
    """A relative difference, already in per cent: ``+1.3 %``."""
    return _with_percent(signed(value, digits))


def points(value: float | None, digits: int = 2) -> str:
    """A difference of shares, already in percentage points: ``+0.14 pp``."""
    return _with_unit(signed(value, digits), pgettext("unit: percentage points", "pp"))


def square_metres(value: Number | None) -> str:
    """An area already in square metres: ``432 m²``."""
    return _with_unit(number(value, 0), "m²")


def square_kilometres(value: Number | None) -> str:
    """An area already in square kilometres: ``14.8 km²``."""
    return _with_unit(number(value, 1 if abs(value or 0) < 1000 else 0), "km²")


def shape_area(value: float) -> str:
    """Square metres of a shape, in the unit that suits its size: ``432 m²``, ``12.4 ha``,
    ``14.8 km²``."""
    if value < 10_000:
        return square_metres(value)
    if value < 10_000_000:
        return hectares(indicators.hectares_of_shape(value))
    return square_kilometres(indicators.square_kilometres_of_shape(value))


def share_in(series: SeriesFigures | None, edition: Edition) -> float | None:
    """The share of a series in an edition; None where it is not part of it."""
    return None if series is None else series.share_in(edition)


def duration(seconds: float | None) -> str:
    """A time: ``2 h 05 min``, ``3 min 20 s``, ``12 s``."""
    if seconds is None:
        return NOTHING
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}{SPACE}h {minutes:02d}{SPACE}min"
    return f"{minutes}{SPACE}min {rest:02d}{SPACE}s" if minutes else f"{rest}{SPACE}s"


def file_size(size: int | None) -> str:
    """The size of a file in steps of 1000 bytes: ``129 kB``, ``129 ko``, ``1.4 MB``."""
    if size is None:
        return NOTHING
    unit, value = "byte", float(size)
    for larger in ("kilobyte", "megabyte", "gigabyte"):
        if value < 1000:
            break
        unit, value = larger, value / 1000
    digits = 0 if unit == "byte" else max(_digits_for(value) - 1, 0)
    # Babel writes the unit and its space; the number is written as every other number is.
    written: str = units.format_unit("{}", f"digital-{unit}", length="short", locale=habit().locale)
    return written.format(decimal(value, digits)).replace(" ", SPACE)


def ordinal(value: int | None) -> str:
    """A place in an order: ``1st``, ``68th``, ``68e``, ``68.``"""
    if value is None:
        return NOTHING
    forms = {
        "one": pgettext("ordinal number such as 1, 21, in a ranking", "%(n)sst"),
        "two": pgettext("ordinal number such as 2, 22, in a ranking", "%(n)snd"),
        "few": pgettext("ordinal number such as 3, 23, in a ranking", "%(n)srd"),
        "other": pgettext("ordinal number such as 4, 11, in a ranking", "%(n)sth"),
    }
    form = habit().locale.ordinal_form(value)
    return forms.get(form, forms["other"]) % {"n": count(value)}
