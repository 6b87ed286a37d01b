"""How days and times are written: by the Unicode CLDR (Babel) in the language of the page.

What the CLDR has no pattern for stands in the catalogue: the French "1er", the Polish "r." after a
year, and the words between a date and a time.
"""

from __future__ import annotations

from datetime import date, datetime

from babel import dates as cldr
from django import template
from django.utils.translation import pgettext

from clcplus.presentation.numbers import habit

register = template.Library()


@register.filter
def day(value: date | None) -> str:
    """A day: ``1 October 2022``, ``1er octobre 2022``, ``1 października 2022 r.``"""
    if value is None:
        return ""
    locale = habit().locale
    number = "%(day)s"
    if locale.ordinal_form(value.day) == "one":
        number = pgettext("day of the month that the language counts as first", "%(day)s")
    quoted = f"'{number % {'day': value.day}}'"
    pattern = locale.date_formats["long"].pattern.replace("d", quoted, 1)
    written = cldr.format_date(value, pattern, locale=locale)
    return pgettext("a whole date", "%(date)s") % {"date": written}


@register.filter(expects_localtime=True)
def moment(value: datetime | None) -> str:
    """A day and a time: ``29 November 2026, 07:34``, ``29 novembre 2026 à 7 h 34``."""
    if value is None:
        return ""
    clock = cldr.format_time(
        value,
        pgettext("pattern of a time of day, in the letters of the Unicode CLDR", "HH:mm"),
        tzinfo=value.tzinfo,
        locale=habit().locale,
    )
    return pgettext("date and time", "%(day)s, %(time)s") % {"day": day(value), "time": clock}


@register.filter
def month(value: date | None) -> str:
    """A month: ``July 2017``, ``lipiec 2017``."""
    if value is None:
        return ""
    return str(cldr.format_skeleton("yMMMM", value, locale=habit().locale))
