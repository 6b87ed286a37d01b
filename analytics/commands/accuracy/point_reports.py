"""Estimates of ``accuracy points``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from analytics.commands.accuracy.cells import LARGEST
from analytics.commands.accuracy.point_files import Points, labels_of, no_unit_areas, read_points
from analytics.commands.accuracy.reports import Report
from analytics.commands.accuracy.strata_files import read_strata
from analytics.estimation import (
    REGRESSION_LEAST,
    TARGET,
    Assessment,
    ClassEstimates,
    Collapse,
    assess_labels,
    assess_proportions,
    collapse_strata,
    regression_estimate,
)

NOT_USED = "the column unit_area is not used: points have no area (--estimator points)"


def report_of_points(
    path: Path,
    *,
    strata: Path,
    estimator: str,
    proportions: bool,
    collapse: bool,
    classes: Sequence[str] | None,
) -> Report:
    """Estimates from the two files. Raises UnreadableTable and SampleError."""
    regression = estimator == "regression"
    found = read_strata(strata, prefer_area=estimator == "points", auxiliary=regression)
    points = read_points(path, found, sized=estimator != "points")
    bound = 1 if proportions else LARGEST
    if regression:
        no_unit_areas(points)
        points, collapses = _enough(points, collapse, least=REGRESSION_LEAST)
        return Report(_regression(points, bound=bound), collapses)
    # Labels are read first: whether a stratum's name is a class does not depend on what is merged.
    labels = None if proportions else labels_of(points, classes=classes)
    points, collapses = _enough(points, collapse, least=2)
    if labels is None:
        assessment = assess_proportions(
            points.frame,
            points.stratum,
            mapped=points.numbers("map", bound=bound),
            reference=points.numbers("reference", bound=bound),
            unit_areas=points.unit_areas,
        )
    else:
        assessment = assess_labels(
            points.frame,
            points.stratum,
            mapped=labels.mapped,
            reference=labels.reference,
            classes=labels.classes,
            unit_areas=points.unit_areas,
        )
    not_used = estimator == "points" and "unit_area" in points.table.header
    return Report(assessment, collapses, (NOT_USED,) if not_used else ())


def _enough(points: Points, collapse: bool, *, least: int) -> tuple[Points, tuple[Collapse, ...]]:
    if not collapse:
        return points, ()
    frame, stratum, collapses = collapse_strata(points.frame, points.stratum, least=least)
    return replace(points, frame=frame, stratum=stratum), collapses


def _regression(points: Points, *, bound: float) -> Assessment:
    area = regression_estimate(
        points.frame,
        points.stratum,
        x=points.numbers("x", bound=bound),
        y=points.numbers("y", bound=bound),
    )
    target = ClassEstimates(name=TARGET, area=area, users=None, producers=None)
    return Assessment(classes=(target,), overall=None, method=area.method)
