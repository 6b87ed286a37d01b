"""Files of points as text: CSV, GeoJSON and KML; and the strata beside them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any, BinaryIO
from xml.sax.saxutils import escape, quoteattr

from analytics.sampling.point_tables import PointTable
from analytics.sampling.samples import Stratum


def write_csv(table: PointTable, file: BinaryIO) -> None:
    """A row a point; columns of labels are empty."""
    empty = [""] * len(table.labels)
    rows = ([*values, *empty] for values in zip(*table.columns.values(), strict=True))
    _write_rows([list(table.names), *rows], file)


def write_strata(strata: Sequence[Stratum], file: BinaryIO) -> None:
    """A row a stratum; ``stratum`` and ``units`` are what ``accuracy points --strata`` reads."""
    rows = [[s.name, s.cells, s.area, s.points] for s in strata]
    _write_rows([["stratum", "units", "area_m2", "sample"], *rows], file)


def write_geojson(table: PointTable, file: BinaryIO) -> None:
    """A FeatureCollection of points (RFC 7946); labels are null."""
    file.write(b'{"type": "FeatureCollection", "features": [')
    for n, values in enumerate(zip(*table.columns.values(), strict=True)):
        of = dict(zip(table.columns, values, strict=True))
        feature = {
            "type": "Feature",
            "id": of["id"],
            "geometry": {"type": "Point", "coordinates": [of["lon"], of["lat"]]},
            "properties": of | dict.fromkeys(table.labels),
        }
        text = json.dumps(feature, ensure_ascii=False, allow_nan=False)
        file.write((",\n" if n else "\n").encode() + text.encode())
    file.write(b"\n]}\n")


def write_kml(table: PointTable, file: BinaryIO, *, title: str) -> None:
    """A Document of placemarks (KML 2.2) named by id, with the columns as their extended data."""
    file.write(
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">'
        f"<Document><name>{escape(title)}</name>\n".encode()
    )
    for values in zip(*table.columns.values(), strict=True):
        of = dict(zip(table.columns, values, strict=True)) | dict.fromkeys(table.labels, "")
        data = "".join(
            f"<Data name={quoteattr(name)}><value>{escape(str(value))}</value></Data>"
            for name, value in of.items()
        )
        file.write(
            f"<Placemark><name>{of['id']}</name><ExtendedData>{data}</ExtendedData>"
            f"<Point><coordinates>{of['lon']},{of['lat']}</coordinates></Point>"
            "</Placemark>\n".encode()
        )
    file.write(b"</Document></kml>\n")


def _write_rows(rows: Sequence[Sequence[Any]], file: BinaryIO) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    text.flush()
    text.detach()
