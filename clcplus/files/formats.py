"""Formats of tables: what each is called, and how long tables are written in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.renderers import BaseRenderer

from analytics.records import Edition
from clcplus.citations import doi_address
from clcplus.files import parquet, streams, xlsx
from clcplus.files.tidy import Row

PLAIN, SPREADSHEET = "plain", "spreadsheet"
DIALECTS = (PLAIN, SPREADSHEET)


@dataclass(frozen=True, slots=True)
class Format:
    """A format: the word in an address, which is the extension of the file too."""

    name: str
    media_type: str


FORMATS = {
    known.name: known
    for known in (
        Format("json", "application/json"),
        Format("csv", "text/csv"),
        Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        Format("parquet", "application/vnd.apache.parquet"),
    )
}


class _FileRenderer(BaseRenderer):
    """Stands for a format in the negotiation; the rows are streamed, never rendered at once."""

    def render(self, data: Any, *args: Any) -> Any:
        return data


class CsvRenderer(_FileRenderer):
    """CSV, in either dialect."""

    media_type, format, charset = "text/csv", "csv", "utf-8"


class XlsxRenderer(_FileRenderer):
    """A workbook."""

    media_type, format = FORMATS["xlsx"].media_type, "xlsx"
    charset, render_style = None, "binary"


class ParquetRenderer(_FileRenderer):
    """A Parquet file."""

    media_type, format = FORMATS["parquet"].media_type, "parquet"
    charset, render_style = None, "binary"


def disposition(name: str, extension: str) -> str:
    """The header that makes a browser save a file under a name; odd characters of codes go."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name)
    return f'attachment; filename="{kept}.{extension}"'


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
    media_type = FORMATS[chosen].media_type
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
        elif dialect == SPREADSHEET:
            pieces = streams.spreadsheet_pieces(rows)
        else:
            pieces = streams.csv_pieces(rows)
        response = StreamingHttpResponse(streams.FromSnapshot(pieces, snapshot))
    response["Content-Type"] = f"{media_type}; charset=utf-8" if chosen == "csv" else media_type
    response["Content-Disposition"] = disposition(name, chosen)
    return response
