"""Estimators of area and accuracy from reference samples, and noise of maps as a stress test.

All are pure functions; :mod:`analytics.estimation.results` has what they return.
"""

from analytics.estimation.agreement import Agreement, agreement_of
from analytics.estimation.bootstrap import bootstrap_estimate
from analytics.estimation.collapse import Collapse, collapse_strata
from analytics.estimation.difference import difference_estimate
from analytics.estimation.frames import Frame
from analytics.estimation.labels import assess_labels
from analytics.estimation.matrices import assess_matrix
from analytics.estimation.noise import (
    COLUMNS,
    NUMBERS,
    WORST_RATE,
    Arithmetic,
    MapNoise,
    NoiseVerdict,
    accuracy_of,
    noise_alone,
    noise_of_pair,
    noise_of_shares,
)
from analytics.estimation.proportions import TARGET, assess_proportions
from analytics.estimation.publication import (
    Verdict,
    has_own_sample,
    status_of_area,
    verdict_of_interval,
    verdict_of_noise,
)
from analytics.estimation.regression import REGRESSION_LEAST, regression_estimate
from analytics.estimation.results import Z_95, Assessment, ClassEstimates, Estimate, Method
from analytics.estimation.small_areas import AreaModel, fit_areas, model_variance, shrunk_estimate
from analytics.estimation.transition_noise import (
    Detection,
    implied_transitions,
    rogan_gladen,
    stressed_transitions,
)
from analytics.estimation.wilson import wilson_estimate

__all__ = [
    "COLUMNS",
    "NUMBERS",
    "REGRESSION_LEAST",
    "TARGET",
    "WORST_RATE",
    "Z_95",
    "Agreement",
    "AreaModel",
    "Arithmetic",
    "Assessment",
    "ClassEstimates",
    "Collapse",
    "Detection",
    "Estimate",
    "Frame",
    "MapNoise",
    "Method",
    "NoiseVerdict",
    "Verdict",
    "accuracy_of",
    "agreement_of",
    "assess_labels",
    "assess_matrix",
    "assess_proportions",
    "bootstrap_estimate",
    "collapse_strata",
    "difference_estimate",
    "fit_areas",
    "has_own_sample",
    "implied_transitions",
    "model_variance",
    "noise_alone",
    "noise_of_pair",
    "noise_of_shares",
    "regression_estimate",
    "rogan_gladen",
    "shrunk_estimate",
    "status_of_area",
    "stressed_transitions",
    "verdict_of_interval",
    "verdict_of_noise",
    "wilson_estimate",
]
