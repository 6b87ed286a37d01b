"""Estimators of area and accuracy from reference samples, and noise of maps as a stress test.

All are pure functions; :mod:`analytics.estimation.results` has what they return.
"""

from analytics.estimation.agreement import Agreement, agreement_of
from analytics.estimation.bootstrap import bootstrap_estimate
from analytics.estimation.borrowed import borrowed_area
from analytics.estimation.clusters import (
    LEAST_UNITS,
    Clusters,
    cluster_estimates,
    cluster_level_estimates,
)
from analytics.estimation.collapse import Collapse, collapse_strata
from analytics.estimation.difference import difference_estimate
from analytics.estimation.frames import Frame
from analytics.estimation.labels import assess_labels
from analytics.estimation.levels import (
    LEAST_PLACES,
    LEAST_POINTS_OF_MODEL,
    MOST_UNSEEN,
    level_estimates,
    small_area_estimates,
)
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
    FLAGGED_BELOW,
    FLAGGED_FROM,
    LEAST_POINTS,
    LEAST_POINTS_OF_CHANGE,
    LEAST_SEALED_POINTS,
    SUPPRESSED_ABOVE,
    VERDICTS,
    Verdict,
    has_own_sample,
    status_of_area,
    status_of_net,
    verdict_of_interval,
    verdict_of_noise,
)
from analytics.estimation.reference_points import (
    QUANTITIES,
    Quantity,
    ReferencePoints,
)
from analytics.estimation.regression import REGRESSION_LEAST, regression_estimate
from analytics.estimation.results import Z_95, Assessment, ClassEstimates, Estimate, Method
from analytics.estimation.small_areas import (
    AreaModel,
    fit_areas,
    model_variance,
    positive_model_variance,
    shrunk_estimate,
)
from analytics.estimation.territories import (
    MOST_WEIGHT_OF_BUFFER,
    Basis,
    TerritoryEstimate,
    estimates_of_means,
    fit_for_change,
    part_estimates,
    whole_estimates,
)
from analytics.estimation.transition_noise import (
    Detection,
    implied_transitions,
    rogan_gladen,
    stressed_transitions,
)
from analytics.estimation.wilson import wilson_estimate

__all__ = [
    "COLUMNS",
    "FLAGGED_BELOW",
    "FLAGGED_FROM",
    "LEAST_PLACES",
    "LEAST_POINTS",
    "LEAST_POINTS_OF_CHANGE",
    "LEAST_POINTS_OF_MODEL",
    "LEAST_SEALED_POINTS",
    "LEAST_UNITS",
    "MOST_UNSEEN",
    "MOST_WEIGHT_OF_BUFFER",
    "NUMBERS",
    "QUANTITIES",
    "REGRESSION_LEAST",
    "SUPPRESSED_ABOVE",
    "TARGET",
    "VERDICTS",
    "WORST_RATE",
    "Z_95",
    "Agreement",
    "AreaModel",
    "Arithmetic",
    "Assessment",
    "Basis",
    "ClassEstimates",
    "Clusters",
    "Collapse",
    "Detection",
    "Estimate",
    "Frame",
    "MapNoise",
    "Method",
    "NoiseVerdict",
    "Quantity",
    "ReferencePoints",
    "TerritoryEstimate",
    "Verdict",
    "accuracy_of",
    "agreement_of",
    "assess_labels",
    "assess_matrix",
    "assess_proportions",
    "bootstrap_estimate",
    "borrowed_area",
    "cluster_estimates",
    "cluster_level_estimates",
    "collapse_strata",
    "difference_estimate",
    "estimates_of_means",
    "fit_areas",
    "fit_for_change",
    "has_own_sample",
    "implied_transitions",
    "level_estimates",
    "model_variance",
    "noise_alone",
    "noise_of_pair",
    "noise_of_shares",
    "part_estimates",
    "positive_model_variance",
    "regression_estimate",
    "rogan_gladen",
    "shrunk_estimate",
    "small_area_estimates",
    "status_of_area",
    "status_of_net",
    "stressed_transitions",
    "verdict_of_interval",
    "verdict_of_noise",
    "whole_estimates",
    "wilson_estimate",
]
