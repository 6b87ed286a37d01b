"""What ``accuracy`` found, as text, CSV or JSON; CSV and JSON have full double precision."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from analytics.estimation import Assessment, Collapse, Estimate
from analytics.files import harmless


@dataclass(frozen=True, slots=True)
class Report:
    """Estimates, and the strata that were merged for them."""

    assessment: Assessment
    collapses: tuple[Collapse, ...] = ()
    notes: tuple[str, ...] = ()
    """What else the reader must know, a line each."""


def as_json(report: Report) -> str:
    """One object; what cannot be estimated is null. ``collapsed`` lists the strata that were
    merged, if any were."""
    found = report.assessment
    document: dict[str, Any] = {
        "areas": [
            {
                "class": of.name,
                "area": of.area.value,
                "se": of.area.se,
                "ci_low": of.area.ci_low,
                "ci_high": of.area.ci_high,
            }
            for of in found.classes
        ],
        "accuracy": [
            {
                "class": of.name,
                "users": _value(of.users),
                "users_se": _se(of.users),
                "producers": _value(of.producers),
                "producers_se": _se(of.producers),
            }
            for of in found.classes
        ],
        "overall": {"value": _value(found.overall), "se": _se(found.overall)},
        "method": found.method.value,
    }
    if report.collapses:
        document["collapsed"] = [
            {"stratum": c.stratum, "points": c.points, "into": c.into, "name": c.name}
            for c in report.collapses
        ]
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def as_csv(report: Report) -> str:
    """A row a figure: measure, class (empty for overall accuracy), value, se, ci_low, ci_high,
    method; empty cells where nothing can be estimated."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("measure", "class", "value", "se", "ci_low", "ci_high", "method"))
    method = report.assessment.method.value
    for measure, name, found in _figures(report.assessment):
        numbers = (found.value, found.se, found.ci_low, found.ci_high) if found else [""] * 4
        writer.writerow((measure, harmless(name), *numbers, method))
    return text.getvalue()


def as_text(report: Report) -> str:
    """Tables for people: areas with the half-width of their interval, accuracies in per cent."""
    found = report.assessment
    rows: list[tuple[str, ...]] = [
        ("class", "area", "se", "95 % from", "to", "UA %", "se", "PA %", "se")
    ]
    for of in found.classes:
        area = of.area
        rows.append(
            (
                of.name,
                *(f"{number:.7g}" for number in (area.value, area.se, area.ci_low, area.ci_high)),
                *_percent(of.users),
                *_percent(of.producers),
            )
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            cell.rjust(width) if n else cell.ljust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    overall, se = _percent(found.overall)
    lines += ["", f"overall accuracy  {overall} % (se {se})", f"method  {found.method.value}"]
    return "\n".join(lines) + "\n"


WRITERS: Mapping[str, Callable[[Report], str]] = {
    "text": as_text,
    "csv": as_csv,
    "json": as_json,
}
"""By the name of the format."""


def _figures(found: Assessment) -> list[tuple[str, str, Estimate | None]]:
    rows: list[tuple[str, str, Estimate | None]] = []
    for measure in ("area", "users", "producers"):
        rows += [(measure, of.name, getattr(of, measure)) for of in found.classes]
    return [*rows, ("overall", "", found.overall)]


def _value(found: Estimate | None) -> float | None:
    return found.value if found else None


def _se(found: Estimate | None) -> float | None:
    return found.se if found else None


def _percent(found: Estimate | None) -> tuple[str, str]:
    return (f"{100 * found.value:.2f}", f"{100 * found.se:.2f}") if found else ("–", "–")
