"""Combined ratio estimator over strata: R = Ŷ / X̂.

Source: Stehman 2014 (doi 10.1080/01431161.2014.930207), equations 27 and 28; Tyukavina et al.
2025, A.11 to A.14.
"""

from __future__ import annotations

from analytics.estimation.frames import Floats, Frame, Positions, total, variance_of_total
from analytics.estimation.results import Estimate, Method, normal_estimate


def ratio_estimate(
    frame: Frame, stratum: Positions, *, numerator: Floats, denominator: Floats, method: Method
) -> Estimate | None:
    """R = Σ N_h ȳ_h / Σ N_h x̄_h, a share 0..1; None where the denominator's total is not above 0.

    Var = X̂⁻² Σ N_h² (1 − n_h/N_h)(s²_y + R² s²_x − 2 R s_xy) / n_h. The last bracket is the
    variance of y − R x; computed as such it cannot become negative by rounding.
    """
    whole = total(frame, stratum, denominator)
    if whole <= 0:
        return None
    ratio = total(frame, stratum, numerator) / whole
    # Divided before they are squared: the square of a tiny total would be 0.
    residuals = (numerator - ratio * denominator) / whole
    variance = variance_of_total(frame, stratum, residuals)
    return normal_estimate(ratio, variance, method=method, lowest=0, highest=1)
