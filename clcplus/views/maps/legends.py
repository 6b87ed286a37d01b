"""Legends of a map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from analytics.nomenclature import CLASSES, MISSING_CLASSES
from clcplus.presentation import colours
from clcplus.presentation.classes import class_name, colour_of
from clcplus.presentation.indicators import FILTER_NAMES, shades
from clcplus.presentation.numbers import decimal, percent, signed


@dataclass(frozen=True, slots=True)
class Step:
    """A class of territories."""

    number: int
    label: str


def _steps(labels: Sequence[str]) -> list[Step]:
    """Classes from the lowest, of which the last has no upper end."""
    numbered = enumerate([*labels[:-1], f"≥ {labels[-1]}"], start=1)
    return [Step(number, label) for number, label in numbered]


def share_steps() -> list[Step]:
    """Classes of sealed share."""
    return _steps(
        [
            *(f"{limit * 100:.0f}" for limit in (0.0, *colours.BREAKS[:-1])),
            percent(colours.BREAKS[-1], 0),
        ]
    )


def change_steps() -> list[Step]:
    """Classes of net change, from the largest decrease."""
    shown = [signed(limit, 1) for limit in colours.CHANGE_BREAKS]
    return _steps([f"< {shown[0]}", *shown])


def per_inhabitant_steps() -> list[Step]:
    """Classes of sealed area per inhabitant."""
    return _steps([decimal(limit, 0) for limit in (0, *colours.PER_INHABITANT_BREAKS)])


def _gain_far() -> list[dict[str, Any]]:
    """Rows of classes of gain and of loss from afar: the share of a square's cells that changed."""
    steps = colours.change_share_legend()
    decimals = [0 if float(step["share"] * 100).is_integer() else 1 for step in steps]
    labels = [decimal(step["share"] * 100, n) for step, n in zip(steps, decimals, strict=True)]
    labels[-1] = f"≥ {percent(steps[-1]['share'], 0)}"
    return [
        {
            "label": label,
            "steps": [
                {"label": text, "colour": step[kind]}
                for text, step in zip(labels, steps, strict=True)
            ],
        }
        for kind, label in (("gained", _("newly sealed")), ("lost", _("no longer sealed")))
    ]


def legends() -> dict[str, Any]:
    """The legends of a map, as its template takes them."""
    kinds = {
        "gained": _("newly sealed"),
        "lost": _("no longer sealed"),
        "kept": _("sealed in both"),
    }
    return {
        "legend_steps": share_steps(),
        "legend_change": change_steps(),
        "legend_per_inhabitant": per_inhabitant_steps(),
        # Further indicators that the map offers.
        "legend_shades": [
            {
                "name": entry.name,
                "label": str(shade.legend or entry.label),
                "choice": str(shade.choice or entry.label),
                "inhabitants": entry.inhabitants,
                # Else a place without a figure is one that is not observed.
                "flicker": entry.flicker,
                "steps": _steps(
                    [(shade.write or entry.write)(limit) for limit in (0.0, *shade.breaks)]
                ),
            }
            for entry, shade in shades()
        ],
        "legend_filters": FILTER_NAMES.items(),
        "legend_gain": [
            {"label": kinds[item["kind"]], "colour": item["colour"]}
            for item in colours.change_legend()
        ],
        "legend_gain_far": _gain_far(),
        # Land cover seen from afar: the share of sealed ground under a pixel.
        "legend_far": [
            {"label": percent(step["share"], 0), "colour": step["colour"]}
            for step in colours.share_legend()
        ],
        "legend_classes": [
            {"name": class_name(c.code), "colour": colour_of(c.code)}
            for c in (*CLASSES, *MISSING_CLASSES[:1])
        ],
    }
