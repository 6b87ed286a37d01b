"""Legends of a report's maps."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from django.utils.translation import gettext as _

from analytics.figures import Statistics
from analytics.nomenclature import CLASSES, MISSING_CLASSES, SEA_BUFFER
from clcplus.presentation.classes import class_name, colour_of, composition
from clcplus.presentation.colours import BREAKS, hexadecimal
from clcplus.presentation.numbers import per_cent, percent, signed
from clcplus.report.land_map import NOTHING
from clcplus.report.squares import CHANGE_BREAKS, CHANGE_COLOURS, SHARE_COLOURS, UNKNOWN

_NOT_OBSERVED = hexadecimal(NOTHING)


@dataclass(frozen=True, slots=True)
class Step:
    """A colour and what it stands for."""

    colour: str
    label: str
    value: str = ""


def class_legend(figures: Statistics) -> tuple[Step, ...]:
    """The classes that occur, with their share, so that a colour is not all that tells them; then
    what is not observed, as a part of the whole territory."""
    names = {s.colour: s for s in composition(figures.by_class)}
    observed = [
        Step(colour, names[colour].name, percent(names[colour].share))
        for c in CLASSES
        if (colour := colour_of(c.code)) in names
    ]
    missing: dict[str, float] = {}
    for c in MISSING_CLASSES:
        if part := figures.classes[c.code].share:
            colour = colour_of(c.code) if c.code == SEA_BUFFER else _NOT_OBSERVED
            missing[colour] = missing.get(colour, 0.0) + part
    words = _("not observed (of the whole territory)")
    sea = f"{class_name(SEA_BUFFER)}: {words}"
    return (
        *observed,
        *(
            Step(colour, words if colour == _NOT_OBSERVED else sea, percent(part))
            for colour, part in missing.items()
        ),
    )


def share_legend() -> tuple[Step, ...]:
    """The classes of the sealed share of squares."""
    limits = (0.0, *BREAKS)
    labels = [
        *(f"{low * 100:.0f}–{high * 100:.0f}" for low, high in zip(limits, BREAKS, strict=False)),
        f"≥ {per_cent(BREAKS[-1] * 100)}",
    ]
    steps = [Step(c, label) for c, label in zip(SHARE_COLOURS, labels, strict=True)]
    return (*steps, Step(UNKNOWN, _("not observed")))


def change_legend() -> tuple[Step, ...]:
    """The classes of the net change of squares, in percentage points."""
    shown = [signed(limit, 0 if limit.is_integer() else 1) for limit in CHANGE_BREAKS]
    labels = [
        f"< {shown[0]}",
        *(f"{low} … {high}" for low, high in itertools.pairwise(shown)),
        f"≥ {shown[-1]}",
    ]
    steps = [Step(c, label) for c, label in zip(CHANGE_COLOURS, labels, strict=True)]
    return (*steps, Step(UNKNOWN, _("not observed in at least one of the two")))
