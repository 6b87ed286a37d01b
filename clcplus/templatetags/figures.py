"""How figures are written: thin spaces, a real minus sign, a unit that does not leave its number.

The filters only write; every conversion of units is in :mod:`analytics.indicators`.
"""

from __future__ import annotations

from django import template

register = template.Library()

SPACE = "\u202f"
"""Narrow no-break space: between thousands, and between a number and its unit."""
MINUS = "\u2212"
NOTHING = "\u2013"
"""What stands where there is no figure; the template says why."""

Number = int | float


def decimal(value: Number, digits: int) -> str:
    """A number with thin spaces for thousands; a value that rounds to nought has no sign."""
    text = f"{abs(value):,.{digits}f}".replace(",", SPACE)
    negative = value < 0 and any(character in "123456789" for character in text)
    return MINUS + text if negative else text


def _digits_for(value: Number) -> int:
    """Decimals that leave about three significant figures."""
    size = abs(value)
    if size < 10:
        return 2
    return 1 if size < 100 else 0


@register.filter
def count(value: int | None) -> str:
    """A whole number: ``16 912``."""
    return NOTHING if value is None else decimal(value, 0)


@register.filter
def number(value: Number | None, digits: int | None = None) -> str:
    """A number without a unit."""
    if value is None:
        return NOTHING
    return decimal(value, _digits_for(value) if digits is None else digits)


@register.filter
def hectares(value: Number | None, digits: int | None = None) -> str:
    """An area already in hectares: ``169 ha``."""
    return NOTHING if value is None else f"{number(value, digits)}{SPACE}ha"


@register.filter
def area(value: Number | None) -> str:
    """An area in a column of a table that names the unit: to the cell; nought as it is."""
    if value is None:
        return NOTHING
    return decimal(value, 2) if value else "0"


@register.filter
def percent(value: float | None, digits: int = 1) -> str:
    """A fraction as per cent; what is neither nothing nor everything is not rounded to it."""
    if value is None:
        return NOTHING
    if not value:
        return f"0{SPACE}%"
    step = 10.0**-digits
    share = value * 100
    if 0 < share < step / 2:
        return f"<{SPACE}{decimal(step, digits)}{SPACE}%"
    if 100 - step / 2 <= share < 100:
        return f">{SPACE}{decimal(100 - step, digits)}{SPACE}%"
    return f"{decimal(share, digits)}{SPACE}%"


@register.filter
def signed(value: Number | None, digits: int | None = None) -> str:
    """A difference, always with its sign: ``+2.1``, ``−0.4``; nought has none."""
    if value is None:
        return NOTHING
    text = decimal(value, _digits_for(value) if digits is None else digits)
    nought = not any(character in "123456789" for character in text)
    return text if value < 0 or nought else f"+{text}"


@register.filter
def signed_hectares(value: Number | None, digits: int | None = None) -> str:
    """A difference of areas in hectares: ``+2.1 ha``."""
    return NOTHING if value is None else f"{signed(value, digits)}{SPACE}ha"


@register.filter
def signed_percent(value: float | None, digits: int = 1) -> str:
    """A relative difference, already in per cent: ``+1.3 %``."""
    return NOTHING if value is None else f"{signed(value, digits)}{SPACE}%"


@register.filter
def points(value: float | None, digits: int = 2) -> str:
    """A difference of shares, already in percentage points: ``+0.14 pp``."""
    return NOTHING if value is None else f"{signed(value, digits)}{SPACE}pp"


@register.filter
def square_metres(value: Number | None) -> str:
    """An area already in square metres: ``432 m²``."""
    return NOTHING if value is None else f"{decimal(value, 0)}{SPACE}m²"


@register.filter
def square_kilometres(value: Number | None) -> str:
    """An area already in square kilometres: ``14.8 km²``."""
    if value is None:
        return NOTHING
    return f"{decimal(value, 1 if abs(value) < 1000 else 0)}{SPACE}km²"


@register.filter
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
