"""The chart of a sealed share over editions: where its marks stand. The templates in
``templates/charts/`` draw them as SVG.

Across a chart positions are per cent of its width, so that text keeps its size on any screen; down
it they are pixels. Axes of shares start at nought: an unchanged share looks like a flat line.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from analytics.figures import Statistics
from analytics.records import MODELLED, Edition, Interval
from clcplus.presentation.series import SeriesFigures

HEIGHT = 230
_TOP, _BELOW = 34, 34
"""Pixels above the plot, for what is written at its highest point, and below it, for the years."""
_LEFT = 10.0
"""Per cent of the width that are left to the labels of the axis."""
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_TICKS = 4
_NO_ROOM = 90.0


@dataclass(frozen=True, slots=True)
class Observation:
    """A share (a fraction) in an edition; ``joined`` to the one before it by a line where both are
    of the same ground."""

    edition: Edition
    share: float | None
    joined: bool = True
    interval: Interval | None = None
    """95 % interval of the truly sealed share; the mapped share may lie outside of it."""

    @property
    def days(self) -> tuple[int, int]:
        """The first and the last of its window; where that is not known, of its year."""
        first = self.edition.window_start or date(self.edition.year, 1, 1)
        last = self.edition.window_end or date(self.edition.year, 12, 31)
        return first.toordinal(), last.toordinal()


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid and what it stands for, in per cent."""

    y: float
    value: float
    digits: int


@dataclass(frozen=True, slots=True)
class Mark:
    """An observation: its window from ``left`` over ``width``, its point, what is written at it."""

    label: str
    left: float
    width: float
    x: float
    y: float | None
    label_y: float | None
    share: float | None
    joined: bool
    modelled: bool
    reach: tuple[float, float] | None = None
    """Where the interval of the share ends, the lower end first."""

    @property
    def at_the_end(self) -> bool:
        """Whether there is no room for words on its right."""
        return self.x > _NO_ROOM


@dataclass(frozen=True, slots=True)
class Segment:
    """A straight line between two points."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class LineChart:
    """Shares over time."""

    height: int
    base: float
    ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    segments: tuple[Segment, ...]
    beside: tuple[Segment, ...]
    top: float
    """Share at the upper end of the axis, which starts at nought."""

    @property
    def apart(self) -> bool:
        """Whether a point of it is modelled."""
        return any(mark.modelled for mark in self.marks)

    @property
    def intervals(self) -> bool:
        """Whether a point of it has an interval."""
        return any(mark.reach is not None for mark in self.marks)

    @property
    def alone(self) -> bool:
        """Whether a point of it is of other ground than the others, though mapped as they are."""
        return any(m.share is not None and not m.joined and not m.modelled for m in self.marks)

    @property
    def plot_height(self) -> float:
        """Height of the bands of the observation windows."""
        return self.base - 20


def _top_of(shares: Sequence[float]) -> tuple[float, float]:
    """A round upper end for an axis from nought, and the step of its grid, both in per cent."""
    highest = max(shares, default=0.0) * 100 * 1.08 or 1.0
    rough = highest / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in _STEPS if factor * power >= rough * 0.999)
    return math.ceil(highest / step - 1e-9) * step, step


def _segments(points: Sequence[tuple[float, float | None, bool]]) -> tuple[Segment, ...]:
    drawn = [(x, y) for x, y, joined in points if y is not None and joined]
    return tuple(Segment(*start, *end) for start, end in itertools.pairwise(drawn))


def line_chart(
    observations: Sequence[Observation],
    beside: Sequence[Observation] = (),
    *,
    height: int = HEIGHT,
    highest: float = 0.0,
) -> LineChart | None:
    """The chart of ``observations``; ``beside`` is drawn as a thin line to compare with. The axis
    reaches at least to the share ``highest``, which gives several charts one scale."""
    if not observations:
        return None
    base = height - _BELOW
    first = min(o.days[0] for o in observations)
    days = max(1, max(o.days[1] for o in observations) - first)
    shares = [o.share for o in (*observations, *beside) if o.share is not None]
    ends = [o.interval[1] for o in observations if o.interval is not None]
    top, step = _top_of([*shares, *ends, highest])
    digits = 0 if step >= 1 and step == int(step) else 1 if step >= 0.1 else 2

    def across(day: float) -> float:
        return round(_LEFT + (day - first) / days * (100 - _LEFT), 2)

    def depth(share: float) -> float:
        return round(base - share * 100 / top * (base - _TOP), 1)

    def down(share: float | None) -> float | None:
        return None if share is None else depth(share)

    def reach(interval: Interval | None) -> tuple[float, float] | None:
        return None if interval is None else (depth(interval[0]), depth(interval[1]))

    def middle(o: Observation) -> float:
        return across(sum(o.days) / 2)

    marks = []
    for o in observations:
        y = down(o.share)
        left, right = map(across, o.days)
        label_y = None
        if y is not None:
            # Below a point that stands apart, so that it does not meet its neighbour's in time.
            above = o.joined or y + 24 > base - 4
            label_y = min(y, *(reach(o.interval) or (y,))) - 14 if above else y + 24
        marks.append(
            Mark(
                label=str(o.edition.year),
                left=left,
                width=round(right - left, 2),
                x=middle(o),
                y=y,
                label_y=label_y,
                share=o.share,
                joined=o.joined,
                modelled=o.edition.origin == MODELLED,
                reach=reach(o.interval),
            )
        )
    ticks = tuple(
        Tick(y=round(base - i * step / top * (base - _TOP), 1), value=i * step, digits=digits)
        for i in range(round(top / step) + 1)
    )
    return LineChart(
        height=height,
        base=base,
        ticks=ticks,
        marks=tuple(marks),
        segments=_segments([(m.x, m.y, m.joined) for m in marks]),
        beside=_segments([(middle(o), down(o.share), o.joined) for o in beside]),
        top=top / 100,
    )


def _observations(figures: Sequence[Statistics], series: SeriesFigures | None) -> list[Observation]:
    """Shares of the series, joined; of editions that are not part of it their own."""
    mapped = [f for f in figures if f.share is not None and f.edition.origin != MODELLED]
    found = []
    for item in figures:
        alike = None if series is None else series.share_in(item.edition)
        # The only edition there is has none beside it that it could be taken for comparable with.
        joined = alike is not None or mapped == [item]
        share = item.share if alike is None else alike
        found.append(Observation(item.edition, share, joined, item.share_interval))
    return found


def highest_drawn(figures: Sequence[Statistics], series: SeriesFigures | None) -> float:
    """The highest share that the chart shows."""
    return max((o.share or 0.0 for o in _observations(figures, series)), default=0.0)


def share_chart(
    figures: Sequence[Statistics],
    series: SeriesFigures | None,
    beside: SeriesFigures | None = None,
    *,
    height: int = HEIGHT,
    highest: float = 0.0,
) -> LineChart | None:
    """The chart; ``beside`` is the series of the territory to compare with, ``highest`` a share
    that the axis reaches."""
    around = beside.shares if beside else ()
    return line_chart(
        _observations(figures, series),
        [Observation(edition, share) for edition, share in around],
        height=height,
        highest=highest,
    )
