"""The chart of a territory's sealed share over editions, from its figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from clcplus.charts import HEIGHT, LineChart, Observation, line_chart
from clcplus.views.figures import MODELLED, EditionFigures


def _observations(figures: Sequence[EditionFigures]) -> list[Observation]:
    found = []
    for item in figures:
        edition = item.edition
        found.append(
            Observation(
                label=str(edition.year),
                start=edition.window_start or date(edition.year, 1, 1),
                end=edition.window_end or date(edition.year, 12, 31),
                share=item.share,
                joined=edition.origin != MODELLED,
            )
        )
    return found


def share_chart(
    figures: Sequence[EditionFigures],
    beside: Sequence[EditionFigures] = (),
    *,
    height: int = HEIGHT,
) -> LineChart | None:
    """The chart; ``beside`` are the figures of the territory to compare with."""
    return line_chart(_observations(figures), _observations(beside), height=height)
