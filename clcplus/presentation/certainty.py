"""How sure a change is: its one sentence, the numbers behind it, and where a chart draws them.

Across the chart positions are per cent of its width; down it they are pixels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.figures import AreaEstimate, Basis, Change
from analytics.records import Interval
from clcplus.presentation.indicators import FILTER_NAMES
from clcplus.presentation.numbers import hectares, signed_hectares

BASIS_WORDS: Mapping[Basis, str | Promise] = {
    "own": gettext_lazy("a reference sample that was drawn for this territory"),
    "assisted": gettext_lazy("the points of a larger territory’s reference sample that lie here"),
    "small-area": gettext_lazy("a model that leans on the larger territory around this one"),
    "borrowed": gettext_lazy("borrowed from the accuracy published for the group of countries"),
}
"""Where an interval comes from, after “The interval comes from”."""

_ROW = 48
_TOP = 4
_LINE = 30
"""Pixels: the height of a row, above the first, and from the top of a row to its mark."""
_EDGE = 2.0
"""Per cent of the width that are left free at either side."""


def verdict_sentence(name: str, change: Change) -> str:
    """What can be said of the net change, for a reader without statistics."""
    verdict = change.verdict
    if verdict is None:
        return _(
            "%(name)s: no cell is observed in both editions, so nothing is known of change."
        ) % {"name": name}
    words: dict[str, object] = {
        "name": name,
        "earlier": change.earlier.year,
        "later": change.later.year,
    }
    if change.across_origins:
        return (
            _(
                "%(name)s: the editions of %(earlier)s and %(later)s are of different origin, so"
                " what differs between them says nothing of change."
            )
            % words
        )
    estimate = change.net_estimate
    if verdict.estimated and estimate is not None and estimate.interval_ha is not None:
        return _by_interval(words, estimate.interval_ha)
    if verdict.distinguishable:
        said = _(
            "%(name)s: the map shows more change from %(earlier)s to %(later)s than its noise alone"
            " could make. How much of it is real nobody has measured here."
        )
    else:
        said = _(
            "%(name)s: whether sealed ground has grown from %(earlier)s to %(later)s cannot be told"
            " from the noise of the map."
        )
    return said % words


def _by_interval(words: Mapping[str, object], interval: Interval) -> str:
    low, high = interval
    if low > 0:
        said = _(
            "%(name)s: sealed ground has probably grown, by between %(less)s and %(more)s from"
            " %(earlier)s to %(later)s."
        )
    elif high < 0:
        low, high = high, low
        said = _(
            "%(name)s: sealed ground has probably shrunk, by between %(less)s and %(more)s from"
            " %(earlier)s to %(later)s."
        )
    else:
        said = _(
            "%(name)s: whether sealed ground has grown from %(earlier)s to %(later)s cannot be"
            " told: anything from %(less)s less to %(more)s more is possible."
        )
    return said % {**words, "less": hectares(abs(low)), "more": hectares(abs(high))}


def contradiction(change: Change) -> str:
    """Where the map says otherwise than the sample; empty where it does not."""
    estimate, net = change.net_estimate, change.net_ha
    if estimate is None or estimate.interval_ha is None or net is None or change.across_origins:
        return ""
    low, high = estimate.interval_ha
    if low <= net <= high:
        return ""
    return _(
        "The map itself shows %(net)s, which lies outside of that range: the errors of its two"
        " editions do not cancel out. Where they differ, the sample counts."
    ) % {"net": signed_hectares(net)}


@dataclass(frozen=True, slots=True)
class CertaintyMark:
    """A row of the chart: a net change in hectares as a dot at ``x``, an interval of it, or both.
    ``kind`` is ``map``, ``filter``, ``estimate`` or ``noise``."""

    kind: str
    label: str
    written: str
    y: int
    x: float | None = None
    left: float | None = None
    right: float | None = None

    @property
    def line(self) -> int:
        """Where its mark stands."""
        return self.y + _LINE

    @property
    def width(self) -> float | None:
        """Of its interval."""
        if self.left is None or self.right is None:
            return None
        return round(self.right - self.left, 2)


@dataclass(frozen=True, slots=True)
class CertaintyChart:
    """Net change as the map, the filter and the sample have it, on one scale with zero on it."""

    marks: tuple[CertaintyMark, ...]
    zero: float

    @property
    def base(self) -> int:
        """Where the rows end."""
        return _TOP + _ROW * len(self.marks)

    @property
    def height(self) -> int:
        """With the words below the rows."""
        return self.base + 22


@dataclass(frozen=True, slots=True)
class _Row:
    kind: str
    label: str
    value: float | None
    interval: Interval | None = None


def _rows(change: Change) -> Sequence[_Row]:
    rows = [_Row("map", _("The map, cell by cell"), change.net_ha)]
    usual = change.usual_filter
    if usual is not None:
        label = _("The map, %(patches)s") % {"patches": FILTER_NAMES[usual.preset]}
        rows.append(_Row("filter", label, usual.net_ha))
    found = change.net_estimate
    if found is not None and found.interval_ha is not None:
        rows.append(_Row("estimate", _("The reference sample"), found.value_ha, found.interval_ha))
    noise = change.noise_ha
    if noise is not None and not change.across_origins:
        label = _("Noise alone (stress test)")
        rows.append(_Row("noise", label, None, (-noise, noise)))
    return rows


def _written(row: _Row) -> str:
    if row.interval is None:
        return signed_hectares(row.value)
    if row.kind == "noise":
        return f"± {hectares(row.interval[1])}"
    return " … ".join(map(signed_hectares, row.interval))


def certainty_chart(change: Change | None) -> CertaintyChart | None:
    """The chart; None where nothing is observed in both editions."""
    if change is None or change.net_ha is None:
        return None
    rows = _rows(change)
    ends = [0.0]
    for row in rows:
        ends += [] if row.value is None else [row.value]
        ends += row.interval or ()
    lowest, highest = min(ends), max(ends)
    span = highest - lowest or 1.0

    def across(value: float) -> float:
        return round(_EDGE + (value - lowest) / span * (100 - 2 * _EDGE), 2)

    return CertaintyChart(
        marks=tuple(
            CertaintyMark(
                kind=row.kind,
                label=row.label,
                written=_written(row),
                y=_TOP + number * _ROW,
                x=None if row.value is None else across(row.value),
                left=None if row.interval is None else across(row.interval[0]),
                right=None if row.interval is None else across(row.interval[1]),
            )
            for number, row in enumerate(rows)
        ),
        zero=across(0.0),
    )


def basis_words(estimate: AreaEstimate) -> str:
    """Where an estimate's interval comes from."""
    return str(BASIS_WORDS[estimate.basis])


def filter_name(preset: str) -> str:
    """What a filter leaves, in words."""
    return str(FILTER_NAMES[preset])
