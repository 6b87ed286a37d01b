"""What checks of an edition look at, and what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from analytics.arrays import Int64Array
from analytics.nomenclature import CODES, OBSERVED_CODES, SEALED

_CLASSES = len(OBSERVED_CODES)
_SEALED = OBSERVED_CODES.index(SEALED)


class Grade(StrEnum):
    """What a check says of an edition."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    NONE = "none"
    """There is too little to compare."""


SEVERITY = (Grade.NONE, Grade.PASS, Grade.WARN, Grade.FAIL)
"""Grades from the mildest on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """Cells of zones that both editions have observed, each array of shape (zones,)."""

    common: Int64Array
    kept: Int64Array
    """Of the same class in both."""
    before: Int64Array
    """Sealed in the last edition."""
    after: Int64Array
    """Sealed in this one."""
    gain: Int64Array
    loss: Int64Array


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerCounts:
    """The territories of a layer that this edition or the last one has counted; arrays have one
    entry for each."""

    level: str
    aggregated: bool
    """Whether its counts are the sums of its children's."""
    ids: Int64Array
    parents: Int64Array
    """Ids of the territories one level up; 0 for none."""
    codes: Sequence[str]
    names: Sequence[str]
    size: Int64Array
    """Cells of the territory."""
    cells: Int64Array
    """By class, shape (zones, 14), in the order of CODES."""
    former: Int64Array | None = None
    """The same in the last edition; None where there is none."""
    flows: Flows | None = None

    def __post_init__(self) -> None:
        if self.cells.shape != (len(self.ids), len(CODES)):
            raise ValueError(f"cells of shape {self.cells.shape} for {len(self.ids)} zones")

    @property
    def observed(self) -> Int64Array:
        """Cells that this edition has observed."""
        return observed_of(self.cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSquares:
    """Change since the last edition in squares of 1 km, arrays of shape (rows, columns).

    ``row`` and ``column`` are those of the first square in the whole grid of such squares.
    """

    row: int
    column: int
    observed: Int64Array
    """Cells that both editions have observed."""
    changed: Int64Array
    """Cells gained and lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedEdition:
    """All that is checked: the layers from the highest level down, and the squares."""

    layers: Sequence[LayerCounts]
    squares: ChangeSquares | None = None

    @property
    def whole(self) -> LayerCounts | None:
        """The layer that stands for the whole edition: that with the most cells."""
        return max(self._known(), key=lambda layer: int(layer.size.sum()), default=None)

    @property
    def finest(self) -> LayerCounts | None:
        """The layer whose territories are compared with each other: that with the most of them."""
        return max(self._known(), key=lambda layer: len(layer.ids), default=None)

    def _known(self) -> list[LayerCounts]:
        return [layer for layer in self.layers if len(layer.ids)]


@dataclass(frozen=True, slots=True)
class Concerned:
    """A territory, or a seam, that a check names, with its value."""

    level: str
    code: str
    name: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What a check has found. ``value`` is what its limits are about; None where there is none."""

    check: str
    grade: Grade
    value: float | None = None
    warn_from: float | None = None
    """Value from which on the check warns; None where any is a failure."""
    fail_from: float | None = None
    compared: int = 0
    """Number of territories, classes or seams that were compared."""
    numbers: Mapping[str, float] = field(default_factory=dict)
    concerned: int = 0
    """How many territories do not hold, or stand out; the first of them are named."""
    named: Sequence[Concerned] = ()

    def document(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {**asdict(self), "grade": str(self.grade)}


def observed_of(cells: Int64Array) -> Int64Array:
    """Cells with an observed class."""
    found: Int64Array = cells[..., :_CLASSES].sum(axis=-1)
    return found


def sealed_of(cells: Int64Array) -> Int64Array:
    """Cells of the sealed class."""
    return cells[..., _SEALED]


def worst(results: Sequence[CheckResult]) -> Grade:
    """The severest grade of all."""
    return max((one.grade for one in results), key=SEVERITY.index, default=Grade.NONE)


def named(
    layer: LayerCounts, positions: Int64Array, values: Any, *, most: int = 20
) -> list[Concerned]:
    """The first of some territories, those with the largest values; ``values`` are of the whole
    layer."""
    order = positions[np.argsort(-np.abs(np.asarray(values)[positions]), kind="stable")][:most]
    return [
        Concerned(layer.level, layer.codes[n], layer.names[n], float(values[n]))
        for n in order.tolist()
    ]
