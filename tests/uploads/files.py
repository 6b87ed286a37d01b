"""Small uploads of each format, written by the tests themselves."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyproj
import shapely

SQUARE = shapely.box(4_000_000, 2_500_000, 4_001_000, 2_501_000)
"""1 km² in EPSG:3035: 10 000 cells."""


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    drawn = None if geometry is None else json.loads(shapely.to_geojson(geometry))
    return {"type": "Feature", "properties": properties, "geometry": drawn}


def geojson(*features: Any, **members: Any) -> bytes:
    document = {"type": "FeatureCollection", **members, "features": list(features)}
    return json.dumps(document).encode()


def with_gdal(
    path: Path,
    *,
    crs: str | None = "EPSG:3035",
    layer: str = "zones",
    name: str = "Żółw",
    encoding: str = "UTF-8",
) -> Path:
    pyogrio.raw.write(
        path,
        np.array([shapely.to_wkb(SQUARE)], dtype=object),
        [np.array(["A1"], dtype=object), np.array([name], dtype=object)],
        ["code", "name"],
        geometry_type="Polygon",
        crs=crs,
        layer=layer,
        encoding=encoding,
        append=path.exists(),
    )
    return path


def geoparquet_of(columns: dict[str, pa.Array], *, crs: Any = None) -> bytes:
    """A GeoParquet file of equal squares with these columns; ``crs`` as JSON would have it, that of
    EPSG:3035 for None."""
    system = pyproj.CRS("EPSG:3035").to_json_dict() if crs is None else crs
    about = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB", "geometry_types": [], "crs": system}},
    }
    squares = [shapely.to_wkb(SQUARE)] * len(next(iter(columns.values())))
    table = pa.table({**columns, "geometry": squares})
    written = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(about)}), written)
    return written.getvalue()


def geoparquet(*, crs: str | None = "EPSG:3035", fields: int = 1) -> bytes:
    """A GeoParquet file of one square; without a reference system it is WGS 84 by the format."""
    column: dict[str, Any] = {"encoding": "WKB", "geometry_types": ["Polygon"]}
    if crs is not None:
        column["crs"] = pyproj.CRS(crs).to_json_dict()
    columns: dict[str, list[Any]] = {"code": ["A1"], "geometry": [shapely.to_wkb(SQUARE)]}
    columns |= {f"field{n}": [n] for n in range(fields)}
    about = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    table = pa.table(columns).replace_schema_metadata({"geo": json.dumps(about)})
    written = io.BytesIO()
    pq.write_table(table, written)
    return written.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def shapefile(
    folder: Path,
    *,
    inside: str = "deep/er\\ZONES",
    name: str = "Żółw",
    encoding: str = "UTF-8",
    cpg: bytes | None = b"UTF-8",
    without: tuple[str, ...] = (),
) -> bytes:
    """A zipped Shapefile; ``cpg`` is what it says of the encoding of its texts."""
    folder.mkdir()
    path = with_gdal(folder / "zones.shp", name=name, encoding=encoding)
    path.with_suffix(".cpg").unlink()
    if cpg is not None:
        path.with_suffix(".cpg").write_bytes(cpg)
    parts = [f for f in sorted(folder.iterdir()) if f.suffix not in without]
    return zipped({inside + f.suffix.upper(): f.read_bytes() for f in parts})


KML = (
    '<?xml version="1.0"?>{declaration}<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark>'
    "<name>{name}</name><Polygon><outerBoundaryIs><LinearRing><coordinates>"
    "10,50,3 10.1,50,3 10.1,50.1,3 10,50,3"
    "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></kml>"
)


def kml(*, declaration: str = "", name: str = "Zone") -> bytes:
    return KML.format(declaration=declaration, name=name).encode()
