"""Vector files of any format, as they are stored: geometries as WKB and the fields asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from analytics import geoparquet
from analytics.errors import MissingField, UnreadableLayer

RawZones = geoparquet.Layer

_FAILURES = (DataSourceError, DataLayerError, FeatureError, FieldError, GeometryError)


def read_raw(path: Path, *, fields: Sequence[str], layer: str | None) -> RawZones:
    """Read a layer with at least one feature. Raises UnreadableLayer or MissingField."""
    if not path.exists():
        raise UnreadableLayer(str(path), found="nothing", expected="a vector file")
    if path.suffix.lower() in geoparquet.SUFFIXES:
        raw = geoparquet.read(path, fields=fields)
    else:
        raw = _read_with_gdal(path, fields=fields, layer=layer)
    if not len(raw.wkb):
        raise _no_feature(path.name)
    return raw


def _read_with_gdal(path: Path, *, fields: Sequence[str], layer: str | None) -> RawZones:
    name = path.name
    try:
        layers = [str(row[0]) for row in pyogrio.list_layers(path)]
        if layer is None and len(layers) != 1:
            raise UnreadableLayer(
                name,
                found=f"{len(layers)} layers ({', '.join(layers[:8])})",
                expected="one layer",
                hint="Say which with --layer",
            )
        info = pyogrio.read_info(path, layer=layer)
        if info["features"] == 0:
            raise _no_feature(name)
        kinds = dict(zip(map(str, info["fields"]), map(str, info["dtypes"]), strict=True))
        for needed in fields:
            if needed not in kinds:
                raise MissingField(
                    name, found=f"fields {', '.join(kinds)}", expected=f"a field {needed!r}"
                )
        meta, _, wkb, columns = pyogrio.raw.read(path, layer=layer, columns=list(fields))
        if wkb is None:
            raise _no_feature(name)
        by_name = dict(zip(map(str, meta["fields"]), columns, strict=True))
        for field, column in by_name.items():
            if kinds[field].startswith(("int", "uint")) and column.dtype.kind == "f":
                by_name[field] = _whole_numbers(path, layer, field)
    except _FAILURES as error:
        raise UnreadableLayer(
            name, found=str(error).splitlines()[0], expected="a vector file that GDAL reads"
        ) from error
    except UnicodeDecodeError as error:
        raise UnreadableLayer(
            name,
            found=f"texts that are not in the encoding {error.encoding}",
            expected="the encoding that the file declares",
            hint="Write the true one into the .cpg beside the .shp, such as 1252 or UTF-8",
        ) from error
    return RawZones(wkb, meta["crs"], [by_name[field] for field in fields])


def _whole_numbers(path: Path, layer: str | None, field: str) -> npt.NDArray[Any]:
    """A field of whole numbers with None for what is missing; NumPy has no such integers, and
    floating-point numbers would lose digits."""
    # Slow to load, and seldom needed.
    import pyarrow as pa

    with pyogrio.raw.open_arrow(
        path, layer=layer, columns=[field], read_geometry=False, use_pyarrow=False
    ) as (_, stream):
        values = pa.RecordBatchReader.from_stream(stream).read_all().column(field).to_pylist()
    return np.array(values, dtype=object)


def _no_feature(name: str) -> UnreadableLayer:
    return UnreadableLayer(name, found="no feature", expected="zones")
