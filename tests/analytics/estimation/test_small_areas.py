"""The Fay–Herriot model."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analytics.errors import SampleError
from analytics.estimation import (
    fit_areas,
    model_variance,
    positive_model_variance,
    shrunk_estimate,
)


@pytest.mark.parametrize(("sampling", "model"), [(0, 1), (-1, 1), (1, -1), (math.nan, 1)])
def test_variances_that_are_none(sampling: float, model: float) -> None:
    with pytest.raises(ValueError, match="variances"):
        shrunk_estimate(1, sampling_variance=sampling, synthetic=1, model_variance=model)


def areas(count: int, *, variance: float, seed: int) -> tuple[np.ndarray, ...]:
    """Direct estimates, their variances, covariates and the truth of areas."""
    random = np.random.default_rng(seed)
    covariates = np.column_stack((np.ones(count), random.random(count)))
    sampling = random.uniform(0.5, 2, count)
    truth = covariates @ (3.0, -2.0) + random.normal(0, math.sqrt(variance), count)
    return truth + random.normal(0, np.sqrt(sampling)), sampling, covariates, truth


def test_the_model_variance_is_found() -> None:
    found = [
        model_variance(direct, sampling_variances=sampling, covariates=covariates)
        for direct, sampling, covariates, _ in (
            areas(200, variance=1.5, seed=seed) for seed in range(200)
        )
    ]
    assert np.mean(found) == pytest.approx(1.5, rel=0.05)


def test_equal_variances_make_moments_those_of_the_residuals() -> None:
    """With ψ equal: σ² = residual mean square − ψ; β is that of least squares."""
    direct, _, covariates, _ = areas(30, variance=4, seed=1)
    sampling = np.full(30, 0.25)
    found = fit_areas(direct, sampling_variances=sampling, covariates=covariates)
    beta, (squares,), *_ = np.linalg.lstsq(covariates, direct, rcond=None)
    assert found.model_variance == pytest.approx(squares / 28 - 0.25)
    assert found.coefficients == pytest.approx(beta)
    weight = found.model_variance / (found.model_variance + 0.25)
    values = [estimate.value for estimate in found.estimates]
    assert values == pytest.approx(weight * direct + (1 - weight) * covariates @ beta)
    assert all(estimate.se**2 > weight * 0.25 for estimate in found.estimates)


def test_estimates_that_vary_no_more_than_they_should_are_synthetic() -> None:
    covariates = np.ones((5, 1))
    direct = np.array([1.0, 1.1, 0.9, 1.0, 1.0])
    found = fit_areas(direct, sampling_variances=np.ones(5), covariates=covariates)
    assert found.model_variance == 0
    assert [estimate.value for estimate in found.estimates] == pytest.approx([1.0] * 5)


@pytest.mark.parametrize("covariates", [np.ones((2, 2)), np.ones((5, 2)), np.eye(3)])
def test_areas_that_no_model_fits(covariates: np.ndarray) -> None:
    count = len(covariates)
    with pytest.raises(SampleError, match="Fay–Herriot"):
        fit_areas(np.ones(count), sampling_variances=np.ones(count), covariates=covariates)


def test_the_adjusted_likelihood_is_largest_at_its_variance() -> None:
    direct, sampling, covariates, _ = areas(8, variance=1.0, seed=3)
    found = positive_model_variance(direct, sampling_variances=sampling, covariates=covariates)

    def naive(variance: float) -> float:
        v = np.diag(variance + sampling)
        inverse = np.linalg.inv(v)
        information = covariates.T @ inverse @ covariates
        projection = covariates @ np.linalg.inv(information) @ covariates.T @ inverse
        residuals = direct - projection @ direct
        shares = float((variance / (variance + sampling)).sum())
        return float(
            -0.5 * math.log(np.linalg.det(v))
            - 0.5 * math.log(np.linalg.det(information))
            - 0.5 * residuals @ inverse @ residuals
            + math.log(math.atan(shares)) / 8
        )

    best = naive(found)
    assert all(naive(found * factor) < best for factor in (0.01, 0.5, 0.95, 1.05, 2, 100))


def test_the_adjusted_likelihood_is_never_certain_that_areas_do_not_differ() -> None:
    direct = np.array([1.0, 1.01, 0.99, 1.0, 1.0])
    given = {"sampling_variances": np.full(5, 0.5), "covariates": np.ones((5, 1))}
    assert model_variance(direct, **given) == 0
    assert positive_model_variance(direct, **given) > 0.001


def test_the_adjusted_likelihood_finds_large_variances() -> None:
    found = [
        positive_model_variance(direct, sampling_variances=sampling, covariates=covariates)
        for direct, sampling, covariates, _ in (
            areas(100, variance=4.0, seed=seed) for seed in range(12)
        )
    ]
    assert np.mean(found) == pytest.approx(4.0, rel=0.15)
