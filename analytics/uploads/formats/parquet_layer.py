"""GeoParquet, read without GDAL; only fields of plain values are kept."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from analytics.errors import ZoneError
from analytics.uploads.errors import LimitMet, UploadError
from analytics.uploads.fields import kept, shown_names
from analytics.uploads.formats import geoparquet
from analytics.uploads.formats.raw_layer import RawLayer, check_features, from_wkb, value_text
from analytics.uploads.limits import Limits


def read(path: Path, limits: Limits) -> RawLayer:
    """Read a GeoParquet file. Raises UploadError or LimitMet."""
    try:
        with pq.ParquetFile(path) as file:
            check_features(file.metadata.num_rows, limits)
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
        names = kept(plain, most=limits.fields)
        layer = geoparquet.read(path, fields=names)
        geometries, broken = from_wkb(layer.wkb)
        fields = {
            name: [value_text(value) for value in column]
            for name, column in zip(shown_names(names), layer.columns, strict=True)
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
    left_out = tuple(shown_names(name for name in plain if name not in names))
    return RawLayer(geometries, fields, layer.crs, broken=broken, left_out=left_out)


def _is_plain(kind: pa.DataType) -> bool:
    """Whether values of a type are words, numbers or dates: no bytes, and nothing with parts."""
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
