"""Shapefiles written byte by byte, as programs write them that go wrong."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from tests.uploads import files

WGS84 = (
    'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)
Box = tuple[float, float, float, float]
BOXES: tuple[Box, ...] = (
    (10.0, 50.0, 10.1, 50.1),
    (10.2, 50.0, 10.3, 50.1),
    (10.4, 50.0, 10.5, 50.1),
)
_SHAPE = 128
"""Bytes of a polygon of five points, without the head of its record."""


def _header(length: int) -> bytes:
    return struct.pack(">i20xi", 9994, length // 2) + struct.pack("<ii8d", 1000, 5, *[0.0] * 8)


def shp(boxes: Sequence[Box]) -> bytes:
    """A .shp of boxes."""
    records = b"".join(
        struct.pack(">ii", number, _SHAPE // 2)
        + struct.pack("<i4dii", 5, w, s, e, n, 1, 5)
        + struct.pack("<i10d", 0, w, s, w, n, e, n, e, s, w, s)
        for number, (w, s, e, n) in enumerate(boxes, start=1)
    )
    return _header(100 + len(records)) + records


def shx(numbers: Sequence[int]) -> bytes:
    """The .shx of a ``shp`` that lists boxes by their numbers from 0."""
    entries = b"".join(
        struct.pack(">ii", (100 + n * (_SHAPE + 8)) // 2, _SHAPE // 2) for n in numbers
    )
    return _header(100 + len(entries)) + entries


def dbf(
    rows: Sequence[Sequence[bytes]],
    *,
    names: Sequence[bytes] = (b"code", b"nom"),
    widths: Sequence[int] = (10, 20),
    kinds: bytes = b"CC",
    language: int = 0,
    deleted: Sequence[int] = (),
    declared: int | None = None,
) -> bytes:
    """A .dbf of rows of bytes."""
    fields = b"".join(
        struct.pack("<11sc4xBB14x", name, kinds[n : n + 1], width, 0)
        for n, (name, width) in enumerate(zip(names, widths, strict=True))
    )
    length = 1 + sum(widths)
    head = struct.pack(
        "<B3BIHH17xB2x", 3, 126, 1, 1, len(rows) if declared is None else declared,
        32 + len(fields) + 1, length, language,
    )  # fmt: skip
    records = b"".join(
        (b"*" if number in deleted else b" ")
        + b"".join(value.ljust(width) for value, width in zip(row, widths, strict=True))
        for number, row in enumerate(rows)
    )
    return head + fields + b"\r" + records + b"\x1a"


def packed(
    *,
    table: bytes | None = None,
    boxes: Sequence[Box] = BOXES,
    index: bytes | None = None,
    prj: str | None = WGS84,
    cpg: bytes | None = None,
    suffixes: dict[str, str] | None = None,
) -> bytes:
    """A zipped Shapefile; ``index`` b"" for none; ``suffixes`` replace the usual."""
    parts: dict[str, bytes | None] = {
        ".shp": shp(boxes),
        ".shx": shx(range(len(boxes))) if index is None else index or None,
        ".dbf": table,
        ".prj": None if prj is None else prj.encode(),
        ".cpg": cpg,
    }
    renamed = suffixes or {}
    return files.zipped(
        {f"zones{renamed.get(s, s)}": part for s, part in parts.items() if part is not None}
    )


def of_names(*names: bytes, width: int = 20, cpg: bytes | None = None, language: int = 0) -> bytes:
    """A zipped Shapefile of zones with codes 1, 2, … and names as bytes."""
    rows = [(str(n).encode(), name) for n, name in enumerate(names, start=1)]
    table = dbf(rows, widths=(10, width), language=language)
    boxes = [(10 + n / 10, 50.0, 10.05 + n / 10, 50.05) for n in range(len(names))]
    return packed(table=table, boxes=boxes, cpg=cpg)
