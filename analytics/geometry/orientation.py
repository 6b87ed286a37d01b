"""On which side of a straight line a point lies: the exact sign, for coordinates in double
precision.

Follows J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric
Predicates" (1997): differences and products are kept with their rounding errors and summed as
expansions, so that the sign is that of the exact determinant. Valid for differences that are zero
or lie between 1e-100 and 1e100 in size, where no product overflows or underflows.
"""

from __future__ import annotations

import numpy as np
from numba import njit

_SPLITTER = 134_217_729.0  # 2**27 + 1


@njit(cache=True, nogil=True, inline="always")
def _two_sum(a, b):  # type: ignore[no-untyped-def]
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


@njit(cache=True, nogil=True, inline="always")
def _two_product(a, b):  # type: ignore[no-untyped-def]
    product = a * b
    c = _SPLITTER * a
    a_high = c - (c - a)
    a_low = a - a_high
    c = _SPLITTER * b
    b_high = c - (c - b)
    b_low = b - b_high
    rest = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return product, rest


@njit(cache=True, nogil=True)
def _add(expansion, length, value):  # type: ignore[no-untyped-def]
    """Add a number to an expansion of ``length`` parts, from the smallest up; one part more."""
    carried = value
    for i in range(length):
        carried, expansion[i] = _two_sum(carried, expansion[i])
    expansion[length] = carried
    return length + 1


@njit(cache=True, nogil=True)
def side_of_line(ax, ay, bx, by, cx, cy):  # type: ignore[no-untyped-def]
    """Sign of (bx - ax)(cy - ay) - (cx - ax)(by - ay): 1 where c is left of a → b, 0 on it, -1."""
    left = (_difference(bx, ax), _difference(cy, ay))
    right = (_difference(cx, ax), _difference(by, ay))
    expansion = np.zeros(17)
    length = 0
    for i in range(2):
        for j in range(2):
            product, rest = _two_product(left[0][i], left[1][j])
            length = _add(expansion, length, rest)
            length = _add(expansion, length, product)
            product, rest = _two_product(right[0][i], right[1][j])
            length = _add(expansion, length, -rest)
            length = _add(expansion, length, -product)
    for i in range(length - 1, -1, -1):
        # The parts do not overlap: the largest that is not zero has the sign of the sum.
        if expansion[i] > 0.0:
            return 1
        if expansion[i] < 0.0:
            return -1
    return 0


@njit(cache=True, nogil=True, inline="always")
def _difference(a, b):  # type: ignore[no-untyped-def]
    return _two_sum(a, -b)
