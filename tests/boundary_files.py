"""Small files with the columns of public bodies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyogrio
import shapely


def write_columns(
    path: Path,
    rows: Sequence[tuple[object, ...]],
    *,
    columns: str,
    crs: str = "EPSG:3035",
    layer: str | None = None,
) -> Path:
    """Write a layer; the last entry of each row is its geometry. A layer of a GeoPackage is added
    to those that it has."""
    names = columns.split()
    values = [
        np.array([row[n] for row in rows], dtype=_kind(rows[0][n])) for n in range(len(names))
    ]
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array([row[-1] for row in rows], dtype=object)),
        values,
        fields=np.array(names, dtype=object),
        crs=crs,
        geometry_type="Unknown",
        layer=layer,
        append=False,
    )
    return path


def _kind(value: object) -> type:
    return np.int32 if isinstance(value, int) else object


def square(x: float, y: float, side: float = 1000) -> shapely.Geometry:
    """A square by its south-western corner, in kilometres from a place in France."""
    west, south = 3_900_000 + 1000 * x, 2_400_000 + 1000 * y
    return shapely.box(west, south, west + side, south + side)
