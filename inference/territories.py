"""Territories on the grid: which of them each cell lies in, by the rule of the statistics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.counting.scanline import Edges, edges_of, spans_of
from analytics.grid import EPSG, Window
from analytics.zones.layers import read_areas
from inference.errors import ConfigurationError

Numbers = npt.NDArray[np.int32]

NOWHERE = -1
"""Number of a cell that lies in no territory."""


@dataclass(frozen=True, slots=True)
class Territories:
    """Codes and geometries (EPSG:3035) of territories, in the order of their file."""

    codes: tuple[str, ...]
    geometries: npt.NDArray[np.object_]

    def only(self, codes: Sequence[str], *, subject: str) -> Territories:
        """Those of ``codes``, in their order. Raises ConfigurationError for an unknown one."""
        places = {code: place for place, code in enumerate(self.codes)}
        lacking = [code for code in codes if code not in places]
        if lacking:
            more = f" and {len(lacking) - 5} more" if len(lacking) > 5 else ""
            raise ConfigurationError(
                subject,
                found=f"no territory {', '.join(lacking[:5])}{more}",
                expected=f"codes such as {', '.join(self.codes[:3])}",
            )
        return Territories(tuple(codes), self.geometries[[places[code] for code in codes]])


def read_territories(path: Path, *, code_field: str, layer: str = "") -> Territories:
    """Territories of a vector file, whatever its reference system. Raises ZoneError."""
    zones = read_areas(path, code_field=code_field, crs=f"EPSG:{EPSG}", layer=layer or None)
    return Territories(tuple(zones.codes), zones.geometries)


class Painter:
    """Numbers the cells of windows by the geometry in which their centre lies."""

    def __init__(self, geometries: Sequence[Any] | npt.NDArray[np.object_]) -> None:
        self._edges: Edges = edges_of(geometries)

    def numbers(self, window: Window) -> Numbers:
        """Position of each cell's geometry, NOWHERE outside all; the last of those that overlap."""
        painted = np.full(window.shape, NOWHERE, dtype=np.int32)
        spans = spans_of(self._edges, window)
        rows = (spans.row - window.row).tolist()
        starts = (spans.start - window.column).tolist()
        stops = (spans.stop - window.column).tolist()
        for row, start, stop, zone in zip(rows, starts, stops, spans.zone.tolist(), strict=True):
            painted[row, start:stop] = zone
        return painted
