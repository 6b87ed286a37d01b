"""Where nothing is lost: shapes read = zones usable + named errors, whatever the format."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from analytics.uploads.decision import ledger
from analytics.uploads.records import Choice
from tests.uploads import files
from tests.uploads import shapefile_parts as parts
from tests.uploads.upload_results import upload

SQUARE = shapely.box(10, 50, 10.01, 50.01)
SHAPES = [
    SQUARE,
    shapely.transform(SQUARE, lambda p: p + np.array([0.1, 0.0])),
    shapely.Point(10, 50),
    None,
    shapely.Polygon([(10, 50), (10.1, 50), (10.2, 50), (10.1, 50)]),
]
"""Five, of which two are zones."""
ERRORS = {"not-an-area": 1, "geometry-missing": 1, "geometry-repaired": 1}


def geojson(folder: Path) -> bytes:
    return files.geojson(*(files.feature(shape, id=n) for n, shape in enumerate(SHAPES)))


def geojson_lines(folder: Path) -> bytes:
    lines = (json.dumps(files.feature(shape, id=n)) for n, shape in enumerate(SHAPES))
    return "\n".join(lines).encode()


def with_gdal(folder: Path, suffix: str) -> bytes:
    path = folder / f"made{suffix}"
    wkb = np.array([None if s is None else shapely.to_wkb(s) for s in SHAPES], dtype=object)
    pyogrio.raw.write(
        path, wkb, [np.arange(len(SHAPES))], ["id"], geometry_type="Unknown", crs="EPSG:4326",
        layer="zones", **({"SPATIAL_INDEX": "NO"} if suffix == ".fgb" else {}),
    )  # fmt: skip
    return path.read_bytes()


def geoparquet(folder: Path) -> bytes:
    about = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB", "geometry_types": []}},
    }
    wkb = [None if s is None else shapely.to_wkb(s) for s in SHAPES]
    table = pa.table({"id": list(range(len(SHAPES))), "geometry": wkb})
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(about)}), folder / "made")
    return (folder / "made").read_bytes()


def wkt(folder: Path) -> bytes:
    texts = ("POLYGON EMPTY" if s is None else s.wkt for s in SHAPES)
    return "\n".join(f"SRID=4326;{text}" for text in texts).encode()


def kml(folder: Path) -> bytes:
    def drawn(shape: Any) -> str:
        if shape is None:
            return ""
        text = " ".join(f"{x},{y}" for x, y in shapely.get_coordinates(shape))
        coordinates = f"<coordinates>{text}</coordinates>"
        if shape.geom_type == "Point":
            return f"<Point>{coordinates}</Point>"
        ring = f"<LinearRing>{coordinates}</LinearRing>"
        return f"<Polygon><outerBoundaryIs>{ring}</outerBoundaryIs></Polygon>"

    marks = "".join(f"<Placemark>{drawn(shape)}</Placemark>" for shape in SHAPES)
    return (
        f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{marks}</Document></kml>'.encode()
    )


@pytest.mark.parametrize(
    "make",
    [
        geojson,
        geojson_lines,
        lambda folder: with_gdal(folder, ".gpkg"),
        lambda folder: with_gdal(folder, ".fgb"),
        geoparquet,
        wkt,
        kml,
        lambda folder: files.zipped({"doc.kml": kml(folder)}),
    ],
)
def test_each_shape_of_a_file_is_a_zone_or_an_error(
    tmp_path: Path, make: Callable[[Path], bytes]
) -> None:
    read = upload(tmp_path, make(tmp_path), choice=Choice(code_field="", name_field=""))
    assert read.reading.report is not None
    account = ledger(read.reading.report)
    assert (account.read, account.usable, dict(account.errors)) == (5, 2, ERRORS)
    assert account.read == account.usable + sum(n for _, n in account.errors)
    assert sum(zone is not None for zone in read.zones) == account.usable


def test_each_shape_of_a_shapefile_is_a_zone_or_an_error(tmp_path: Path) -> None:
    """Four shapes: one without an area, and one without a record, whose code is missing."""
    flat = (10.6, 50.0, 10.6, 50.1)
    table = parts.dbf([(b"1", b"One"), (b"2", b"Two"), (b"3", b"Flat")])
    read = upload(
        tmp_path, parts.packed(table=table, boxes=[*parts.BOXES[:2], flat, parts.BOXES[2]])
    )
    assert read.reading.report is not None
    account = ledger(read.reading.report)
    assert (account.read, account.usable) == (4, 2)
    assert account.errors == (("code-missing", 1), ("geometry-repaired", 1))
