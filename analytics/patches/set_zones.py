"""Cells of gain and loss in zones for each filter of a set, by the rule *centre*."""

from __future__ import annotations

import numpy as np

from analytics.arrays import Int64Array
from analytics.counting.scanline import Edges, Spans, spans_of
from analytics.grid import Window
from analytics.patches.accepted_change import Strip
from analytics.patches.filter_sets import FilterSet
from analytics.patches.runs import Bytes, Runs
from analytics.patches.zone_change import PreparedZones, cells_in_spans, values_in_spans

_KINDS = 2


class SetZones:
    """Counts change in zones (a SetReceiver).

    ``raw`` has shape (zones, 2): all cells of gain and of loss, whatever their patches.
    """

    def __init__(
        self, chosen: FilterSet, edges: Edges, *, width: int, corner: tuple[int, int] = (0, 0)
    ) -> None:
        """``width`` is that of the raster, in cells; ``corner`` the row and column of its first
        cell in the grid of the edges."""
        self._chosen = chosen
        self._edges = edges
        self._width = width
        self._corner = corner
        self.raw = np.zeros((len(edges), _KINDS), dtype=np.int64)
        # Cells by bits and kind: added up for each filter at the end only.
        self._cells = np.zeros((len(edges), _KINDS << len(chosen)), dtype=np.int64)

    @property
    def accepted(self) -> Int64Array:
        """Cells of gain and of loss that each filter accepts, shape (filters, zones, 2)."""
        by_bits = self._cells.reshape(len(self._edges), -1, _KINDS)
        bits = np.arange(by_bits.shape[1])
        return np.stack(
            [by_bits[:, bits >> place & 1 == 1].sum(axis=1) for place in range(len(self._chosen))]
        )

    def prepare(self, strip: Strip) -> PreparedZones:
        """The spans of zones in a strip, and its raw change."""
        spans = self._spans(strip.window)
        return PreparedZones(spans, cells_in_spans(strip.raw, spans, zones=len(self._edges)))

    def receive(self, window: Window, prepared: PreparedZones, *, runs: Runs, bits: Bytes) -> None:
        """Count a strip."""
        self.raw += prepared.raw
        self._count(runs, bits, prepared.spans)

    def receive_late(self, runs: Runs, bits: Bytes) -> None:
        """Count further runs."""
        first = int(runs.row[0])
        window = Window(first, 0, int(runs.row[-1]) + 1 - first, self._width)
        self._count(runs, bits, self._spans(window))

    def _spans(self, window: Window) -> Spans:
        """Spans in rows and columns of the raster. A zone has the same cells in any raster: they
        are found in the grid of its edges."""
        row, column = self._corner
        found = spans_of(
            self._edges,
            Window(window.row + row, window.column + column, window.height, window.width),
        )
        return Spans(found.row - row, found.start - column, found.stop - column, found.zone)

    def _count(self, runs: Runs, bits: Bytes, spans: Spans) -> None:
        values = bits * np.uint8(_KINDS) + runs.kind - np.uint8(1)
        values_in_spans(runs, values, spans, found=self._cells)
