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

MEDIA_TYPES = {"geojson": "application/geo+json", "gpkg": "application/geopackage+sqlite3"}
INDICATORS = frozenset(
    {
        "observed_area",
        "not_observed_area",
        "sealed_area",
        "sealed_share",
        "sealed_share_like_for_like",
        "sealed_gain",
        "sealed_loss",
        "sealed_net_change",
        "map_noise",
    }
)
"""Figures that stand beside the shape; the tables of a GeoPackage have the others too."""

_TEXT_ENDINGS = ("_status", "_verdict", "_partly_observed")

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
    """An open file that no folder lists any more: it is gone once it is closed, whatever happens.

    The layer ``territory`` has the shape with its main figures; ``statistics`` and ``change`` are
    tables without shapes, with the columns of the bulk tables.
    """
    with tempfile.TemporaryDirectory(prefix="clcplus-gpkg-") as folder:
        path = Path(folder) / "territory.gpkg"
        _layer(path, "territory", [properties.values()], tuple(properties), [shape])
        for name, rows in (("statistics", statistics), ("change", change)):
            if rows:
                _layer(path, name, rows, COLUMNS)
        return path.open("rb")


def geopackage_of_zones(
    shapes: Sequence[bytes], rows: Sequence[Mapping[str, Any]], *, layer: str
) -> IO[bytes]:
    """The same of several zones: one layer, a row a zone, all with the same columns."""
    with tempfile.TemporaryDirectory(prefix="clcplus-gpkg-") as folder:
        path = Path(folder) / "zones.gpkg"
        _layer(path, layer, [row.values() for row in rows], tuple(rows[0]), shapes)
        return path.open("rb")


def _layer(
    path: Path,
    name: str,
    rows: Iterable[Iterable[Any]],
    columns: Sequence[str],
    shapes: Sequence[bytes] | None = None,
) -> None:
    geometry = None
    where: dict[str, Any] = {}
    if shapes is not None:
        geometry = np.array(shapes, dtype=object)
        where = {"geometry_type": "MultiPolygon", "crs": f"EPSG:{EPSG}"}
    raw.write(
        path,
        geometry=geometry,
        field_data=[
            _column(
                values,
                text=name in TEXT_COLUMNS or name.endswith(_TEXT_ENDINGS),
            )
            for name, values in zip(columns, zip(*rows, strict=True), strict=True)
        ],
        fields=list(columns),
        layer=name,
        driver="GPKG",
        **where,
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
