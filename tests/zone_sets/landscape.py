"""A landscape of some kilometres at the corner of four 100 km tiles, and what the naive oracle
finds in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from analytics.counting.scanline import edges_of, spans_of
from analytics.grid import window_of_bounds
from analytics.nomenclature import CODES, NO_DATA, OBSERVED_CODES
from clcplus.actions.editions import registration
from clcplus.models import Edition, Layer, Zone, ZoneChange, ZoneStatistics
from tests import oracle
from tests.rasters import write_raster
from tests.runs import drain

# 7.3 × 6.1 km; neither starts nor ends at a whole kilometre.
HEIGHT, WIDTH = 610, 730
WEST, NORTH = 3_796_210, 2_303_340

Counts = dict[int, int]
Change = dict[tuple[int, int], int]


@dataclass(frozen=True)
class Landscape:
    """Codes by year, and the folder of their files."""

    folder: Path
    codes: dict[int, npt.NDArray[np.uint8]]

    def publish(self, year: int) -> Edition:
        """Ingest an edition and publish it."""
        path = self.folder / f"{year}.tif"
        if not path.exists():
            write_raster(path, self.codes[year], west=WEST, north=NORTH)
        sources = registration.check_sources(paths=[path], product="clcplus", year=year)
        run = drain(
            registration.register_edition(
                sources=sources, product="clcplus", year=year, publish=True, everything=True
            )
        )
        assert run.state == "succeeded", run.message
        return Edition.objects.get(pk=run.edition_id)

    def expected(
        self, geometry: Any, *, naively: bool = True
    ) -> tuple[dict[int, Counts], dict[tuple[int, int], Change]]:
        """Cells by class by year, and by former and later class by pair of years."""
        window = window_of_bounds(*map(float, shapely.bounds(geometry)))
        west, _, _, north = window.bounds
        if naively:
            inside = oracle.mask(geometry, shape=window.shape, x0=west, y0=north)
        else:
            # By the full scanline, which test_scanline holds to the naive oracle.
            inside = np.zeros(window.shape, dtype=bool)
            spans = spans_of(edges_of([geometry]), window)
            for row, start, stop in zip(spans.row, spans.start, spans.stop, strict=True):
                inside[row - window.row, start - window.column : stop - window.column] = True
        seen = {}
        for year, codes in self.codes.items():
            seen[year] = np.full(window.shape, NO_DATA, dtype=np.uint8)
            own = window_of_bounds(WEST, NORTH - HEIGHT * 10, WEST + WIDTH * 10, NORTH)
            shared = own.intersection(window)
            if shared is not None:
                y, x = shared.row - window.row, shared.column - window.column
                row, column = shared.row - own.row, shared.column - own.column
                seen[year][y : y + shared.height, x : x + shared.width] = codes[
                    row : row + shared.height, column : column + shared.width
                ]
        years = sorted(seen)
        return (
            {year: oracle.class_counts(seen[year], inside) for year in years},
            {
                (a, b): oracle.pair_counts(seen[a], seen[b], inside)
                for a in years
                for b in years
                if a < b
            },
        )


def stored(layer: Layer, code: str) -> tuple[dict[int, Counts], dict[tuple[int, int], Change]]:
    """What is stored of a zone, as the oracle tells it."""
    return stored_of_all(layer, code=code)[code]


def stored_of_all(
    layer: Layer, **condition: str
) -> dict[str, tuple[dict[int, Counts], dict[tuple[int, int], Change]]]:
    """What is stored of each zone that meets a condition, by its code."""
    zones = Zone.objects.filter(layer=layer, **condition).values_list("code", flat=True)
    found: dict[str, Any] = {code: ({}, {}) for code in zones}
    statistics = ZoneStatistics.objects.filter(zone__layer=layer, zone__code__in=found)
    for code, year, cells in statistics.values_list("zone__code", "edition__year", "cells"):
        found[code][0][year] = {c: n for c, n in zip(CODES, cells, strict=True) if n}
    size = len(OBSERVED_CODES)
    change = ZoneChange.objects.filter(zone__layer=layer, zone__code__in=found)
    for code, earlier, later, matrix in change.values_list(
        "zone__code", "earlier__year", "later__year", "matrix"
    ):
        found[code][1][earlier, later] = {
            (OBSERVED_CODES[n // size], OBSERVED_CODES[n % size]): count
            for n, count in enumerate(matrix)
            if count
        }
    return found


def figures(layer: Layer) -> tuple[list[Any], list[Any]]:
    """All figures of a layer's zones, to be compared with those of another computation."""
    statistics = ZoneStatistics.objects.filter(zone__layer=layer).order_by("edition", "zone")
    change = ZoneChange.objects.filter(zone__layer=layer).order_by("earlier", "later", "zone")
    return (
        list(statistics.values_list("edition__year", "zone__code", "cells")),
        list(change.values_list("earlier__year", "later__year", "zone__code", "matrix")),
    )
