"""What estimators return: a value, its standard error, its 95 % interval and the method's name."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

Z_95 = 1.959964
"""Half-width of a 95 % interval, in standard errors."""


class Method(StrEnum):
    """Names of estimators, as files and the API show them. They stay stable."""

    MAP_CLASSES = "stratified_map_classes"
    LABELS = "stratified_labels"
    PROPORTIONS = "stratified_proportions"
    POINTS = "points_in_area"
    POST_STRATIFIED = "post_stratified"
    TWO_STAGE = "two_stage"
    REGRESSION_SIMPLE = "regression_simple"
    REGRESSION_STRATIFIED = "regression_stratified"
    DIFFERENCE = "difference"
    FAY_HERRIOT = "fay_herriot"
    WILSON = "wilson"
    BOOTSTRAP = "bootstrap"
    KAPPA = "cohen_kappa"
    BORROWED = "borrowed_accuracy"


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimated value; all but ``method`` have the unit of the value."""

    value: float
    se: float
    """Standard error."""
    ci_low: float
    """Lower end of the 95 % interval."""
    ci_high: float
    """Upper end of the 95 % interval."""
    method: Method

    @property
    def cut(self) -> bool:
        """Whether an end of the normal interval lies beyond what is possible, and was moved."""
        half = Z_95 * self.se
        return self.ci_low > self.value - half or self.ci_high < self.value + half


def normal_estimate(
    value: float,
    variance: float,
    *,
    method: Method,
    lowest: float = -math.inf,
    highest: float = math.inf,
) -> Estimate:
    """An estimate with its interval by the normal distribution: value ± 1.959964 · SE.

    The interval ends at ``lowest`` and ``highest``, the bounds of what is possible: 0 for the area
    of a class, 0 and 1 for an accuracy, none for a net change. :attr:`Estimate.cut` says whether
    that moved an end.
    """
    se = math.sqrt(variance)
    return Estimate(
        value=value,
        se=se,
        ci_low=max(value - Z_95 * se, lowest),
        ci_high=min(value + Z_95 * se, highest),
        method=method,
    )


@dataclass(frozen=True, slots=True)
class ClassEstimates:
    """Area and accuracy of one class."""

    name: str
    area: Estimate
    """In the unit of the areas that were given; in units of the sample where none were given."""
    users: Estimate | None
    """User's accuracy, 0..1; None where the map has nothing of the class."""
    producers: Estimate | None
    """Producer's accuracy, 0..1; None where the reference has nothing of the class."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """Areas and accuracies of all classes of a map."""

    classes: tuple[ClassEstimates, ...]
    overall: Estimate | None
    """Overall accuracy, 0..1; None where the values are not classes or their shares."""
    method: Method
