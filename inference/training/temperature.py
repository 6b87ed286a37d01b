"""Temperature scaling (Guo et al. 2017): one number that makes stated probabilities honest."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32] | npt.NDArray[np.float64]

COLDEST, HOTTEST = 0.25, 10.0
"""Where a temperature is looked for: that of a network which is always right would be 0, and what
is certain of everything is wrong sooner or later."""
_HALVINGS = 60


def softmax(logits: Floats, temperature: float) -> npt.NDArray[np.float64]:
    """Probabilities along the last axis."""
    scaled = logits.astype(np.float64) / temperature
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    probabilities: npt.NDArray[np.float64] = powers / powers.sum(axis=-1, keepdims=True)
    return probabilities


def fit(logits: Floats, targets: npt.NDArray[np.int64]) -> float:
    """The temperature under which ``targets`` are likeliest.

    The likelihood is concave in 1 / temperature: where its slope changes its sign is the answer,
    found by halving.
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
    """Derivative of the mean log-likelihood by 1 / temperature: what is there, less expected."""
    expected = (softmax(logits, 1 / inverse) * logits).sum(axis=-1)
    return float((logits[np.arange(len(targets)), targets] - expected).mean())
