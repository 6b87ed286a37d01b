"""Temperature scaling finds the temperature that spoilt the logits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from inference.training.validation import COLDEST, fitted_temperature, softmax


def drawn(count: int, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Honest logits of four labels, and labels drawn as they say."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(0, 2, (count, 4))
    chances = softmax(logits, 1.0)
    targets = (chances.cumsum(axis=1) < generator.random((count, 1))).sum(axis=1)
    return logits, targets.astype(np.int64)


def negative_log_likelihood(
    logits: npt.NDArray[np.float64], targets: npt.NDArray[np.int64], temperature: float
) -> float:
    """Mean of −log of the probability of what is there."""
    scaled = logits.astype(np.float64) / temperature
    highest = scaled.max(axis=-1)
    normaliser = highest + np.log(np.exp(scaled - highest[:, None]).sum(axis=-1))
    return float((normaliser - scaled[np.arange(len(targets)), targets]).mean())


@pytest.mark.parametrize("spoilt", [0.5, 1.0, 3.0])
def test_finds_the_temperature_that_undoes(spoilt: float) -> None:
    logits, targets = drawn(20_000, seed=1)
    assert fitted_temperature(logits * spoilt, targets) == pytest.approx(spoilt, rel=0.05)


def test_no_temperature_nearby_is_likelier() -> None:
    logits, targets = drawn(500, seed=2)
    found = fitted_temperature(logits * 1.7, targets)
    best = negative_log_likelihood(logits * 1.7, targets, found)
    for other in (found * 0.98, found * 1.02):
        assert best < negative_log_likelihood(logits * 1.7, targets, other)


def test_a_network_that_is_always_right_is_not_made_certain() -> None:
    logits = np.eye(3) * 9
    assert fitted_temperature(logits, np.arange(3)) == pytest.approx(COLDEST)


def test_large_logits_do_not_overflow() -> None:
    chances = softmax(np.array([[5000.0, 0.0], [0.0, -5000.0]]), 1.0)
    assert chances.tolist() == [[1, 0], [1, 0]]
