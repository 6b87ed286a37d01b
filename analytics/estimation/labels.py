"""Estimators from a sample of labelled points whose strata need not be the map's classes.

They are needed whenever a sample that was drawn on one map is used with another edition, another
geography, or a map of change. Source: Stehman 2014 (doi 10.1080/01431161.2014.930207); for points
in strata of area, Tyukavina et al. 2025, C.1 and C.2.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from analytics.estimation.frames import Floats, Frame, Positions, total, variance_of_total
from analytics.estimation.ratios import ratio_estimate
from analytics.estimation.results import Assessment, ClassEstimates, Method, normal_estimate


def assess_labels(
    frame: Frame,
    stratum: Positions,
    *,
    mapped: npt.NDArray[np.intp],
    reference: npt.NDArray[np.intp],
    classes: Sequence[str],
    unit_areas: Floats | None = None,
) -> Assessment:
    """Area, user's and producer's accuracy of each class, and overall accuracy.

    ``stratum``, ``mapped`` and ``reference`` have shape (points,): positions among the frame's
    strata and among ``classes``. ``unit_areas`` (points,) are the areas a of the units, 1 if None.
    Areas are in their unit, or in that of the frame's sizes. Raises SampleError for a stratum
    with fewer than two points.

    For class c, area: y = a·1[ref = c]. UA: y = a·1[map = ref = c], x = a·1[map = c]. PA: the same
    y, x = a·1[ref = c]. OA: y = a·1[map = ref], x = a. Totals and ratios as in
    :mod:`analytics.estimation.frames` and :mod:`analytics.estimation.ratios`.
    """
    method = Method.POINTS if frame.measure == "area" else Method.LABELS
    size = np.ones(len(stratum)) if unit_areas is None else unit_areas
    agreed = size * (mapped == reference)

    def of_class(position: int, name: str) -> ClassEstimates:
        in_map, in_reference = size * (mapped == position), size * (reference == position)
        both = agreed * (mapped == position)
        return ClassEstimates(
            name=name,
            area=normal_estimate(
                total(frame, stratum, in_reference),
                variance_of_total(frame, stratum, in_reference),
                method=method,
                lowest=0,
            ),
            users=ratio_estimate(frame, stratum, numerator=both, denominator=in_map, method=method),
            producers=ratio_estimate(
                frame, stratum, numerator=both, denominator=in_reference, method=method
            ),
        )

    return Assessment(
        classes=tuple(of_class(position, name) for position, name in enumerate(classes)),
        overall=ratio_estimate(frame, stratum, numerator=agreed, denominator=size, method=method),
        method=method,
    )
