"""Labels read from the truth: what an interpreter who never errs would see at points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import rasterio

from analytics.files import read_table
from analytics.grid import CELL_SIZE
from analytics.nomenclature import OBSERVED_CODES
from demonstration import files
from demonstration.errors import NoTruth
from demonstration.truth.land_cover import Cells

INTERPRETER = "truth"
PAIR = (2018, 2023)
"""Years of the first and the last edition, whose change the platform shows first."""


def labels_of_truth(
    *, folder: Path, x: npt.ArrayLike, y: npt.ArrayLike, year: int
) -> npt.NDArray[np.uint8]:
    """True classes 1..11 of a region's cells in a year, of shape (points,).

    ``x`` and ``y`` (points,) are in EPSG:3035; a point has the class of the cell that it lies in.
    Raises NoTruth without a region or a truth of the year, and for a point beyond the region or
    where it has no land cover.
    """
    path = folder / f"truth/{year}.tif"
    if not path.is_file():
        raise NoTruth(str(folder), found=f"no truth of {year}", expected="a region and its years")
    with rasterio.open(path) as file:
        left, top = file.bounds.left, file.bounds.top
        cells: Cells = file.read(1)
    east, north = (np.atleast_1d(np.asarray(values, dtype=np.float64)) for values in (x, y))
    # A place that is no number lies beyond every region.
    column = np.nan_to_num(np.floor((east - left) / CELL_SIZE), nan=-1, posinf=-1, neginf=-1)
    row = np.nan_to_num(np.floor((top - north) / CELL_SIZE), nan=-1, posinf=-1, neginf=-1)
    within = (row >= 0) & (row < cells.shape[0]) & (column >= 0) & (column < cells.shape[1])
    found = np.zeros(len(east), dtype=np.uint8)
    found[within] = cells[row[within].astype(np.intp), column[within].astype(np.intp)]
    wrong = np.flatnonzero(~np.isin(found, list(OBSERVED_CODES)))
    if len(wrong):
        first = int(wrong[0])
        raise NoTruth(
            f"point at {east[first]}, {north[first]}",
            found="no land cover there",
            expected="a point on the land or the inland waters of the region",
        )
    return found


def label_points(*, folder: Path, points: Path, labels: Path, years: Sequence[int] = PAIR) -> int:
    """Write the truth as labels of the points of a sample; returns their number.

    ``points`` is a CSV as the draw writes it, also a blind one: ``id``, ``x``, ``y``. The file
    ``labels`` is one that the platform imports, for a sample from editions of ``years``. Raises
    NoTruth as :func:`labels_of_truth`, and errors of :func:`analytics.files.read_table`.
    """
    rows = read_table(points, ["id", "x", "y"])
    x, y = ([_number(row[name]) for row in rows] for name in ("x", "y"))
    found = [labels_of_truth(folder=folder, x=x, y=y, year=year).tolist() for year in years]
    with files.replaced(labels) as partial:
        files.write_table(
            partial,
            ["id", "x", "y", *_references(years), "confidence", "interpreter"],
            [
                [row["id"], row["x"], row["y"], *classes, "high", INTERPRETER]
                for row, *classes in zip(rows, *found, strict=True)
            ],
        )
    return len(rows)


def _references(years: Sequence[int]) -> tuple[str, ...]:
    return ("reference",) if len(years) == 1 else ("reference_earlier", "reference_later")


def _number(text: str | None) -> float:
    try:
        return float(text or "")
    except ValueError:
        return math.nan
