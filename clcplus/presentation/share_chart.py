"""The chart of a territory's sealed share over editions, from its figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from analytics.figures import Statistics
from analytics.records import MODELLED, Edition
from clcplus.presentation.charts import HEIGHT, LineChart, Observation, line_chart
from clcplus.presentation.series import SeriesFigures


def _observation(edition: Edition, share: float | None, *, joined: bool) -> Observation:
    return Observation(
        label=str(edition.year),
        start=edition.window_start or date(edition.year, 1, 1),
        end=edition.window_end or date(edition.year, 12, 31),
        share=share,
        joined=joined,
        modelled=edition.origin == MODELLED,
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
        found.append(_observation(item.edition, share, joined=joined))
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
    around = beside.points if beside else ()
    return line_chart(
        _observations(figures, series),
        [_observation(point.edition, point.share, joined=True) for point in around],
        height=height,
        highest=highest,
    )
