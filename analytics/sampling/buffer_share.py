"""How large the buffer round sealed cells is, from some blocks of the rasters: for plans, which
must not take as long as a draw."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from analytics.counting.kernels import Block
from analytics.counting.scanline import Edges, spans_of
from analytics.errors import InvalidCodes
from analytics.grid import Window
from analytics.sampling import strata_kernels
from analytics.sampling.sample_sizes import Z

BLOCKS = 48
"""Blocks that are looked at: a hundredth of a second each."""
_BUFFER, _FAR = 4, 5
"""Numbers of the strata without a sealed cell (strata_kernels)."""

Read = Callable[[Window], tuple[Block, Block]]
"""Codes of the earlier and of the later edition in a window; of one edition, the same twice."""


@dataclass(frozen=True, slots=True)
class BufferShare:
    """The part of the cells sealed in no edition that lies in the buffer, and half of its 95 %
    interval: 0 where all blocks were looked at."""

    value: float
    half_width: float


def buffer_share(
    read: Read,
    blocks: Iterable[Window],
    *,
    zones: Edges | None,
    reach: tuple[int, int],
    most: int = BLOCKS,
) -> BufferShare | None:
    """The share from the first ``most`` blocks that hold cells of the zones; None without a cell.

    ``blocks`` are all blocks, in random order, so that the first are a simple random sample of
    them: a ratio estimate (Cochran 1977, section 6.3). Cells within reach of a block's edge are
    left out, since what lies beyond is not read. Raises InvalidCodes.
    """
    found: list[tuple[int, int]] = []
    looked, total = 0, 0
    for block in blocks:
        total += 1
        if len(found) == most:
            continue
        looked += 1
        if (counts := _counts(read, block, zones, reach)) is not None:
            found.append(counts)
    near, outside = np.array(found, dtype=np.float64).reshape(-1, 2).T
    if not outside.sum():
        return None
    share = float(near.sum() / outside.sum())
    if looked == total:
        return BufferShare(share, 0.0)
    n = len(found)
    spread = float(((near - share * outside) ** 2).sum() / (n - 1))
    error = math.sqrt((1 - looked / total) * spread / n) / float(outside.mean())
    return BufferShare(share, Z * error)


def _counts(
    read: Read, block: Window, zones: Edges | None, reach: tuple[int, int]
) -> tuple[int, int] | None:
    """Cells in the buffer, and all that are sealed in no edition; None for no cell of the zones."""
    down, across = reach
    inner = Window(
        block.row + down, block.column + across, block.height - 2 * down, block.width - 2 * across
    )
    if inner.height < 1 or inner.width < 1:
        return None
    spans = None if zones is None else spans_of(zones, inner)
    if spans is not None and not len(spans):
        return None
    packed = strata_kernels.pack_observed(*read(block))
    if packed is None:
        raise InvalidCodes("rasters", found="a code of no class", expected="codes 1 to 11, 253–255")
    rows = range(down, block.height - down)
    strata = strata_kernels.strata_of(packed, rows=rows, reach=reach)[:, across:][:, : inner.width]
    strata = np.ascontiguousarray(strata)
    if spans is not None:
        strata_kernels.keep_inside(strata, spans=spans, window=inner)
    near = int(np.count_nonzero(strata == _BUFFER))
    return near, near + int(np.count_nonzero(strata == _FAR))
