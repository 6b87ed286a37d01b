"""One sentence that says what a chart shows."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.figures import Change, Statistics
from analytics.records import MODELLED
from clcplus.presentation.certainty import verdict_sentence
from clcplus.presentation.classes import Bar, class_bars
from clcplus.presentation.numbers import hectares, percent, signed_hectares
from clcplus.presentation.series import SeriesFigures


def about_share(
    name: str,
    editions: Sequence[Statistics],
    series: SeriesFigures | None,
    change: Change | None,
) -> str:
    """What the chart of the share over editions shows: the newest share, the series like for like,
    and whether the ``change`` stands out of the noise of the maps."""
    # What a model says is no part of what was mapped, unless there is nothing else.
    mapped = [e for e in editions if e.edition.origin != MODELLED] or editions
    seen = [e for e in mapped if e.share is not None]
    if not seen:
        return _("Nothing of %(name)s is observed in any edition.") % {"name": name}
    said = [_about_newest(name, seen[-1])]
    if series is not None:
        said.append(about_series(series, cells=seen[-1].observed + seen[-1].not_observed))
    elif len(seen) > 1:
        said.append(
            _(
                "Its shares in different editions are not comparable: no cells are known that all"
                " of these editions have observed."
            )
        )
    if unseen := [str(e.edition.year) for e in mapped if e.share is None]:
        said.append(
            ngettext(
                "The edition of %(years)s has observed nothing of it.",
                "The editions of %(years)s have observed nothing of it.",
                len(unseen),
            )
            % {"years": ", ".join(unseen)}
        )
    if change is not None and change.verdict is not None and not change.across_origins:
        said.append(_about_verdict(name, change))
    return " ".join(said)


def _about_newest(name: str, newest: Statistics) -> str:
    words = {"share": percent(newest.share), "name": name, "year": newest.edition.year}
    if not newest.partly:
        return _("%(share)s of %(name)s is mapped as sealed in %(year)s.") % words
    return _(
        "%(share)s of what is observed of %(name)s in %(year)s is mapped as sealed; %(unseen)s of"
        " it is not observed in that edition."
    ) % {**words, "unseen": percent(newest.not_observed_share, 0)}


def about_series(series: SeriesFigures, *, cells: int) -> str:
    """The shares of a series of a territory of so many cells, and the ground that they are of."""
    (earlier, first), (later, last) = series.shares[0], series.shares[-1]
    words = {
        "area": hectares(series.observed_ha),
        "part": percent(series.cells / cells, 0),
        "n": len(series.shares),
        "first": percent(first, 2),
        "earlier": earlier.year,
        "last": percent(last, 2),
        "later": later.year,
    }
    if len(series.shares) == 2:
        said = _(
            "Like for like, on the %(area)s (%(part)s) observed in both editions, the share is"
            " %(first)s in %(earlier)s and %(last)s in %(later)s."
        )
    else:
        said = _(
            "Like for like, on the %(area)s (%(part)s) observed in all %(n)s editions, the share is"
            " %(first)s in %(earlier)s and %(last)s in %(later)s."
        )
    return said % words


def _about_verdict(name: str, change: Change) -> str:
    assert change.verdict is not None
    if change.verdict.estimated:
        return verdict_sentence(name, change)
    said = (
        _(
            "The net change from %(earlier)s to %(later)s, %(net)s on the %(area)s observed in"
            " both, is more than the noise of the maps could make."
        )
        if change.verdict.distinguishable
        else _(
            "The net change from %(earlier)s to %(later)s, %(net)s on the %(area)s observed in"
            " both, cannot be told from the noise of the maps."
        )
    )
    return said % {
        "earlier": change.earlier.year,
        "later": change.later.year,
        "net": signed_hectares(change.net_ha),
        "area": hectares(change.observed_ha),
    }


def of_change(change: Change | None) -> dict[str, str]:
    """What a page says of a change, of its gain and of its loss, by the names in templates."""
    return {
        "about_change": about_change(change) if change else "",
        "about_gain": about_gain(change) if change else "",
        "about_loss": about_loss(change) if change else "",
    }


def about_change(change: Change) -> str:
    """What the table of change shows."""
    if change.net_ha is None:
        return _("No cell of this territory is observed in both editions.")
    words = {
        "net": signed_hectares(change.net_ha),
        "earlier": change.earlier.year,
        "later": change.later.year,
    }
    return (
        _("Net change (gain minus loss): %(net)s between %(earlier)s and %(later)s, as mapped.")
        % words
    )


def about_gain(change: Change) -> str:
    """What the bars of former classes show."""
    if not change.gain:
        return _("No cell became sealed between the two editions.")
    return _about(
        class_bars(change.gain_by_former_class),
        most=_("Most of the gain, %(part)s, was mapped as “%(name)s” in %(year)s."),
        largest=_("The largest part of the gain, %(part)s, was mapped as “%(name)s” in %(year)s."),
        year=change.earlier.year,
    )


def about_loss(change: Change) -> str:
    """What the bars of later classes show."""
    if not change.loss:
        return _("No sealed cell became another class between the two editions.")
    return _about(
        class_bars(change.loss_by_later_class),
        most=_("Most of the loss, %(part)s, is mapped as “%(name)s” in %(year)s."),
        largest=_("The largest part of the loss, %(part)s, is mapped as “%(name)s” in %(year)s."),
        year=change.later.year,
    )


def _about(bars: Sequence[Bar], *, most: str, largest: str, year: int) -> str:
    first = bars[0]
    words = {"part": percent(first.part, 0), "name": first.name, "year": year}
    return (most if first.part > 0.5 else largest) % words
