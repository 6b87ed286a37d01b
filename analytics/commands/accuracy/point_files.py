"""The file of points of ``accuracy points``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from analytics.commands.accuracy.cells import SMALLEST, names, numbers, place
from analytics.commands.accuracy.strata_files import Strata
from analytics.errors import SampleError, UnreadableTable
from analytics.estimation import Frame
from analytics.files import StrictTable, read_strict_table, shown

PROBABILITIES = ("probability", "inclusion_probability")
"""Columns of the probability with which a point was drawn."""
TOLERANCE = 1e-4
"""Relative difference up to which probabilities may be rounded."""
MOST_CLASSES = 256


@dataclass(frozen=True, slots=True)
class Points:
    """A sample of points, and the frame it was drawn from; arrays have shape (points,)."""

    table: StrictTable
    frame: Frame
    stratum: np.ndarray[tuple[int], np.dtype[np.intp]]
    """Positions among the frame's strata."""
    unit_areas: np.ndarray[tuple[int], np.dtype[np.float64]] | None

    def numbers(self, column: str, *, bound: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """A column of numbers from −bound to bound."""
        return np.array(numbers(self.table, column, lowest=-bound, highest=bound))


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels of points: positions (points,) among the classes."""

    classes: Sequence[str]
    mapped: np.ndarray[tuple[int], np.dtype[np.intp]]
    reference: np.ndarray[tuple[int], np.dtype[np.intp]]


def read_points(path: Path, strata: Strata, *, sized: bool) -> Points:
    """Points, or units, in the strata of a frame. Raises UnreadableTable and SampleError.

    ``sized``: whether they are units, whose column ``unit_area`` counts. Where strata are areas
    then, the units of a stratum must have one area, and their number is area / unit_area.
    """
    table = read_strict_table(path)
    frame = strata.frame
    stratum = _strata(table, strata)
    _check_stages(table)
    areas = (
        np.array(numbers(table, "unit_area", lowest=SMALLEST))
        if sized and "unit_area" in table.header
        else None
    )
    if areas is not None and frame.measure == "area":
        frame = _in_units(frame, stratum, areas, table)
    for column in PROBABILITIES:
        if column in table.header:
            _check_probabilities(table, column, frame, stratum)
    return Points(table=table, frame=frame, stratum=stratum, unit_areas=areas)


def labels_of(points: Points, *, classes: Sequence[str] | None) -> Labels:
    """Labels of the columns map and reference.

    The classes are ``classes``; if None, the labels of the map, and those of the reference that
    name a stratum. Raises SampleError for another label.
    """
    columns = {name: names(points.table, name) for name in ("map", "reference")}
    given = set(columns["map"]) | set(points.frame.names) if classes is None else set(classes)
    for column, found in columns.items():
        for n, name in enumerate(found):
            if name not in given:
                raise SampleError(
                    place(points.table, n, column),
                    found=f"unknown class {shown(name)}",
                    expected="a label of the map or the name of a stratum"
                    if classes is None
                    else "one of --classes",
                    hint="--classes can name more; numbers need --proportions."
                    if classes is None
                    else "",
                )
    used = {*columns["map"], *columns["reference"]}
    order = list(classes) if classes is not None else sorted(used, key=_by_number)
    if len(order) > MOST_CLASSES:
        raise SampleError(
            points.table.name,
            found=f"{len(order)} classes",
            expected=f"at most {MOST_CLASSES}",
            hint="Numbers need --proportions.",
        )
    places = {name: n for n, name in enumerate(order)}
    mapped, reference = (
        np.array([places[name] for name in columns[column]], dtype=np.intp)
        for column in ("map", "reference")
    )
    return Labels(classes=order, mapped=mapped, reference=reference)


def _strata(table: StrictTable, strata: Strata) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    frame = strata.frame
    if "stratum" not in table.header and len(frame.names) == 1 and {"x", "y"} <= {*table.header}:
        return np.zeros(len(table.rows), dtype=np.intp)
    places = {name: n for n, name in enumerate(frame.names)}
    found = names(table, "stratum")
    for n, name in enumerate(found):
        if name not in places:
            empty = name in strata.empty
            raise SampleError(
                place(table, n, "stratum"),
                found=f"{'stratum' if empty else 'unknown stratum'} {shown(name)}",
                expected="one with units" if empty else "one of the file of strata",
            )
    return np.array([places[name] for name in found], dtype=np.intp)


def _check_stages(table: StrictTable) -> None:
    """Raise SampleError for a sample of two stages, whose points share primary units."""
    units = [unit for unit in table.column("unit") if unit] if "unit" in table.header else []
    if len(set(units)) < len(units):
        raise SampleError(
            table.name,
            found="points that share a primary unit (column 'unit')",
            expected="a sample of one stage, since such points are too alike for these variances",
        )


def _in_units(
    frame: Frame,
    stratum: np.ndarray[tuple[int], np.dtype[np.intp]],
    areas: np.ndarray[tuple[int], np.dtype[np.float64]],
    table: StrictTable,
) -> Frame:
    """The frame with numbers of units in the place of areas."""
    sizes = frame.sizes.copy()
    for n, name in enumerate(frame.names):
        of_stratum = areas[stratum == n]
        if not of_stratum.size:
            continue  # a stratum without points is refused by the estimators
        if of_stratum.min() != of_stratum.max():
            raise SampleError(
                f"{table.name}, stratum {name!r}",
                found="units of different areas, and no number of units",
                expected="a column 'units' in the file of strata",
            )
        sizes[n] /= of_stratum[0]
    return replace(frame, sizes=sizes, measure="units")


def _check_probabilities(
    table: StrictTable,
    column: str,
    frame: Frame,
    stratum: np.ndarray[tuple[int], np.dtype[np.intp]],
) -> None:
    """The estimators weigh a point by N_h / n_h: probabilities must say the same."""
    values = np.array(numbers(table, column, lowest=SMALLEST, highest=1))
    for n, name in enumerate(frame.names):
        of_stratum = values[stratum == n]
        if not of_stratum.size:
            continue  # a stratum without points is refused by the estimators
        where = f"{table.name}, stratum {name!r}, {column}"
        if of_stratum.max() > of_stratum.min() * (1 + TOLERANCE):
            raise SampleError(
                where,
                found=f"{of_stratum.min():.6g} to {of_stratum.max():.6g}",
                expected="the same for all points of a stratum",
            )
        weights, size = float((1 / of_stratum).sum()), float(frame.sizes[n])
        if frame.measure == "units" and abs(weights - size) > TOLERANCE * size:
            raise SampleError(
                where,
                found=f"1/probability that sums to {weights:.6g}",
                expected=f"the stratum's {size:.15g} units",
            )


def _by_number(name: str) -> tuple[bool, int, str]:
    """Codes by number, then names by letter."""
    code = name.isdecimal() and name.isascii()
    return not code, int(name) if code else 0, name


def no_unit_areas(points: Points) -> None:
    """Raise UnreadableTable where units have areas, for an estimator that does not take them."""
    if points.unit_areas is not None:
        raise UnreadableTable(
            points.table.name,
            found="a column 'unit_area'",
            expected="x and y of whole units, for regression",
            hint="Multiply them, and the auxiliary mean, by the area of the unit.",
        )
