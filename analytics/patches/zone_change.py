"""Cells of gain and loss in zones, raw and by accepted patches, by the rule *centre*.

Patches are accepted on the whole raster first; a zone then has those of their cells whose centres
lie in it. Only runs of change are looked up in the spans of zones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from analytics.arrays import Int64Array
from analytics.counting.scanline import Edges, Spans, spans_of
from analytics.grid import Window
from analytics.patches.accepted_change import Strip
from analytics.patches.patch_records import Patches
from analytics.patches.runs import Bytes, Runs


@dataclass(frozen=True, slots=True)
class PreparedZones:
    """The spans of zones in a strip, and the cells of all change in them, shape (zones, 2)."""

    spans: Spans
    raw: Int64Array


class ZoneChange:
    """Counts change in zones (a Receiver of accepted_change).

    ``raw`` and ``accepted`` have shape (zones, 2): cells of gain and of loss.
    """

    def __init__(self, edges: Edges, *, width: int) -> None:
        """``width`` is that of the raster, in cells."""
        self._edges = edges
        self._width = width
        self.raw = np.zeros((len(edges), 2), dtype=np.int64)
        self.accepted = np.zeros_like(self.raw)

    def prepare(self, strip: Strip) -> PreparedZones:
        """The spans of zones in a strip, and its raw change."""
        spans = spans_of(self._edges, strip.window)
        return PreparedZones(spans, cells_in_spans(strip.raw, spans, zones=len(self._edges)))

    def receive(
        self,
        window: Window,
        prepared: PreparedZones,
        *,
        patches: Patches,
        runs: Runs,
        ids: Int64Array,
    ) -> None:
        """Count a strip."""
        self.raw += prepared.raw
        self.accepted += cells_in_spans(runs, prepared.spans, zones=len(self._edges))

    def receive_late(self, runs: Runs, ids: Int64Array) -> None:
        """Count further runs."""
        first = int(runs.row[0])
        window = Window(first, 0, int(runs.row[-1]) + 1 - first, self._width)
        self.accepted += cells_in_spans(runs, spans_of(self._edges, window), zones=len(self._edges))


def cells_in_spans(runs: Runs, spans: Spans, *, zones: int) -> Int64Array:
    """Cells of runs, which are ordered by row and column, in the spans of ``zones`` zones, by kind:
    shape (zones, 2)."""
    found = np.zeros((zones, 2), dtype=np.int64)
    values_in_spans(runs, runs.kind - np.uint8(1), spans, found=found)
    return found


def values_in_spans(runs: Runs, values: Bytes, spans: Spans, *, found: Int64Array) -> None:
    """Add the cells of runs, which are ordered by row and column, to ``found``, shape (zones,
    values), by the value of each run, shape (runs,)."""
    if len(runs):
        _count(
            runs.row,
            runs.start,
            runs.stop,
            values,
            spans.row,
            spans.start,
            spans.stop,
            spans.zone,
            found,
        )


@njit(cache=True, nogil=True)
def _count(  # type: ignore[no-untyped-def]
    row, start, stop, value, span_row, span_start, span_stop, zone, found
):
    first, last = row[0], row[-1]
    begins = np.zeros(last - first + 2, dtype=np.int64)  # first run of each row
    for run in range(len(row)):
        begins[row[run] - first + 1] += 1
    for n in range(1, len(begins)):
        begins[n] += begins[n - 1]
    for span in range(len(span_row)):
        if span_row[span] < first or span_row[span] > last:
            continue
        low, end = begins[span_row[span] - first], begins[span_row[span] - first + 1]
        high = end
        while low < high:  # the first run that ends after the span begins
            middle = (low + high) // 2
            if stop[middle] > span_start[span]:
                high = middle
            else:
                low = middle + 1
        for run in range(low, end):
            if start[run] >= span_stop[span]:
                break
            shared = min(stop[run], span_stop[span]) - max(start[run], span_start[span])
            found[zone[span], value[run]] += shared
