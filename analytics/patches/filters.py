"""Filters of change: how large and how wide a patch must be, and how its cells touch.

A *patch* is a largest set of connected cells of one kind, gain (not sealed, then sealed) or loss
(sealed, then not sealed). With connectivity 4, cells touch by a side; with 8, by a corner too.

- The *minimum mapping unit* is the least area of a patch.
- The *minimum width* is the least side of the largest square that fits into a patch: a square of
  whole cells, along rows and columns, all of them in the patch. A morphological opening with that
  square leaves something of a patch exactly if the patch is that wide. A strip that runs along rows
  or columns is as wide as it has cells across; one that runs diagonally is measured about 0.7 times
  as wide.

A patch is accepted if it meets both, and is then accepted as a whole. Patches are formed on the
whole raster, so that a border of a zone cuts no patch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, get_args

from analytics.errors import AnalyticsError

Connectivity = Literal[4, 8]
CONNECTIVITIES: tuple[Connectivity, ...] = get_args(Connectivity)
M2_IN_HA = 10_000
MOST_CONFIDENT = 100
"""The highest value of a confidence layer."""
_LARGEST = 1e12
"""Hectares or metres beyond which a threshold is taken for a mistake."""
_ROUNDING = 1e-9
"""Share by which an area may fall short of a threshold: what decimal numbers lose in binary."""


class InvalidFilter(AnalyticsError):
    """A filter with thresholds that make no sense."""


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """Thresholds of patches: ``mmu_ha`` in hectares, ``min_width_m`` in metres.

    ``min_confidence``, 0 to 100, is for the cells of change, before patches are formed: a cell
    whose confidence is lower, or not known, belongs to no patch. None asks for no confidence.
    Raises InvalidFilter.
    """

    mmu_ha: float
    min_width_m: float = 0.0
    connectivity: Connectivity = 4
    min_confidence: int | None = None

    def __post_init__(self) -> None:
        for name, value in (
            ("minimum mapping unit", self.mmu_ha),
            ("minimum width", self.min_width_m),
        ):
            if not 0 <= value <= _LARGEST:  # false for NaN
                raise InvalidFilter(
                    name, found=f"{value:g}", expected=f"a number from 0 to {_LARGEST:g}"
                )
        if self.connectivity not in CONNECTIVITIES:
            raise InvalidFilter("connectivity", found=f"{self.connectivity}", expected="4 or 8")
        if self.min_confidence is not None and not 0 <= self.min_confidence <= MOST_CONFIDENT:
            raise InvalidFilter(
                "minimum confidence",
                found=f"{self.min_confidence}",
                expected=f"a whole number from 0 to {MOST_CONFIDENT}",
            )

    @property
    def label(self) -> str:
        """A short name for tables, such as ``0.25ha-0m-4`` or ``5ha-100m-8-confidence50``."""
        base = f"{self.mmu_ha:.12g}ha-{self.min_width_m:.12g}m-{self.connectivity}"
        return base if self.min_confidence is None else f"{base}-confidence{self.min_confidence}"

    def min_cells(self, cell_area: float) -> int:
        """Least cells of a patch, from the area of a cell in square metres; 1 at least."""
        return _least(self.mmu_ha * M2_IN_HA / cell_area)

    def min_side(self, cell_size: float) -> int:
        """Least side in cells of the largest square in a patch, from the side of a cell in metres;
        1 at least."""
        return _least(self.min_width_m / cell_size)


def _least(cells: float) -> int:
    return max(1, math.ceil(cells * (1 - _ROUNDING)))


PRESETS: dict[str, ChangeFilter] = {
    "0.25ha": ChangeFilter(mmu_ha=0.25),
    "0.5ha": ChangeFilter(mmu_ha=0.5),
    "clc-change": ChangeFilter(mmu_ha=5.0, min_width_m=100.0),
    "0.25ha-confidence50": ChangeFilter(mmu_ha=0.25, min_confidence=50),
}
"""Filters in use: 2 500 m², the threshold of French law (25 cells of 10 m); twice that; the minimum
mapping unit and width of changes in CORINE Land Cover; and the first one for cells of which both
editions are sure, where both have a confidence layer. Those with the same patches follow each
other."""


def preset_groups(*, confident: bool) -> list[dict[str, ChangeFilter]]:
    """Presets by name, in their order, grouped by what forms the same patches: connectivity and
    least confidence. Those with a least confidence only if ``confident``: the editions have
    confidence layers."""
    known = [
        (name, one) for name, one in PRESETS.items() if confident or one.min_confidence is None
    ]
    return [
        dict(group)
        for _, group in groupby(
            known, key=lambda item: (item[1].connectivity, item[1].min_confidence)
        )
    ]


RAW = "raw"
"""All change, where a filter could be named."""

DEFAULT_FILTER = PRESETS["0.25ha"]
