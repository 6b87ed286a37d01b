"""One sentence that says what a chart shows."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from clcplus.charts import Bar
from clcplus.templatetags.figures import percent, signed_hectares
from clcplus.views.figures import MODELLED, ChangeFigures, EditionFigures


def about_share(name: str, editions: Sequence[EditionFigures], change: ChangeFigures | None) -> str:
    """What the chart of the share over editions shows."""
    # What a model says is no part of what was mapped, unless there is nothing else.
    mapped = [e for e in editions if e.edition.origin != MODELLED] or editions
    seen = [(e.edition.year, e.share) for e in mapped if e.share is not None]
    if not seen:
        return _("Nothing of %(name)s is observed in any edition.") % {"name": name}
    year, share = seen[-1]
    now = _("%(share)s of %(name)s is mapped as sealed in %(year)s.") % {
        "name": name,
        "share": percent(share),
        "year": year,
    }
    if len(seen) < 2:
        return now
    shares = [s for _year, s in seen]
    low, high = percent(min(shares)), percent(max(shares))
    if low == high:
        same = _("To a tenth of a per cent it is the same in each edition.")
        return f"{now} {same}"
    if change is None or change.verdict is None:
        between = _("Over the editions the share lies between %(low)s and %(high)s.")
    elif change.verdict.distinguishable:
        between = _(
            "Over the editions the share lies between %(low)s and %(high)s; the difference is more"
            " than the noise of the maps could make."
        )
    else:
        between = _(
            "Over the editions the share lies between %(low)s and %(high)s; a difference of this"
            " size cannot be told from the noise of the maps."
        )
    return f"{now} {between % {'low': low, 'high': high}}"


def about_change(change: ChangeFigures) -> str:
    """What the table of change shows."""
    if change.net_ha is None:
        return _("No cell of this territory is observed in both editions.")
    words = {
        "net": signed_hectares(change.net_ha),
        "earlier": change.earlier.year,
        "later": change.later.year,
    }
    return (
        _("Gain less loss comes to %(net)s between %(earlier)s and %(later)s, as mapped.") % words
    )


def about_gain(change: ChangeFigures) -> str:
    """What the bars of former classes show."""
    if not change.gain_bars:
        return _("No cell became sealed between the two editions.")
    return _about(
        change.gain_bars,
        most=_("Most of the gain, %(part)s, was mapped as “%(name)s” in %(year)s."),
        largest=_("The largest part of the gain, %(part)s, was mapped as “%(name)s” in %(year)s."),
        year=change.earlier.year,
    )


def about_loss(change: ChangeFigures) -> str:
    """What the bars of later classes show."""
    if not change.loss_bars:
        return _("No sealed cell became another class between the two editions.")
    return _about(
        change.loss_bars,
        most=_("Most of the loss, %(part)s, is mapped as “%(name)s” in %(year)s."),
        largest=_("The largest part of the loss, %(part)s, is mapped as “%(name)s” in %(year)s."),
        year=change.later.year,
    )


def _about(bars: Sequence[Bar], *, most: str, largest: str, year: int) -> str:
    first = bars[0]
    words = {"part": percent(first.part, 0), "name": first.name, "year": year}
    return (most if first.part > 0.5 else largest) % words
