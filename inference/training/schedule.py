"""The learning rate of each step. It depends on the step only, so no state has to be saved."""

from __future__ import annotations

import math

WARM_UP = 0.05
"""Share of a cosine schedule in which the rate grows from 0."""
RISE = 0.3
"""Share of one cycle in which the rate grows (Smith and Topin 2018)."""
FIRST, LAST = 1 / 25, 1 / 1e4
"""Rates at the start and the end of one cycle, as shares of the highest."""


def rate(step: int, *, steps: int, schedule: str) -> float:
    """Learning rate at a step, 0 ≤ step < steps, as a share of the highest."""
    position = (step + 0.5) / steps
    if schedule == "cosine":
        if position < WARM_UP:
            return position / WARM_UP
        return _fall((position - WARM_UP) / (1 - WARM_UP), above=1.0, below=0.0)
    if position < RISE:
        return _fall(position / RISE, above=FIRST, below=1.0)
    return _fall((position - RISE) / (1 - RISE), above=1.0, below=LAST)


def _fall(position: float, *, above: float, below: float) -> float:
    """From ``above`` at 0 to ``below`` at 1, along half a cosine."""
    return below + (above - below) * (1 + math.cos(math.pi * position)) / 2
