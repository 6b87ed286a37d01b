"""Tidy tables of counts: a row a zone and class, or a zone and pair of classes; and their files.

Only what occurs has a row. Classes are written as text, because one of them is the word
``missing``.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from analytics.files.formulas import harmless_at_start

MISSING = "missing"
"""The class of what is not observed."""

Numbers = npt.NDArray[np.int64] | npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Table:
    """A tidy table; ``zone`` is the position of each row's zone among ``zones``.

    ``classes`` holds, for each of ``names``, the class of each row; ``cells`` and ``area`` (square
    metres) have shape (rows,). Rows are ordered by zone, then by class, *missing* last.
    """

    zones: Sequence[str]
    names: tuple[str, ...]
    zone: npt.NDArray[np.intp]
    classes: tuple[list[str], ...]
    cells: Numbers
    area: npt.NDArray[np.float64]

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Zone, classes, cells and area of each row; whole areas as whole numbers."""
        zones = (self.zones[n] for n in self.zone.tolist())
        areas = (int(a) if a.is_integer() else a for a in self.area.tolist())
        return zip(zones, *self.classes, self.cells.tolist(), areas, strict=True)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        return ("zone", *self.names, "cells", "area_m2")


def table_of(
    cells: Numbers, codes: Sequence[Sequence[int]], *, zones: Sequence[str], cell_area: float
) -> Table:
    """A table of counts of shape (zones, codes + 1), or (zones, codes + 1, codes + 1) for pairs.

    ``codes`` holds the codes of each axis after the first; its last index stands for *missing*.
    ``cell_area`` is in square metres.
    """
    zone, *classes = np.nonzero(cells)
    labels = [[*map(str, axis), MISSING] for axis in codes]
    found = cells[(zone, *classes)]
    return Table(
        zones=zones,
        names=("class",) if len(codes) == 1 else ("from", "to"),
        zone=zone,
        classes=tuple(
            [axis[n] for n in positions.tolist()]
            for axis, positions in zip(labels, classes, strict=True)
        ),
        cells=found,
        area=found.astype(np.float64) * cell_area,
    )


def write_csv(table: Table, file: BinaryIO) -> None:
    """Write as UTF-8 with commas; numbers in full precision. Zones are written so that no
    spreadsheet takes a part of them for a formula."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=False)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows((harmless_at_start(zone), *rest) for zone, *rest in table.rows())
    text.flush()
    text.detach()


def write_json(table: Table, file: BinaryIO) -> None:
    """Write as a list of objects, one a line."""
    _write_lines(
        "[",
        (json.dumps(dict(zip(table.columns, row, strict=True)), ensure_ascii=False)
         for row in table.rows()),
        "]",
        file,
    )  # fmt: skip


def write_geojson(table: Table, file: BinaryIO, *, geometries: Iterable[str]) -> None:
    """Write a FeatureCollection (RFC 7946), a feature a zone, in their order.

    ``geometries`` are the zones' in longitude and latitude, as GeoJSON text. The properties of each
    are ``zone`` and ``cells_…`` and ``area_m2_…``: for each class that occurs anywhere, or, of the
    pairs, which are many, for each that occurs in the zone.
    """
    suffixes = ["_".join(classes) for classes in zip(*table.classes, strict=True)]
    classes_alone = len(table.names) == 1
    every = sorted(set(suffixes), key=_by_class) if classes_alone else []
    properties = [
        {"zone": zone} | {f"{kind}_{s}": 0 for s in every for kind in ("cells", "area_m2")}
        for zone in table.zones
    ]
    for n, suffix, row in zip(table.zone.tolist(), suffixes, table.rows(), strict=True):
        properties[n] |= {f"cells_{suffix}": row[-2], f"area_m2_{suffix}": row[-1]}
    features = (
        f'{{"type": "Feature", "properties": {json.dumps(of, ensure_ascii=False)}, '
        f'"geometry": {geometry}}}'
        for of, geometry in zip(properties, geometries, strict=True)
    )
    _write_lines('{"type": "FeatureCollection", "features": [', features, "]}", file)


def write_parquet(table: Table, file: BinaryIO) -> None:
    """Write as Parquet: text, and numbers of 64 bits."""
    # Slow to load, and seldom needed.
    import pyarrow as pa
    import pyarrow.parquet as pq

    zones = pa.array(list(table.zones), pa.string()).take(pa.array(table.zone))
    classes = [pa.array(values, pa.string()) for values in table.classes]
    columns = [zones, *classes, pa.array(table.cells), pa.array(table.area)]
    pq.write_table(pa.table(columns, names=list(table.columns)), file, compression="zstd")


def _write_lines(first: str, items: Iterable[str], last: str, file: BinaryIO) -> None:
    file.write(first.encode())
    for n, item in enumerate(items):
        file.write((",\n" if n else "\n").encode() + item.encode())
    file.write(f"\n{last}\n".encode())


def _by_class(label: str) -> int:
    return 256 if label == MISSING else int(label)
