"""Small areas: the Fay–Herriot model, which leans a noisy direct estimate on a synthetic one.

Model: direct_i = x_i'β + u_i + e_i, with Var(u_i) = σ²u (the model) and Var(e_i) = ψ_i (sampling,
known). Sources: Fay and Herriot 1979 (doi 10.1080/01621459.1979.10482505); Prasad and Rao 1990
(doi 10.1080/01621459.1990.10475320); Yoshimori and Lahiri 2014 (doi 10.1016/j.jmva.2013.10.012).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.errors import SampleError
from analytics.estimation.results import Estimate, Method, normal_estimate

Floats = npt.NDArray[np.float64]


def shrunk_estimate(
    direct: float, *, sampling_variance: float, synthetic: float, model_variance: float
) -> Estimate:
    """γ·direct + (1 − γ)·synthetic with γ = σ²u / (σ²u + ψ), and its error √(γψ).

    The error takes the synthetic value and σ²u as known; :func:`fit_areas` does not. ValueError
    unless both variances are finite, ψ above 0 and σ²u not below it.
    """
    if not (0 < sampling_variance < np.inf and 0 <= model_variance < np.inf):
        raise ValueError(f"variances {sampling_variance} and {model_variance}")
    weight = model_variance / (model_variance + sampling_variance)
    return normal_estimate(
        weight * direct + (1 - weight) * synthetic,
        weight * sampling_variance,
        method=Method.FAY_HERRIOT,
    )


@dataclass(frozen=True, slots=True)
class AreaModel:
    """A fitted model and its estimates."""

    model_variance: float
    """σ²u, by the moments of Prasad and Rao; 0 if the direct estimates vary no more than their
    sampling variances say."""
    coefficients: Floats
    """β (covariates,), by generalised least squares."""
    synthetic: Floats
    """x_i'β (areas,)."""
    estimates: tuple[Estimate, ...]
    """One an area. Their errors include those of β and of σ²u: MSE = g1 + g2 + 2 g3."""


def fit_areas(direct: Floats, *, sampling_variances: Floats, covariates: Floats) -> AreaModel:
    """Fit the model. ``direct`` and ``sampling_variances`` ψ (above 0) have shape (areas,),
    ``covariates`` (areas, covariates), with a column of ones for an intercept.

    MSE_i = g1 + g2 + 2 g3: g1 = γ_i ψ_i; g2 = (1 − γ_i)² x_i' [Σ x x' / (σ²u + ψ)]⁻¹ x_i;
    g3 = ψ_i² / (σ²u + ψ_i)³ · 2 Σ (σ²u + ψ)² / m² (Prasad and Rao 1990, 5.15). Raises
    SampleError for fewer areas than the model needs, or covariates that depend on each other.
    """
    areas, terms = covariates.shape
    if areas <= terms or np.linalg.matrix_rank(covariates) < terms:
        raise SampleError(
            "Fay–Herriot model",
            found=f"{areas} areas and {terms} covariates of rank "
            f"{np.linalg.matrix_rank(covariates)}",
            expected="more areas than covariates, which do not depend on each other",
        )
    variance = model_variance(direct, sampling_variances=sampling_variances, covariates=covariates)
    whole = variance + sampling_variances
    inverse = np.linalg.inv(covariates.T @ (covariates / whole[:, None]))
    coefficients = inverse @ (covariates.T @ (direct / whole))
    synthetic = covariates @ coefficients
    weights = variance / whole
    g1 = weights * sampling_variances
    g2 = (1 - weights) ** 2 * np.einsum("ij,jk,ik->i", covariates, inverse, covariates)
    g3 = sampling_variances**2 / whole**3 * (2 * (whole**2).sum() / areas**2)
    values = weights * direct + (1 - weights) * synthetic
    return AreaModel(
        model_variance=variance,
        coefficients=coefficients,
        synthetic=synthetic,
        estimates=tuple(
            normal_estimate(value, error, method=Method.FAY_HERRIOT)
            for value, error in zip(values.tolist(), (g1 + g2 + 2 * g3).tolist(), strict=True)
        ),
    )


def model_variance(direct: Floats, *, sampling_variances: Floats, covariates: Floats) -> float:
    """σ²u by moments: [Σ (direct − x'β)² − Σ ψ (1 − h)] / (m − p), at least 0, with β of ordinary
    least squares and h its leverages (Prasad and Rao 1990). Shapes as for :func:`fit_areas`."""
    areas, terms = covariates.shape
    basis, _ = np.linalg.qr(covariates)
    leverages = (basis**2).sum(axis=1)
    residuals = direct - basis @ (basis.T @ direct)
    excess = float((residuals**2).sum() - (sampling_variances * (1 - leverages)).sum())
    return max(0.0, excess / int(areas - terms))


def positive_model_variance(
    direct: Floats, *, sampling_variances: Floats, covariates: Floats
) -> float:
    """σ²u by adjusted residual likelihood, never 0: for few areas, of which moments often say that
    they do not differ at all. Shapes as for :func:`fit_areas`; ψ above 0.

    It maximises −½ Σ log(σ²u + ψ) − ½ log |X'V⁻¹X| − ½ r'V⁻¹r + (1/m) log arctan Σ γ, with
    V = diag(σ²u + ψ), r the residuals of generalised least squares and γ = σ²u / (σ²u + ψ)
    (Yoshimori and Lahiri 2014, whose adjustment leaves the order of its bias as it is).
    """
    low = math.log(float(sampling_variances.min())) - 12
    high = math.log(float(sampling_variances.max() + np.ptp(direct) ** 2)) + 3
    # The likelihood may have several maxima, so that the whole range is looked through first.
    for _ in range(4):
        grid = np.linspace(low, high, 60)
        likelihood = _adjusted_likelihood(
            np.exp(grid), direct, sampling_variances=sampling_variances, covariates=covariates
        )
        best = int(likelihood.argmax())
        low, high = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, 59)])
    return math.exp(float(grid[best]))


def _adjusted_likelihood(
    variances: Floats, direct: Floats, *, sampling_variances: Floats, covariates: Floats
) -> Floats:
    """The logarithm that :func:`positive_model_variance` maximises, for each of ``variances``."""
    whole = variances[:, None] + sampling_variances
    weighted = covariates.T / whole[:, None, :]  # (variances, covariates, areas)
    information = weighted @ covariates
    coefficients = np.linalg.solve(information, (weighted @ direct)[..., None])[..., 0]
    residuals = direct - coefficients @ covariates.T
    fit = np.log(whole).sum(axis=1) + (residuals**2 / whole).sum(axis=1)
    shares = (variances[:, None] / whole).sum(axis=1)
    adjustment = np.log(np.arctan(shares)) / len(direct)
    likelihood: Floats = adjustment - (fit + np.linalg.slogdet(information)[1]) / 2
    return likelihood
