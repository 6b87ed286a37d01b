"""GeoParquet layers: GDAL reads them only where it was built with Arrow, as pyogrio's is not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.errors import MissingField, UnreadableLayer, ZoneError
from analytics.uploads.errors import LimitMet, UploadError
from analytics.uploads.fields import select
from analytics.uploads.formats.raw_layer import RawLayer, value_text
from analytics.uploads.formats.wkb import from_wkb
from analytics.uploads.limits import Limits

SUFFIXES = {".parquet", ".geoparquet"}
DEFAULT_CRS = "OGC:CRS84"
"""What GeoParquet means where its metadata do not speak of a reference system."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer as it is stored: geometries as WKB, the reference system as PROJJSON or a name, and
    the fields asked for, in their order; each of shape (features,). Values are those of Python,
    None where there is none: whole numbers stay whole, and dates are texts."""

    wkb: npt.NDArray[np.object_]
    crs: str | None
    columns: list[npt.NDArray[Any]]


def fields_of(path: Path) -> tuple[str, ...]:
    """Names of the fields beside the geometry. Raises UnreadableLayer."""
    # Slow to load, and seldom needed.
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
    except (pa.ArrowException, OSError) as error:
        raise UnreadableLayer(
            path.name, found=str(error).splitlines()[0], expected="a GeoParquet file"
        ) from error
    geometry, _ = _geometry_column(schema.metadata or {}, name=path.name)
    return tuple(field for field in schema.names if field != geometry)


def read(path: Path, *, fields: Sequence[str]) -> Layer:
    """Read a GeoParquet file. Raises UnreadableLayer, or MissingField."""
    # Slow to load, and seldom needed.
    import pyarrow as pa
    import pyarrow.parquet as pq

    name = path.name
    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
            geometry, crs = _geometry_column(schema.metadata or {}, name=name)
            present = [field for field in schema.names if field != geometry]
            for needed in fields:
                if needed not in present:
                    raise MissingField(
                        name, found=f"fields {', '.join(present)}", expected=f"a field {needed!r}"
                    )
            table = file.read(columns=[geometry, *fields])
    except (pa.ArrowException, OSError) as error:
        raise UnreadableLayer(
            name, found=str(error).splitlines()[0], expected="a GeoParquet file"
        ) from error
    return Layer(
        wkb=_values(table.column(geometry)),
        crs=crs,
        columns=[_values(table.column(field)) for field in fields],
    )


def read_upload(path: Path, limits: Limits) -> RawLayer:
    """Read a stranger's file: fields of plain values alone. Raises UploadError or LimitMet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            limits.check("features", file.metadata.num_rows)
            unpacked = sum(
                file.metadata.row_group(i).total_byte_size
                for i in range(file.metadata.num_row_groups)
            )
            schema = file.schema_arrow
        if unpacked > limits.unpacked_bytes:
            raise LimitMet(
                "unpacked-size",
                found=f"columns that unpack to {unpacked} bytes",
                expected=f"at most {limits.unpacked_bytes}",
            )
        plain = [f.name for f in schema if _is_plain(f.type)]
        names, left_out = select(plain, plain, most=limits.fields)
        layer = read(path, fields=list(names.values()))
        geometries, broken = from_wkb(layer.wkb)
        fields = {
            name: [value_text(value) for value in column]
            for name, column in zip(names, layer.columns, strict=True)
        }
    except ZoneError as error:
        hint = error.hint or "Save it with geometries as WKB, or as GeoPackage"
        raise UploadError(
            "unreadable-layer", found=error.found, expected=error.expected, hint=hint
        ) from error
    except MemoryError:
        raise
    except (pa.ArrowException, OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise UploadError(
            "unreadable-layer",
            found="a Parquet file that is cut off or damaged",
            expected="a whole GeoParquet file",
            hint="Fetch or save it again",
        ) from error
    return RawLayer(geometries, fields, layer.crs, broken=broken, left_out=left_out)


def _is_plain(kind: Any) -> bool:
    """Whether values of a type are words, numbers or dates: no bytes, and nothing with parts."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return any(
        is_kind(kind)
        for is_kind in (
            pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view,
            pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean,
            pa.types.is_date, pa.types.is_timestamp,
        )
    )  # fmt: skip


def _values(column: Any) -> npt.NDArray[np.object_]:
    """A column as objects. Arrow's own way to NumPy takes the null of a dictionary for a value of
    it, and makes floats of whole numbers where one is missing."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
        column = column.cast(pa.string())  # with nanoseconds they would need pandas
    values = np.empty(len(column), dtype=object)
    values[:] = column.to_pylist()
    return values


def _geometry_column(metadata: dict[bytes, bytes], *, name: str) -> tuple[str, str | None]:
    try:
        about = json.loads(metadata[b"geo"])
        column = str(about["primary_column"])
        details = about["columns"][column]
        encoding = details.get("encoding")
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableLayer(
            name, found="no geometry column", expected="GeoParquet", hint="Is it a plain table?"
        ) from error
    if encoding != "WKB":
        raise UnreadableLayer(name, found=f"geometries as {encoding}", expected="geometries as WKB")
    return column, _named_system(details.get("crs", DEFAULT_CRS))


def _named_system(crs: Any) -> str | None:
    """What the metadata say of the reference system, as PROJ is asked for it.

    A number or a truth value is none, even where PROJ would take its digits for a code of EPSG.
    """
    if crs is None or isinstance(crs, str):
        return crs
    return json.dumps(crs) if isinstance(crs, dict) else f"crs {json.dumps(crs)}"
