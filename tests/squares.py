"""Values of a block's squares, counted square by square."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def counts_of_squares(values: npt.NDArray[Any], *, side: int, number: int) -> npt.NDArray[np.int64]:
    """Cells of each square of ``side`` cells by value, shape (squares, number), row by row."""
    rows, columns = values.shape
    squares = values.reshape(rows // side, side, columns // side, side).swapaxes(1, 2)
    return np.array(
        [np.bincount(square.ravel(), minlength=number) for row in squares for square in row]
    )
