"""Formats of files, and the response with a long table in one of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any

from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.renderers import BaseRenderer, JSONRenderer

from analytics.records import Edition
from clcplus.citations import doi_address
from clcplus.files import parquet, streams, xlsx
from clcplus.files.tidy import Row

TABLES = {
    "json": "application/json",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
SHAPES = {"geojson": "application/geo+json", "gpkg": "application/geopackage+sqlite3"}
MEDIA_TYPES = TABLES | SHAPES
"""By the word in an address, which is the extension of the file too."""


def renderers(names: Iterable[str]) -> tuple[type[BaseRenderer], ...]:
    """The renderers of an address that has these formats. Files are streamed: their renderers only
    stand for a format in the negotiation."""
    return tuple(JSONRenderer if name == "json" else _stand_in(name) for name in names)


def _stand_in(name: str) -> type[BaseRenderer]:
    return type(f"{name}-file", (BaseRenderer,), {"format": name, "media_type": MEDIA_TYPES[name]})


def disposition(name: str, extension: str) -> str:
    """The header that makes a browser save a file under a name; odd characters of codes go."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name)
    return f'attachment; filename="{kept}.{extension}"'


def as_file(response: HttpResponseBase, *, name: str, chosen: str) -> HttpResponseBase:
    """The response with the media type of its format, and as a file of that name."""
    media_type = MEDIA_TYPES[chosen]
    response["Content-Type"] = f"{media_type}; charset=utf-8" if chosen == "csv" else media_type
    response["Content-Disposition"] = disposition(name, chosen)
    return response


def described(edition: Edition) -> str:
    """An edition in a line: what it is, from when, and where it comes from."""
    window = f"{edition.window_start or '?'} to {edition.window_end or '?'}"
    doi = doi_address(edition) or "no DOI"
    return (
        f"{edition.slug}: {edition.name}, {edition.origin}, version {edition.version}, "
        f"observed {window}, {doi}"
    )


def table_response(
    rows: Iterator[Row],
    about: dict[str, Any],
    *,
    editions: Sequence[Edition],
    name: str,
    chosen: str,
    dialect: str,
    snapshot: ExitStack,
    head: bool = False,
) -> HttpResponseBase:
    """A table as a file. Text is sent as it is read, and the response closes ``snapshot``; files
    whose end must be known first are made in the snapshot, and it is closed before they are sent.
    """
    response: HttpResponseBase
    if head:
        snapshot.close()
        response = StreamingHttpResponse(iter(()))
    elif chosen in {"xlsx", "parquet"}:
        with snapshot:
            write = xlsx.write if chosen == "xlsx" else parquet.write
            details = {**about, "details_of_editions": [described(e) for e in editions]}
            response = FileResponse(write(rows, details))
    else:
        if chosen == "json":
            pieces = streams.json_pieces(rows, about)
        else:
            pieces = streams.tidy_csv_pieces(rows, dialect=dialect)
        response = StreamingHttpResponse(streams.FromSnapshot(pieces, snapshot))
    return as_file(response, name=name, chosen=chosen)
