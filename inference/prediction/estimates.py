"""Sealed area of a prediction, by the most likely class and by probability. With a reference
sample, the difference estimator corrects both."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import rasterio
from rasterio.errors import RasterioError

from analytics.estimation import difference_estimate
from analytics.grid import CELL_AREA, CELL_SIZE, EPSG, Y_ORIGIN
from analytics.nomenclature import CODES, MISSING_CODES, NO_DATA, SEALED
from analytics.rasters import COG_BLOCK, first_line
from inference.errors import UnreadablePrediction, UnreadableSample
from inference.prediction import files as prediction_files
from inference.prediction.files import STORED_ONE, Prediction

_METRES, _DEGREES = ("x", "y", "code"), ("lon", "lat", "code")

Values = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Corrected:
    """A corrected area in m², with its 95 % interval, clipped to the observed area."""

    area_m2: float
    low_m2: float
    high_m2: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """A sealed area in m² as mapped, and corrected if there is a sample."""

    mapped_m2: float
    corrected: Corrected | None


@dataclass(frozen=True, slots=True)
class SealedArea:
    """Both estimates, for the observed cells of a prediction."""

    observed: int
    """Cells."""
    by_class: Estimate
    """Σ argmax: cells whose most likely class is sealed."""
    by_probability: Estimate
    """Σ p: the sum of the probabilities of sealed."""
    points: int = 0
    """Points of the sample on observed cells and with an observed class."""
    points_left_out: int = 0
    """The sample's other points."""


def sealed_area(*, prediction: Path, sample: Path | None = None) -> SealedArea:
    """The sealed area of the prediction in a folder.

    ``sample`` is a CSV file of a simple random sample, with columns x, y (metres of
    EPSG:3035) or lon, lat (degrees), and code (of the nomenclature). Points on cells that were not
    observed, or of a missing code, are left out. Raises UnreadablePrediction and UnreadableSample.
    """
    found = prediction_files.read(prediction)
    mapped = (float(found.cells[SEALED]), found.probability_sum)
    if sample is None:
        by_class, by_probability = (Estimate(cells * CELL_AREA, None) for cells in mapped)
        return SealedArea(found.observed, by_class, by_probability)
    x, y, codes = _read_sample(sample)
    classes, stored = _at(found, x, y)
    used = (classes != NO_DATA) & ~np.isin(codes, MISSING_CODES)
    points = int(used.sum())
    if points < 2:
        raise UnreadableSample(
            sample.name,
            found=f"{points} point(s) on observed cells of the prediction, of {len(codes)}",
            expected="two at least",
            hint="Is it of the same area and reference system?",
        )
    reference = codes[used] == SEALED
    by_class, by_probability = (
        Estimate(cells * CELL_AREA, _corrected(found, cells, values, reference))
        for cells, values in zip(
            mapped, (classes[used] == SEALED, stored[used] / STORED_ONE), strict=True
        )
    )
    return SealedArea(found.observed, by_class, by_probability, points, len(codes) - points)


def _corrected(
    prediction: Prediction, cells: float, mapped: Values, reference: Values
) -> Corrected:
    observed = prediction.observed
    estimate = difference_estimate(cells / observed, mapped=mapped, reference=reference)
    low, high = (min(max(end, 0.0), 1.0) * observed for end in (estimate.ci_low, estimate.ci_high))
    return Corrected(*(cells * CELL_AREA for cells in (estimate.value * observed, low, high)))


def _at(prediction: Prediction, x: Values, y: Values) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Code and stored probability of the cells at the points. NO_DATA outside the prediction."""
    eastings = (np.floor(x / CELL_SIZE) + 0.5) * CELL_SIZE
    northings = Y_ORIGIN - (np.floor((Y_ORIGIN - y) / CELL_SIZE) + 0.5) * CELL_SIZE
    # In the order of the blocks, so that each block is decoded once or twice.
    side = COG_BLOCK * CELL_SIZE
    order = np.lexsort((eastings // side, -(northings // side)))
    centres = list(zip(eastings[order].tolist(), northings[order].tolist(), strict=True))
    values = np.empty((2, len(x)), dtype=np.int64)
    for of_points, path in zip(values, (prediction.classes, prediction.probability), strict=True):
        try:
            with rasterio.open(path) as dataset:
                of_points[order] = [value for (value,) in dataset.sample(centres)]
        except RasterioError as error:
            raise UnreadablePrediction(
                str(path), found=first_line(error), expected="a raster that GDAL can read"
            ) from error
    return values[0], values[1]


def _read_sample(path: Path) -> tuple[Values, Values, npt.NDArray[np.int64]]:
    """Read x and y, in metres of EPSG:3035, and codes."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            names = tuple(reader.fieldnames or ())
            fields = next((f for f in (_METRES, _DEGREES) if set(f) <= set(names)), None)
            if fields is None:
                raise UnreadableSample(
                    path.name,
                    found=f"columns {', '.join(names) or 'none'}",
                    expected=f"{', '.join(_METRES)} or {', '.join(_DEGREES)}",
                )
            rows = [_numbers(row, fields, path, reader.line_num) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableSample(
            path.name, found=str(error), expected="a CSV file in UTF-8 that can be read"
        ) from error
    first, second, codes = np.array(rows, dtype=np.float64).reshape(-1, 3).T
    if fields == _DEGREES:
        to_metres = pyproj.Transformer.from_crs(4326, EPSG, always_xy=True)
        first, second = to_metres.transform(first, second)
    return first, second, codes.astype(np.int64)


def _numbers(
    row: dict[str, Any], fields: Sequence[str], path: Path, line: int
) -> tuple[float, float, int]:
    try:
        first, second, code = float(row[fields[0]]), float(row[fields[1]]), int(row[fields[2]])
        if not (np.isfinite(first) and np.isfinite(second)) or code not in CODES:
            raise ValueError
    except (TypeError, ValueError):
        raise UnreadableSample(
            f"{path.name}, line {line}",
            found=", ".join(str(row[field]) for field in fields),
            expected=f"{', '.join(fields)}: two numbers and a code of the nomenclature",
        ) from None
    return first, second, code
