"""Vector files of any format, as they are stored: geometries as WKB and the fields asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from analytics.errors import MissingField, UnreadableLayer
from analytics.uploads import geoparquet
from analytics.zones.shapefile_texts import AS_BYTES, Texts, texts_of

RawZones = geoparquet.Layer

_FAILURES = (DataSourceError, DataLayerError, FeatureError, FieldError, GeometryError)


@dataclass(frozen=True, slots=True)
class FileLayer:
    """A layer of a file, and the names of its fields. A GeoParquet file has one, without a name."""

    name: str | None
    fields: tuple[str, ...]


def file_layers(path: Path) -> list[FileLayer]:
    """The layers of a file that have geometries. Raises UnreadableLayer."""
    if not path.exists():
        raise UnreadableLayer(str(path), found="nothing", expected="a vector file")
    if path.suffix.lower() in geoparquet.SUFFIXES:
        return [FileLayer(None, geoparquet.fields_of(path))]
    found = []
    with _explained(path.name):
        for name, kind in pyogrio.list_layers(path):
            if kind is not None:
                texts = texts_of(path, layer=str(name))
                encoding = None if texts is None else AS_BYTES
                info = pyogrio.read_info(path, layer=str(name), encoding=encoding)
                stored = [str(field) for field in info["fields"]]
                shown = stored if texts is None else [texts.text(field) for field in stored]
                found.append(FileLayer(str(name), tuple(shown)))
    return found


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
    with _explained(name):
        layers = [str(row[0]) for row in pyogrio.list_layers(path)]
        if layer is None and len(layers) != 1:
            raise UnreadableLayer(
                name,
                found=f"{len(layers)} layers ({', '.join(layers[:8])})",
                expected="one layer",
                hint="Say which with --layer",
            )
        texts = texts_of(path, layer=layer or layers[0])
        encoding = None if texts is None else AS_BYTES
        info = pyogrio.read_info(path, layer=layer, encoding=encoding)
        if info["features"] == 0:
            raise _no_feature(name)
        stored = [str(field) for field in info["fields"]]
        shown = stored if texts is None else [texts.text(field) for field in stored]
        kinds = dict(zip(shown, map(str, info["dtypes"]), strict=True))
        names = dict(zip(shown, stored, strict=True))
        for needed in fields:
            if needed not in kinds:
                raise MissingField(
                    name, found=f"fields {', '.join(kinds)}", expected=f"a field {needed!r}"
                )
        meta, _, wkb, columns = pyogrio.raw.read(
            path, layer=layer, columns=[names[field] for field in fields], encoding=encoding
        )
        if wkb is None:
            raise _no_feature(name)
        by_stored = dict(zip(map(str, meta["fields"]), columns, strict=True))
        by_name = {field: by_stored[names[field]] for field in fields}
        for field, column in by_name.items():
            if kinds[field].startswith(("int", "uint")) and column.dtype.kind == "f":
                by_name[field] = _whole_numbers(path, layer, names[field], encoding=encoding)
            elif texts is not None and kinds[field] == "object":
                by_name[field] = _decoded(column, texts)
    return RawZones(wkb, meta["crs"], [by_name[field] for field in fields])


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Raise UnreadableLayer for what GDAL says, and for texts in another encoding."""
    try:
        yield
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


def _decoded(column: npt.NDArray[Any], texts: Texts) -> npt.NDArray[Any]:
    """A field of texts whose bytes were read as letters; what is missing stays so."""
    return np.array(
        [texts.text(value) if isinstance(value, str) else value for value in column], dtype=object
    )


def _whole_numbers(
    path: Path, layer: str | None, field: str, *, encoding: str | None
) -> npt.NDArray[Any]:
    """A field of whole numbers with None for what is missing; NumPy has no such integers, and
    floating-point numbers would lose digits."""
    # Slow to load, and seldom needed.
    import pyarrow as pa

    with pyogrio.raw.open_arrow(
        path,
        layer=layer,
        columns=[field],
        read_geometry=False,
        encoding=encoding,
        use_pyarrow=False,
    ) as (_, stream):
        values = pa.RecordBatchReader.from_stream(stream).read_all().column(field).to_pylist()
    return np.array(values, dtype=object)


def _no_feature(name: str) -> UnreadableLayer:
    return UnreadableLayer(name, found="no feature", expected="zones")
