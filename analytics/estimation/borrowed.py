"""Area of a class in a place that borrows the accuracy of a larger region."""

from __future__ import annotations

import math

from analytics.estimation.results import Z_95, Estimate, Method


def borrowed_area(
    mapped: float,
    *,
    users: float,
    producers: float,
    producers_half_width: float,
    largest: float = math.inf,
) -> Estimate:
    """What is truly of a class where a map shows the area ``mapped``, if its accuracy there is that
    of the region.

    The area is mapped · UA / PA: of what is mapped the part UA is right, and that is the part PA of
    what there is (Olofsson et al. 2013, doi 10.1016/j.rse.2012.10.031, for a map of two classes).
    The interval takes PA at both ends of its own 95 % interval, PA ± ``producers_half_width``,
    but at most 1, so that it is longer above the value; the standard error is
    mapped · UA · half-width / (1.959964 · PA²), by the delta method. The accuracies are fractions;
    the result has the unit of ``mapped`` and is at most ``largest``, the observed area.

    It says how well the accuracy of the region is known, and nothing of how far the place differs
    from its region. Where a value is published it must be labelled as borrowed. Raises ValueError
    for an area below 0, and for accuracies that are not between 0 and 1 or no wider than their
    half-width.
    """
    if not 0 <= mapped < math.inf:
        raise ValueError(f"mapped area: found {mapped}; expected 0 or more")
    if not (0 < users <= 1 and 0 < producers <= 1):
        raise ValueError(f"accuracies: found {users} and {producers}; expected above 0, at most 1")
    if not 0 <= producers_half_width < producers:
        raise ValueError(
            f"half-width: found {producers_half_width}; expected from 0 to below {producers}"
        )
    right = mapped * users
    return Estimate(
        value=min(right / producers, largest),
        se=right * producers_half_width / (Z_95 * producers**2),
        ci_low=min(right / min(1.0, producers + producers_half_width), largest),
        ci_high=min(right / (producers - producers_half_width), largest),
        method=Method.BORROWED,
    )
