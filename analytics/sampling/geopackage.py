"""Points as a GeoPackage that QGIS opens with a form for labels.

Beside the layer of points it has the table ``strata`` and the table ``layer_styles``, in which QGIS
looks for the style of a layer.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyogrio
import shapely

from analytics.errors import UnwritableFile
from analytics.sampling import qgis_form
from analytics.sampling.point_tables import PointTable
from analytics.sampling.samples import Sample, Stratum

LAYER = "points"

_STRATA = """
CREATE TABLE strata (
  id INTEGER PRIMARY KEY, stratum TEXT NOT NULL, cells INTEGER NOT NULL, area_m2 REAL NOT NULL,
  sample INTEGER NOT NULL
)"""
_STYLES = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT,
  styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
)"""
_STYLE = """
INSERT INTO layer_styles
  (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML, styleSLD,
   useAsDefault, description, owner)
VALUES ('', '', ?, ?, 'labels', ?, '', 1, 'Form for labels of reference points', '')"""


def write(table: PointTable, sample: Sample, path: Path) -> None:
    """Write a new file, in the reference system of the raster. Raises UnwritableFile."""
    x, y = sample.eastings_northings()
    fields = {name: np.array(values) for name, values in table.columns.items()}
    fields = {
        name: values.astype(object) if values.dtype.kind == "U" else values
        for name, values in fields.items()
    }
    masks: list[npt.NDArray[np.bool_] | None] = [None] * len(fields)
    for name in table.labels:
        whole_number = name.startswith("reference")
        fields[name] = (
            np.zeros(len(sample), dtype=np.int32)
            if whole_number
            else np.full(len(sample), None, dtype=object)
        )
        masks.append(np.ones(len(sample), dtype=bool) if whole_number else None)
    try:
        pyogrio.raw.write(
            path,
            geometry=shapely.to_wkb(shapely.points(x, y)),
            field_data=list(fields.values()),
            field_mask=masks,
            fields=np.array(list(fields), dtype=object),
            geometry_type="Point",
            crs=sample.grid.crs,
            driver="GPKG",
            layer=LAYER,
            # `id` is a column of the sample, not the key that GDAL would make of it.
            layer_options={"FID": "fid", "GEOMETRY_NAME": "geom"},
        )
        qml = qgis_form.style(table, cell_width=sample.grid.cell_width)
        _add_tables(path, sample.strata, qml)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.FeatureError, sqlite3.Error) as error:
        raise UnwritableFile(
            str(path),
            found=str(error).splitlines()[0],
            expected="room and permission to write there",
        ) from error


def _add_tables(path: Path, strata: Sequence[Stratum], qml: str) -> None:
    rows = [(stratum.name, stratum.cells, stratum.area, stratum.points) for stratum in strata]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(_STRATA)
        connection.executemany(
            "INSERT INTO strata (stratum, cells, area_m2, sample) VALUES (?, ?, ?, ?)", rows
        )
        connection.execute(_STYLES)
        connection.execute(_STYLE, (LAYER, "geom", qml))
        connection.executemany(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier) "
            "VALUES (?, 'attributes', ?)",
            [("strata", "strata"), ("layer_styles", "layer_styles")],
        )
