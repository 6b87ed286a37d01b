"""Long tables as Parquet, written in groups of rows."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import IO, Any

import pyarrow as pa
from pyarrow import parquet

from clcplus.files.tidy import COLUMNS, FIGURES, Row
from clcplus.files.unlisted import unlisted_file

_ROWS_AT_ONCE = 50_000
_TYPES = {"vintage": pa.int32(), **dict.fromkeys(FIGURES, pa.float64())}


def write(rows: Iterator[Row], about: dict[str, Any]) -> IO[bytes]:
    """A file at its start, which is gone as soon as it is closed. What the table is about stands in
    the metadata of its schema under ``about``, as JSON."""
    schema = pa.schema(
        [(name, _TYPES.get(name, pa.string())) for name in COLUMNS],
        metadata={"about": json.dumps(about, ensure_ascii=False)},
    )
    with (
        unlisted_file() as file,
        # Handed over as it is: a sink of pyarrow would close the file behind it.
        parquet.ParquetWriter(file, schema, compression="zstd") as writer,
    ):
        while some := list(itertools.islice(rows, _ROWS_AT_ONCE)):
            columns = dict(zip(COLUMNS, zip(*some, strict=True), strict=True))
            writer.write_table(pa.table(columns, schema=schema))
    return file
