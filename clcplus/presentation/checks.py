"""Checks of editions in words: what each looks at, what it has found, and where."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from analytics.checks import CHECKS, Grade
from analytics.nomenclature import BY_CODE
from clcplus.presentation import numbers
from clcplus.presentation.classes import class_name

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

GRADES: Mapping[str, StrOrPromise] = {
    Grade.PASS: gettext_lazy("passed"),
    Grade.WARN: gettext_lazy("conspicuous"),
    Grade.FAIL: gettext_lazy("not passed"),
    Grade.NONE: gettext_lazy("nothing to compare"),
}


@dataclass(frozen=True, slots=True)
class Wording:
    """A check in words, and how its value is written."""

    label: StrOrPromise
    question: StrOrPromise
    written: Callable[[float], str]


def _cells(value: float) -> str:
    n = round(value)
    return ngettext("%(n)s cell", "%(n)s cells", n) % {"n": numbers.count(n)}


def _share(value: float) -> str:
    return numbers.percent(value, 2)


def _score(value: float) -> str:
    return numbers.number(value, 1)


WORDINGS: Mapping[str, Wording] = {
    "sums": Wording(
        gettext_lazy("Sums of territories"),
        gettext_lazy("Do the territories of a level sum to the level above?"),
        _share,
    ),
    "cells": Wording(
        gettext_lazy("Cells of territories"),
        gettext_lazy("Are observed and not observed cells together those of the territory?"),
        _cells,
    ),
    "account": Wording(
        gettext_lazy("Account of sealed cells"),
        gettext_lazy("Is the former stock, plus gain, minus loss, the new stock?"),
        _cells,
    ),
    "coverage": Wording(
        gettext_lazy("Coverage"),
        gettext_lazy("How much of the area that the last edition has observed is lacking?"),
        _share,
    ),
    "histogram": Wording(
        gettext_lazy("Shares of classes"),
        gettext_lazy("How far have the shares of the classes moved since the last edition?"),
        _share,
    ),
    "change": Wording(
        gettext_lazy("Changed cells"),
        gettext_lazy("How many cells have another class than in the last edition?"),
        _share,
    ),
    "neighbours": Wording(
        gettext_lazy("Change beside neighbours"),
        gettext_lazy("How many territories have changed otherwise than their neighbours?"),
        _share,
    ),
    "shares": Wording(
        gettext_lazy("Sealed share"),
        gettext_lazy("In how many territories has the sealed share jumped?"),
        _share,
    ),
    "seams": Wording(
        gettext_lazy("Seams of tiles"),
        gettext_lazy("Does the rate of change jump where two tiles of 100 km meet? (robust score)"),
        _score,
    ),
}
assert WORDINGS.keys() == CHECKS.keys()


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A territory, a class or a seam that a check names; ``level`` is empty but for territories."""

    level: str
    code: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A check as the page shows it."""

    name: str
    label: str
    question: str
    grade: str
    grade_label: str
    value: str
    limits: str
    compared: str
    concerned: int
    places: Sequence[NamedPlace]
    remark: str


def check_rows(report: Sequence[Mapping[str, Any]]) -> list[CheckRow]:
    """The rows of a report (EditionCheck.report), in its order; checks that this version does not
    know are shown by their names."""
    return [_row(one) for one in report]


def _row(one: Mapping[str, Any]) -> CheckRow:
    name, grade = str(one["check"]), str(one["grade"])
    wording = WORDINGS.get(name) or Wording(name, "", _score)
    value = one["value"]
    return CheckRow(
        name=name,
        label=str(wording.label),
        question=str(wording.question),
        grade=grade,
        grade_label=str(GRADES.get(grade, grade)),
        value="–" if value is None else wording.written(value),
        limits=_limits(one, wording),
        compared=numbers.count(one["compared"]),
        concerned=one["concerned"],
        places=[_place(place, name, wording) for place in one["named"]],
        remark=_remark(name, one["numbers"]),
    )


def _limits(one: Mapping[str, Any], wording: Wording) -> str:
    warn, fail = one["warn_from"], one["fail_from"]
    if fail is None:
        return "–"
    if warn is None:
        return _("none may differ")
    return _("above %(warn)s, above %(fail)s") % {
        "warn": wording.written(warn),
        "fail": wording.written(fail),
    }


def _place(place: Mapping[str, Any], check: str, wording: Wording) -> NamedPlace:
    code, name, value = str(place["code"]), str(place["name"]), float(place["value"])
    if check == "histogram":
        name = class_name(BY_CODE[int(code)].code)
    # Of territories that stand out the score is kept, of all others what the limits are about.
    written = _score if check in ("neighbours", "shares") else wording.written
    return NamedPlace(str(place["level"]), code, name, written(value))


def _remark(check: str, found: Mapping[str, float]) -> str:
    if check == "change" and "sealed_turnover" in found:
        return _("Gain and loss are %(share)s of the sealed stock.") % {
            "share": numbers.percent(found["sealed_turnover"])
        }
    return ""
