"""Formulas for readers: the docstrings of the functions that compute, so that page and code cannot
say different things. They are in English, as the code is."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analytics import estimation
from analytics.change import flicker

_FORMULAS: tuple[tuple[str | Promise, Callable[..., Any]], ...] = (
    (_("A reference sample, for the territory that it was drawn in"), estimation.whole_estimates),
    (_("A part of that territory with points enough"), estimation.part_estimates),
    (_("Intervals of areas and of a net change"), estimation.estimates_of_means),
    (_("A sample of two stages"), estimation.cluster_estimates),
    (_("A small-area model"), estimation.small_area_estimates),
    (_("A share from few points"), estimation.wilson_estimate),
    (_("An area with a borrowed accuracy"), estimation.borrowed_area),
    (_("Samples of labelled points in strata of any kind"), estimation.assess_labels),
    (_("An error matrix"), estimation.assess_matrix),
    (_("Units with proportions of a target"), estimation.assess_proportions),
    (_("Regression on what is known everywhere"), estimation.regression_estimate),
    (_("A map corrected by a sample"), estimation.difference_estimate),
    (_("The verdict on a net change"), estimation.verdict_of_interval),
    (_("What may be published of an area"), estimation.status_of_area),
    (_("What may be published of a net change"), estimation.status_of_net),
    (_("Flicker"), flicker.Flicker),
)
_ROLE = re.compile(r":\w+:`~?([^`]+)`")


@dataclass(frozen=True, slots=True)
class Formula:
    """What a function computes: paragraphs of plain text."""

    label: str
    name: str
    """Of the function, with its module."""
    paragraphs: tuple[str, ...]
    about: tuple[str, ...]
    """What its module says of it: the sources."""


def plain(text: str) -> tuple[str, ...]:
    """Paragraphs of a docstring without its marks; lines stay where a list has them."""
    marked = _ROLE.sub(lambda role: role[1].split(".")[-1], text).replace("``", "").replace("*", "")
    paragraphs = []
    for paragraph in marked.split("\n\n"):
        lines = paragraph.strip().splitlines()
        listed = any(line.startswith("- ") for line in lines)
        joined = "\n" if listed else " "
        paragraphs.append(joined.join(line.strip() for line in lines))
    return tuple(filter(None, paragraphs))


def formulas() -> tuple[Formula, ...]:
    """Those of the estimates, intervals and verdicts that outputs show."""
    found = []
    for label, function in _FORMULAS:
        module = inspect.getmodule(function)
        said = inspect.getdoc(function)
        assert module is not None
        assert said
        found.append(
            Formula(
                label=str(label),
                name=f"{module.__name__}.{function.__name__}",
                paragraphs=plain(said),
                about=plain(inspect.cleandoc(module.__doc__ or "")),
            )
        )
    return tuple(found)
