"""numba for this package: compiled functions keep their types and share their options.

Kernels release the GIL and write disjoint strips of rows, so two threads fill one array; as every
cell's value depends on its position and the seed alone, the number of threads changes nothing.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

STRIP_ROWS = 256


def kernel(function: Function) -> Function:
    """Compile with numba, cached on disk. Fast maths stays off: it would break determinism.

    numba does not notice a change in a kernel called from another module: after editing
    `fields.py`, delete the `__pycache__` folder of this package.
    """
    try:
        return cast(Function, numba.njit(nogil=True, cache=True)(function))
    except RuntimeError:
        # There is no writable folder for compiled code, neither beside this file nor in the user's
        # home.
        return cast(Function, numba.njit(nogil=True)(function))


def strips(rows: int) -> Iterator[tuple[int, int]]:
    """(first row, row after the last) of each strip."""
    for start in range(0, rows, STRIP_ROWS):
        yield start, min(rows, start + STRIP_ROWS)


def run_strips(rows: int, work: Callable[[int, int], Any]) -> list[Any]:
    """`work(first_row, stop_row)` for every strip of rows, on the machine's cores, in order."""
    bounds = list(strips(rows))
    # One call alone first: numba compiles under its own lock, and the rest then only run.
    first = work(*bounds[0])
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        return [first, *pool.map(lambda bound: work(*bound), bounds[1:])]
