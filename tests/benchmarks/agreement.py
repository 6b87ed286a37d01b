"""Whether two engines agree, as far as their rules allow; the answers are for the page."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from tests.benchmarks.landscape import CELL
from tests.benchmarks.partition import Geometries
from tests.benchmarks.rows import Disagreement

Cells = npt.NDArray[Any]


def exact(ours: Cells, theirs: Cells, *, peer: str) -> str:
    """Equal to the cell; raises Disagreement."""
    differing = int((ours != theirs).sum())
    if differing:
        raise Disagreement(f"{differing} counts differ from those of {peer}")
    return f"every count equal to {peer}"


def near(ours: Cells, theirs: Cells, *, geometries: Geometries, peer: str) -> str:
    """Cells of zones by code, ours by centre and theirs by coverage, for a partition.

    Sums over the partition are equal up to the rounding of fractions; those of a zone differ by
    less than its boundary cells.
    """
    total, their_total = ours.sum(axis=0), theirs.sum(axis=0)
    worst = float(np.max(np.abs(total - their_total)[total > 0] / total[total > 0]))
    if worst > 1e-4:
        raise Disagreement(f"sums over all zones differ from those of {peer} by {worst:.1e}")
    boundary = 2 * shapely.length(geometries) / CELL
    if (np.abs(ours - theirs).max(axis=1) > boundary).any():
        raise Disagreement(f"a zone differs from {peer} by more than its boundary cells")
    return f"sums by class within {worst:.0e} of {peer}"


def within(ours: Cells, theirs: Cells, *, relative: float, peer: str) -> str:
    """Areas equal within a relative difference; raises Disagreement."""
    present = theirs > 0
    worst = float(np.max(np.abs(ours - theirs)[present] / theirs[present]))
    if worst > relative or ours[~present].any():
        raise Disagreement(f"areas differ from those of {peer} by {worst:.1e}")
    return f"areas by class within {worst:.0e} of {peer}"
