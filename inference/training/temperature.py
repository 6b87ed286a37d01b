"""Temperature scaling (Guo et al. 2017): one number that calibrates predicted probabilities."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32] | npt.NDArray[np.float64]

COLDEST, HOTTEST = 0.25, 10.0
"""Limits of the search. A network that is always right would get a temperature of 0, and would then
be certain of its later errors too."""
_HALVINGS = 60


def softmax(logits: Floats, temperature: float) -> npt.NDArray[np.float64]:
    """Probabilities along the last axis."""
    scaled = logits.astype(np.float64) / temperature
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    probabilities: npt.NDArray[np.float64] = powers / powers.sum(axis=-1, keepdims=True)
    return probabilities


def fit(logits: Floats, targets: npt.NDArray[np.int64]) -> float:
    """The temperature that maximises the likelihood of ``targets``.

    The log-likelihood is concave in 1 / temperature. Bisection finds where its slope changes sign.
    """
    low, high = 1 / HOTTEST, 1 / COLDEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _slope(logits, targets, middle) > 0:
            low = middle
        else:
            high = middle
    return 2 / (low + high)


def _slope(logits: Floats, targets: npt.NDArray[np.int64], inverse: float) -> float:
    """Derivative of the mean log-likelihood by 1 / temperature: the target's logit minus the
    expected one."""
    expected = (softmax(logits, 1 / inverse) * logits).sum(axis=-1)
    return float((logits[np.arange(len(targets)), targets] - expected).mean())
