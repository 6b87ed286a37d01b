"""Layers of a GeoPackage, read table by table with Python's own SQLite: no GDAL, no SpatiaLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from analytics.uploads.errors import UploadError, refusal
from analytics.uploads.fields import select, shown_names
from analytics.uploads.findings import finding
from analytics.uploads.formats import foreign_formats
from analytics.uploads.formats.raw_layer import Layer, RawLayer, text, unreadable, value_text
from analytics.uploads.formats.sqlite_tables import Column, LacksTable, Tables, opened
from analytics.uploads.formats.wkb import Geometries, from_wkb
from analytics.uploads.limits import Limits
from analytics.uploads.records import LayerListing

_CONTENTS, _GEOMETRIES, _SYSTEMS = "gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys"
_ENVELOPE_BYTES = (0, 32, 48, 48, 64)
_HEADER_BYTES = 8
_EXTENDED = 0x20
_UNDEFINED = {-1, 0}
_VERSIONS = slice(18, 20)
"""Bytes of the header of SQLite that say how a database is written and read."""
_WAL = 2
_WAL_MODE = (
    "a GeoPackage written in WAL mode: its last changes may lie in a file -wal that is not here"
)
_KINDS = {
    kind.upper(): kind
    for kind in (
        "Geometry", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString",
        "MultiPolygon", "GeometryCollection", "CircularString", "CompoundCurve", "CurvePolygon",
        "MultiCurve", "MultiSurface", "Curve", "Surface",
    )
}  # fmt: skip


def layers(path: Path, limits: Limits) -> list[Layer]:
    """The layers with geometries of a file. Raises UploadError or LimitMet."""
    with _tables(path) as tables:
        # A file of tables without geometries need not have the other two.
        if not (tables.has(_GEOMETRIES) and tables.has(_SYSTEMS)):
            _check_complete(path)
            return []
        contents = tables.rows(_CONTENTS, ("table_name", "data_type"))
        names = [str(name) for name, kind in contents if str(kind).lower() == "features"]
        if not names:
            _check_complete(path)
        limits.check("layers", len(names))
        columns = ("table_name", "column_name", "geometry_type_name", "srs_id")
        described = {str(row[0]).lower(): row[1:] for row in tables.rows(_GEOMETRIES, columns)}
        systems = _systems(tables)
        return [
            _layer(path, tables, name, title, described.get(name.lower()), systems, limits)
            for name, title in zip(names, shown_names(names), strict=True)
        ]


def _layer(
    path: Path,
    tables: Tables,
    name: str,
    title: str,
    described: tuple[Any, ...] | None,
    systems: dict[Any, str],
    limits: Limits,
) -> Layer:
    try:
        if described is None or not tables.has(name):
            raise _unregistered(name)
        geometry, kind, system = described
        present = tables.columns(name)
        column = next((c for c in present if c.name.lower() == str(geometry).lower()), None)
        if column is None or column.is_computed:
            raise _unregistered(name)
        geometry = column.name
        fields = [c.name for c in present if c is not column and _is_field(c)]
        columns, left_out = select(fields, fields, most=limits.fields)
        shape = _KINDS.get(str(kind).upper(), "Unknown")
        listing = LayerListing(title, tables.count(name), shape, tuple(columns))
    except UploadError as error:
        return unreadable(title, error)

    def read() -> RawLayer:
        limits.check("features", listing.features)
        wkb, values = _rows(path, name, geometry, columns, limits)
        geometries, broken = from_wkb(wkb)
        return RawLayer(
            geometries,
            values,
            systems.get(system),
            broken=broken,
            findings=(finding("wal-mode", _WAL_MODE),) if is_in_wal_mode(path) else (),
            left_out=left_out,
        )

    return Layer(listing, read)


def _rows(
    path: Path, table: str, geometry: str, columns: dict[str, str], limits: Limits
) -> tuple[Geometries, dict[str, list[str]]]:
    blobs: list[bytes | None] = []
    values: dict[str, list[str]] = {name: [] for name in columns}
    with _tables(path) as tables:
        # One more than allowed: the count was taken before.
        rows = tables.rows(table, [geometry, *columns.values()], most=limits.features + 1)
        for blob, *row in rows:
            blobs.append(_wkb(blob))
            for column, value in zip(values.values(), row, strict=True):
                column.append("" if isinstance(value, bytes) else value_text(value))
    limits.check("features", len(blobs))
    if not blobs:
        _check_complete(path)
    wkb = np.empty(len(blobs), dtype=object)
    wkb[:] = blobs
    return wkb, values


def check(path: Path) -> None:
    """Raise UploadError for a database that is damaged, or whose schema could make a reader read
    something else: GDAL follows what a schema says."""
    _check_complete(path)
    with _tables(path):
        pass


def is_in_wal_mode(path: Path) -> bool:
    """Whether the last changes of a database may lie in a file ``-wal`` that was beside it."""
    with path.open("rb") as file:
        return _WAL in file.read(_VERSIONS.stop)[_VERSIONS]


def _check_complete(path: Path) -> None:
    """Raise UploadError where what is missing from a database may lie beside it."""
    if is_in_wal_mode(path):
        raise refusal("wal-mode", _WAL_MODE)


@contextmanager
def _tables(path: Path) -> Iterator[Tables]:
    """The tables of a file; what SQLite says of a damaged one becomes an UploadError."""
    try:
        with opened(path, needed=_CONTENTS) as tables:
            yield tables
    except LacksTable as error:
        _check_complete(path)
        foreign = foreign_formats.of_tables(error.names)
        called = f" ({foreign.found})" if foreign is not None else ""
        found = f"a sound SQLite database without the table {_CONTENTS}{called}"
        raise refusal("not-a-geopackage", found) from error
    except (sqlite3.Error, UnicodeError, OverflowError) as error:
        # SQLite's own words are few; those of other errors quote what is damaged.
        reason = f" ({text(error)[:80]})" if isinstance(error, sqlite3.Error) else ""
        raise UploadError(
            "unreadable-layer",
            found=f"a database that is cut off or damaged{reason}",
            expected="a whole GeoPackage",
            hint="Fetch or save it again",
        ) from error


def _systems(tables: Tables) -> dict[Any, str]:
    """Reference systems by their numbers in the file: a code of EPSG, else the definition."""
    columns = ("srs_id", "organization", "organization_coordsys_id", "definition")
    systems = {}
    for number, organization, code, definition in tables.rows(_SYSTEMS, columns):
        if str(organization).upper() == "EPSG" and isinstance(code, int) and code > 0:
            systems[number] = f"EPSG:{code}"
        elif number not in _UNDEFINED:
            systems[number] = str(definition)
    return systems


def _is_field(column: Column) -> bool:
    """Whether a column is one for people: the key that SQLite numbers rows with is not."""
    numbers = column.is_key and column.declared.upper() == "INTEGER"
    return not (numbers or column.is_computed)


def _unregistered(name: str) -> UploadError:
    return UploadError(
        "unreadable-layer",
        found=f"a layer {text(name)[:60]!r} that is listed and not there",
        expected="a table with a column of geometries",
        hint="Save it again as GeoPackage",
    )


def _wkb(blob: Any) -> bytes | None:
    """The WKB in a geometry of a GeoPackage; what is none is left to be called broken."""
    if blob is None:
        return None
    if not isinstance(blob, bytes):
        return b""
    if len(blob) < _HEADER_BYTES or blob[:2] != b"GP" or blob[3] & _EXTENDED:
        return b""
    envelope = blob[3] >> 1 & 0b111
    if envelope >= len(_ENVELOPE_BYTES):
        return b""
    return blob[_HEADER_BYTES + _ENVELOPE_BYTES[envelope] :]
