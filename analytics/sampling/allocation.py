"""Allocation of a sample: how many points each stratum gets."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from analytics.errors import SampleError
from analytics.phrases import phrase as _

MINIMUM_OF_RULE = {"buffer": 2, "change": 50, "proportional": 2, "equal": 2, "neyman": 2}
"""The rules, and the points that each gives to the smallest stratum unless a minimum is named. Two
points are the fewest that have a variance. Olofsson et al. (2014, section 5.1.2) give 50 to 100 to
strata of change, which are rare, and share the rest by area."""
RULES = tuple(MINIMUM_OF_RULE)
DEFAULT_RULE = "buffer"
"""The rule where none is named, on the platform and on the command line: the one whose samples may
tell of change (analytics.estimation.fit_for_change)."""

SHARES_OF_BUFFER_RULE = {
    "stable_sealed": 0.10,
    "gain": 0.05,
    "loss": 0.15,
    "buffer": 0.40,
    "stable_unsealed": 0.30,
    "sealed": 0.25,
    "unsealed": 0.35,
}
"""Shares of the points by the rule *buffer*, for strata of a pair and of one edition."""
MOST_GAIN = 2.5
"""How many times the part of the buffer's cells that are drawn that of gain may be by that rule:
less than an estimate of change needs (analytics.estimation.fit_for_change), so that a part of the
points may lack labels."""


def allocated(
    points: int,
    sizes: Sequence[int],
    *,
    rule: str = DEFAULT_RULE,
    minimum: int | None = None,
    expected: Sequence[float] | None = None,
    names: Sequence[str] | None = None,
) -> list[int]:
    """Points of each stratum, which add up to ``points``, from their sizes in cells.

    *proportional*: as the sizes; *equal*: as many each; *neyman*: as N_h · √(p_h (1 − p_h)), with
    the ``expected`` share p_h of the target in each stratum (Cochran 1977, section 5.5); *change*:
    proportional, with a larger minimum for rare strata; *buffer*: by SHARES_OF_BUFFER_RULE, for
    which it needs the ``names``, and with few points where gain is mapped, so that what the map
    has missed near sealed cells is met often enough (without a buffer, its share goes to the cells
    round it). No stratum gets fewer than the minimum, and
    none more than it has: a stratum that is smaller is taken whole, and the others share the rest.
    An empty stratum gets none. Numbers are rounded by the largest remainder.

    Raises SampleError where there are fewer cells than points, or fewer points than minima, and by
    the rule *buffer* for strata of other names.
    """
    weights = _weights(sizes, rule=rule, expected=expected, names=names)
    least = MINIMUM_OF_RULE[rule] if minimum is None else minimum
    low = [min(least, size) for size in sizes]
    if points > sum(sizes):
        raise SampleError(
            _("sample"),
            found=_("%(n)s points", n=points),
            expected=_("at most the %(n)s cells that there are", n=sum(sizes)),
        )
    if points < sum(low):
        raise SampleError(
            _("sample"),
            found=_("%(n)s points", n=points),
            expected=_("at least %(n)s: %(least)s in each stratum", n=sum(low), least=least),
            hint=_("Ask for more points, or for a smaller minimum"),
        )
    found = _rounded(_shares(points, weights, low=low, high=sizes), points, low=low, high=sizes)
    if rule != "buffer" or names is None or not {"gain", "buffer"} <= {*names}:
        return found
    gain, buffer = names.index("gain"), names.index("buffer")
    if not (sizes[gain] and sizes[buffer]):
        return found
    # The points that gain gives up can only add to the buffer's.
    most = math.floor(MOST_GAIN * sizes[gain] * found[buffer] / sizes[buffer])
    if most >= found[gain]:
        return found
    high = list(sizes)
    high[gain] = max(most, low[gain])
    if sum(high) < points:
        return found
    return _rounded(_shares(points, weights, low=low, high=high), points, low=low, high=high)


def given(asked: Mapping[str, int], *, names: Sequence[str], sizes: Sequence[int]) -> list[int]:
    """Points of each stratum as they were asked for, by name; none where nothing was asked.

    Raises SampleError for an unknown name, a stratum without a cell, or one with fewer cells than
    points.
    """
    for name, points in asked.items():
        if name not in names:
            raise SampleError(
                "sample", found=f"a stratum {name!r}", expected=f"one of {', '.join(names)}"
            )
        size = sizes[names.index(name)]
        if not size and points:
            raise SampleError(f"stratum {name}", found="no cell", expected=f"{points} points in it")
        if points > size:
            raise SampleError(
                f"stratum {name}", found=f"{size} cells", expected=f"the {points} points asked for"
            )
    return [asked.get(name, 0) for name in names]


def _weights(
    sizes: Sequence[int],
    *,
    rule: str,
    expected: Sequence[float] | None,
    names: Sequence[str] | None,
) -> list[float]:
    if rule not in RULES:
        raise ValueError(f"rule: found {rule!r}; expected one of {', '.join(RULES)}")
    if rule == "equal":
        return [1.0] * len(sizes)
    if rule == "buffer":
        if names is None or not set(names) <= {*SHARES_OF_BUFFER_RULE}:
            raise SampleError(
                "allocation buffer",
                found="no names of strata" if names is None else f"strata {', '.join(names)}",
                expected="those that a draw makes",
                hint="Name another rule, such as change or equal",
            )
        shares = dict(SHARES_OF_BUFFER_RULE)
        if "buffer" not in names:
            for around in ("stable_unsealed", "unsealed"):
                shares[around] += shares["buffer"]
        return [shares[name] if size else 0.0 for name, size in zip(names, sizes, strict=True)]
    if rule != "neyman":
        return [float(size) for size in sizes]
    if expected is None:
        raise SampleError(
            "allocation neyman", found="no expected shares", expected="one for each stratum"
        )
    return [
        size * math.sqrt(share * (1 - share))
        for size, share in zip(sizes, checked_shares(expected), strict=True)
    ]


def checked_shares(expected: Sequence[float]) -> Sequence[float]:
    """The expected shares of a target. Raises SampleError for one that is not from 0 to 1."""
    for share in expected:
        if not 0 <= share <= 1:
            raise SampleError("expected share", found=str(share), expected="a number from 0 to 1")
    return expected


def _shares(
    points: int, weights: Sequence[float], *, low: Sequence[int], high: Sequence[int]
) -> list[float]:
    """Points as the weights within bounds, which add up: the factor of the weights is found by
    bisection, since the sum grows with it."""

    def at(factor: float) -> list[float]:
        return [
            min(max(factor * weight, a), b) for weight, a, b in zip(weights, low, high, strict=True)
        ]

    positive = [weight for weight in weights if weight > 0]
    below, above = 0.0, max(high, default=0) / min(positive) if positive else 0.0
    for _round in range(200):
        middle = (below + above) / 2
        below, above = (middle, above) if sum(at(middle)) < points else (below, middle)
    found = at(above)
    # Weights of 0 can leave points over: they go where there is room.
    for n, b in enumerate(high):
        found[n] += min(max(points - sum(found), 0.0), b - found[n])
    return found


def _rounded(
    shares: Sequence[float], points: int, *, low: Sequence[int], high: Sequence[int]
) -> list[int]:
    """Whole numbers near the shares that add up to ``points``, within the bounds."""
    whole = [
        min(max(math.floor(share), a), b) for share, a, b in zip(shares, low, high, strict=True)
    ]
    order = sorted(range(len(shares)), key=lambda n: (whole[n] - shares[n], n))
    while sum(whole) != points:
        step = 1 if sum(whole) < points else -1
        for n in order if step > 0 else reversed(order):
            if sum(whole) == points:
                break
            if low[n] <= whole[n] + step <= high[n]:
                whole[n] += step
    return whole
