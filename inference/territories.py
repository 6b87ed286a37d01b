"""Territories on the grid: the territory of each cell, by the rule of the statistics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.counting import scanline
from analytics.grid import EPSG, Window
from analytics.zones import read_areas
from inference.errors import ConfigurationError

Numbers = npt.NDArray[np.int32]

NOWHERE = -1
"""Number of a cell outside all territories."""


@dataclass(frozen=True, slots=True)
class Territories:
    """Codes and geometries (EPSG:3035) of territories, in the order of their file."""

    codes: tuple[str, ...]
    geometries: npt.NDArray[np.object_]

    def only(self, codes: Sequence[str], *, subject: str) -> Territories:
        """The territories with these codes, in this order. Raises ConfigurationError."""
        places = {code: place for place, code in enumerate(self.codes)}
        unknown = [code for code in codes if code not in places]
        if unknown:
            more = f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""
            raise ConfigurationError(
                subject,
                found=f"no territory {', '.join(unknown[:5])}{more}",
                expected=f"codes such as {', '.join(self.codes[:3])}",
            )
        return Territories(tuple(codes), self.geometries[[places[code] for code in codes]])


def read_territories(path: Path, *, code_field: str, layer: str = "") -> Territories:
    """Read the territories of a vector file in any reference system. Raises ZoneError."""
    zones = read_areas(path, code_field=code_field, crs=f"EPSG:{EPSG}", layer=layer or None)
    return Territories(tuple(zones.codes), zones.geometries)


class Painter:
    """Numbers cells by the geometry that holds their centre."""

    def __init__(self, geometries: Sequence[Any] | npt.NDArray[np.object_]) -> None:
        self._edges = scanline.edges_of(geometries)

    def numbers(self, window: Window) -> Numbers:
        """Position of each cell's geometry, shape ``window.shape``. NOWHERE outside all geometries.
        Where geometries overlap, the last one counts."""
        painted = np.full(window.shape, NOWHERE, dtype=np.int32)
        found = scanline.spans_of(self._edges, window)
        places = (found.row - window.row, found.start - window.column, found.stop - window.column)
        spans = zip(*(place.tolist() for place in (*places, found.zone)), strict=True)
        for row, start, stop, zone in spans:
            painted[row, start:stop] = zone
        return painted

    def covers(self, window: Window) -> npt.NDArray[np.bool_]:
        """Cells that lie in a geometry, shape ``window.shape``."""
        covered: npt.NDArray[np.bool_] = self.numbers(window) != NOWHERE
        return covered
