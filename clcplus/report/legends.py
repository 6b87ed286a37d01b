"""Legends of a report's maps."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from analytics.nomenclature import CLASSES
from clcplus.charts import colour_of
from clcplus.report.squares import CHANGE_BREAKS, CHANGE_COLOURS, SHARE_COLOURS
from clcplus.templatetags.figures import per_cent, percent, signed
from clcplus.views.figures import EditionFigures
from clcplus.views.maps import BREAKS


@dataclass(frozen=True, slots=True)
class Step:
    """A colour and what it stands for."""

    colour: str
    label: str
    value: str = ""


def class_legend(figures: EditionFigures) -> tuple[Step, ...]:
    """The classes that occur, with their share, so that a colour is not all that tells them."""
    names = {s.colour: s for s in figures.slices}
    return tuple(
        Step(colour, names[colour].name, percent(names[colour].share))
        for c in CLASSES
        if (colour := colour_of(c.code)) in names
    )


def share_legend() -> tuple[Step, ...]:
    """The classes of the sealed share of squares."""
    limits = (0.0, *BREAKS)
    labels = [
        *(f"{low * 100:.0f}–{high * 100:.0f}" for low, high in zip(limits, BREAKS, strict=False)),
        f"≥ {per_cent(BREAKS[-1] * 100)}",
    ]
    return tuple(Step(c, label) for c, label in zip(SHARE_COLOURS, labels, strict=True))


def change_legend() -> tuple[Step, ...]:
    """The classes of the net change of squares, in percentage points."""
    shown = [signed(limit, 0 if limit.is_integer() else 1) for limit in CHANGE_BREAKS]
    labels = [
        f"< {shown[0]}",
        *(f"{low} … {high}" for low, high in itertools.pairwise(shown)),
        f"≥ {shown[-1]}",
    ]
    return tuple(Step(c, label) for c, label in zip(CHANGE_COLOURS, labels, strict=True))
