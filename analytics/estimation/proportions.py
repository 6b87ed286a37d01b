"""Estimators from a sample of units, each with the proportion of a target in map and reference.

Source: Tyukavina et al. 2025 (doi 10.1016/j.rse.2025.114714), A.6 to A.14; for points in strata of
area, C.1 and C.2.
"""

from __future__ import annotations

import numpy as np

from analytics.estimation.frames import Floats, Frame, Positions, total, variance_of_total
from analytics.estimation.ratios import ratio_estimate
from analytics.estimation.results import Assessment, ClassEstimates, Method, normal_estimate

TARGET = "target"
"""Name of the one class: what the proportions are of."""


def assess_proportions(
    frame: Frame,
    stratum: Positions,
    *,
    mapped: Floats,
    reference: Floats,
    unit_areas: Floats | None = None,
) -> Assessment:
    """Area of the target, its user's and producer's accuracy, and overall accuracy.

    All arrays have shape (points,). ``mapped`` m and ``reference`` r are 0..1, or −1..1 for net
    change; ``unit_areas`` a are the areas of the units, 1 if None. Raises SampleError for a
    stratum with fewer than two points.

    Area: y = a r. UA: y = a min(m, r), x = a m. PA: the same y, x = a r. OA:
    y = a [min(m, r) + min(1 − m, 1 − r)], x = a. Accuracies are None where a value is negative: a
    net change is no part of a unit that two maps could share.

    The interval of the area is not cut at 0, since the target may be a net change even if the
    sample holds no negative value.
    """
    method = Method.POINTS if frame.measure == "area" else Method.PROPORTIONS
    size = np.ones(len(stratum)) if unit_areas is None else unit_areas
    in_map, in_reference = size * mapped, size * reference
    both = size * np.minimum(mapped, reference)
    neither = size * np.minimum(1 - mapped, 1 - reference)
    area = normal_estimate(
        total(frame, stratum, in_reference),
        variance_of_total(frame, stratum, in_reference),
        method=method,
    )
    if min(mapped.min(), reference.min()) < 0:
        classes = (ClassEstimates(name=TARGET, area=area, users=None, producers=None),)
        return Assessment(classes=classes, overall=None, method=method)

    target = ClassEstimates(
        name=TARGET,
        area=area,
        users=ratio_estimate(frame, stratum, numerator=both, denominator=in_map, method=method),
        producers=ratio_estimate(
            frame, stratum, numerator=both, denominator=in_reference, method=method
        ),
    )
    overall = ratio_estimate(
        frame, stratum, numerator=both + neither, denominator=size, method=method
    )
    return Assessment(classes=(target,), overall=overall, method=method)
