"""numba for this package: compiled functions keep their types and share their options.

Kernels release the GIL and write disjoint strips of rows, so threads fill one array together. Every
cell's value depends on its position and the seed alone: the number of threads changes nothing.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

STRIP_ROWS = 256


def kernel(function: Function) -> Function:
    """Compile with numba, cached on disk. Fast maths stays off: it would break determinism.

    numba does not notice a change in a kernel called from another module: after editing
    `fields.py`, delete the `__pycache__` folders of this package.
    """
    try:
        return cast(Function, numba.njit(nogil=True, cache=True)(function))
    except RuntimeError:
        # There is no writable folder for compiled code, neither beside this file nor in the user's
        # home.
        return cast(Function, numba.njit(nogil=True)(function))


def run_strips(rows: int, work: Callable[..., None], *arguments: Any) -> None:
    """Call `work(first_row, stop_row, *arguments)` for each strip of rows, on several cores."""
    strips = [(first, min(rows, first + STRIP_ROWS)) for first in range(0, rows, STRIP_ROWS)]
    # One call alone first: numba compiles under its own lock, and the rest then only run.
    work(*strips[0], *arguments)
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        list(pool.map(lambda strip: work(*strip, *arguments), strips[1:]))
