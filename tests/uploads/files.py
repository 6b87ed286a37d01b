"""Small uploads of each format, written by the tests themselves."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely

SQUARE = shapely.box(4_000_000, 2_500_000, 4_001_000, 2_501_000)
"""1 km² in EPSG:3035: 10 000 cells."""


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    drawn = None if geometry is None else json.loads(shapely.to_geojson(geometry))
    return {"type": "Feature", "properties": properties, "geometry": drawn}


def geojson(*features: Any, **members: Any) -> bytes:
    document = {"type": "FeatureCollection", **members, "features": list(features)}
    return json.dumps(document).encode()


def with_gdal(path: Path, *, crs: str | None = "EPSG:3035", layer: str = "zones") -> Path:
    pyogrio.raw.write(
        path,
        np.array([shapely.to_wkb(SQUARE)], dtype=object),
        [np.array(["A1"], dtype=object), np.array(["Żółw"], dtype=object)],
        ["code", "name"],
        geometry_type="Polygon",
        crs=crs,
        layer=layer,
        encoding="UTF-8",
        append=path.exists(),
    )
    return path


def zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def shapefile(folder: Path, *, inside: str = "deep/er\\ZONES") -> bytes:
    folder.mkdir()
    path = with_gdal(folder / "zones.shp")
    return zipped(
        {inside + f.suffix.upper(): f.read_bytes() for f in sorted(path.parent.iterdir())}
    )


KML = (
    '<?xml version="1.0"?>{declaration}<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark>'
    "<name>{name}</name><Polygon><outerBoundaryIs><LinearRing><coordinates>"
    "10,50,3 10.1,50,3 10.1,50.1,3 10,50,3"
    "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></kml>"
)


def kml(*, declaration: str = "", name: str = "Zone") -> bytes:
    return KML.format(declaration=declaration, name=name).encode()
