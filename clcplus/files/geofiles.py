"""Territories as a GeoPackage: their shapes in EPSG:3035, their figures, and tables of these."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
from pyogrio import raw
from sqlalchemy import Connection

from analytics import queries
from analytics.grid import EPSG
from clcplus.files.tidy import COLUMNS, TEXT_COLUMNS, Row
from clcplus.http.errors import BadParameter

CHANGE = (
    "sealed_gain",
    "sealed_loss",
    "sealed_net_change",
    "map_noise",
    "sealed_gain_filtered_0_25ha",
    "sealed_loss_filtered_0_25ha",
    "sealed_net_change_filtered_0_25ha",
)
"""Figures of change beside a shape."""

INDICATORS = frozenset(
    {
        "observed_area",
        "not_observed_area",
        "sealed_area",
        "sealed_share",
        "sealed_share_like_for_like",
        *CHANGE,
        "sealed_area_estimate",
        "sealed_net_change_estimate",
    }
)
"""Figures that stand beside the shape; the tables of a GeoPackage have the others too."""

_TEXT_ENDINGS = ("_status", "_verdict", "_partly_observed", "_method", "_basis")

_Layer = tuple[str, Sequence[str], Iterable[Iterable[Any]], Sequence[bytes] | None]
"""Name, columns, rows, and a shape of each row."""
LARGEST = 2_000_000
"""Points of a shape that is still handed out: its file then has some 30 megabytes."""


def refuse_too_large(connection: Connection, *, zone_id: int) -> None:
    """A shape of more points would keep a process busy for long: layers are for that."""
    points = queries.point_count(connection, zone_id=zone_id)
    if points > LARGEST:
        raise BadParameter(
            "territory", found=f"{points} points", allowed=f"a shape of at most {LARGEST} points"
        )


def geopackage(
    shape: bytes,
    properties: Mapping[str, Any],
    *,
    statistics: Sequence[Row],
    change: Sequence[Row],
) -> IO[bytes]:
    """The shape of a territory with its main figures (layer ``territory``), and tables without
    shapes that have the columns of the bulk tables (``statistics``, ``change``)."""
    layers: list[_Layer] = [("territory", tuple(properties), [properties.values()], [shape])]
    for name, rows in (("statistics", statistics), ("change", change)):
        if rows:
            layers.append((name, COLUMNS, rows, None))
    return _file(*layers)


def geopackage_of_zones(
    shapes: Sequence[bytes], rows: Sequence[Mapping[str, Any]], *, layer: str
) -> IO[bytes]:
    """One layer of several zones, all with the same columns."""
    return _file((layer, tuple(rows[0]), [row.values() for row in rows], shapes))


def _file(*layers: _Layer) -> IO[bytes]:
    """An open file that no folder lists any more: it is gone once it is closed."""
    with tempfile.TemporaryDirectory(prefix="clcplus-gpkg-") as folder:
        path = Path(folder) / "territories.gpkg"
        for layer in layers:
            _write(path, *layer)
        return path.open("rb")


def _write(
    path: Path,
    name: str,
    columns: Sequence[str],
    rows: Iterable[Iterable[Any]],
    shapes: Sequence[bytes] | None,
) -> None:
    of_shapes: dict[str, Any] = {"geometry": None}
    if shapes is not None:
        of_shapes = {
            "geometry": np.array(shapes, dtype=object),
            "geometry_type": "MultiPolygon",
            "crs": f"EPSG:{EPSG}",
        }
    raw.write(
        path,
        field_data=[
            _column(values, text=column in TEXT_COLUMNS or column.endswith(_TEXT_ENDINGS))
            for column, values in zip(columns, zip(*rows, strict=True), strict=True)
        ],
        fields=list(columns),
        layer=name,
        driver="GPKG",
        **of_shapes,
    )


def _column(values: Sequence[Any], *, text: bool) -> npt.NDArray[Any]:
    """Text as text, so that codes keep their noughts, also where all is missing; whole numbers
    where none is missing."""
    known = [value for value in values if value is not None]
    if text or any(isinstance(value, str) for value in known):
        return np.array(values, dtype=object)
    if len(known) == len(values) and all(isinstance(value, int) for value in known):
        return np.array(values, dtype=np.int64)
    return np.array([np.nan if v is None else v for v in values], dtype=np.float64)
