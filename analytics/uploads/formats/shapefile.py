"""Shapefiles: shapes by GDAL, as their .shx lists them, and records by our own reader of .dbf.

The record of a shape is the one of the same number. GDAL sees no .dbf: it would leave out shapes
without a record, and reads texts in one encoding before anybody could choose another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from analytics.uploads.errors import UploadError
from analytics.uploads.fields import kept, shown_names
from analytics.uploads.formats import dbf, dbf_encoding, gdal_layers, shape_index
from analytics.uploads.formats.code_pages import declared_in, decoded
from analytics.uploads.formats.dbf import Field, Table
from analytics.uploads.formats.dbf_encoding import Encoding
from analytics.uploads.formats.raw_layer import RECORD_MISSING, RawLayer
from analytics.uploads.limits import Limits
from analytics.uploads.records import Finding, LayerListing, Severity
from analytics.uploads.reference_systems import spherical

_NAMED = 5
"""Records without a shape that are named one by one."""


@dataclass(frozen=True, slots=True)
class Source:
    """A Shapefile on the disk."""

    shapes: gdal_layers.Source
    table: Table | None
    encoding: Encoding
    fields: dict[str, Field]
    """Those that are read, by the names that are shown."""
    left_out: tuple[str, ...]
    findings: tuple[Finding, ...]
    listing: LayerListing
    error: UploadError | None


def source(path: Path, *, title: str, limits: Limits, encoding: str | None) -> Source:
    """A Shapefile by its .shp; ``encoding`` is the one that the uploader has chosen.

    Raises UploadError where it cannot even be listed.
    """
    gdal_layers.check_start(path)
    findings = shape_index.ensure(path, limits)
    table = path.with_suffix(".dbf")
    records = table.rename(table.with_suffix(".records")) if table.exists() else None
    (shapes,) = gdal_layers.sources(path, title=title, limits=limits)
    make = partial(Source, shapes, findings=findings)
    if records is None or shapes.error is not None:
        return make(None, Encoding(""), {}, (), listing=shapes.listing, error=shapes.error)
    try:
        read = dbf.read(records)
    except UploadError as error:
        unreadable = replace(shapes.listing, geometry_type="unreadable")
        return make(None, Encoding(""), {}, (), listing=unreadable, error=error)
    page = path.with_suffix(".cpg")
    chosen = dbf_encoding.choose(
        read.texts(limits.features),
        declared=declared_in(page.read_bytes()) if page.exists() else "",
        language=read.language,
        chosen=encoding,
    )
    names = shown_names(decoded(field.name, chosen.label) for field in read.fields)
    names_unread = shown_names(decoded(field.name, chosen.label) for field in read.unread)
    known = dict(zip(names, read.fields, strict=True))
    fields = {name: known[name] for name in kept(names, most=limits.fields)}
    left_out = (*(name for name in names if name not in fields), *names_unread)
    listing = replace(shapes.listing, fields=tuple(fields))
    return make(read, chosen, fields, left_out, listing=listing, error=None)


def read(source: Source, limits: Limits) -> RawLayer:
    """Read a Shapefile. Raises UploadError or LimitMet."""
    if source.error is not None:
        raise source.error
    shapes = gdal_layers.read(source.shapes, limits)
    if _is_spherical(source.shapes.path.with_suffix(".prj")):
        shapes = replace(shapes, crs_status="sphere")
    count = len(shapes.geometries)
    table = source.table
    if table is None:
        return replace(shapes, encoding="", findings=source.findings)
    there = ~table.deleted(count)
    kept_shapes = np.concatenate((there, np.full(count - len(there), True)))
    without = range(len(there), count)
    values = {
        name: [
            *(np.array(table.values(field, count, encoding=source.encoding.label), object)[there]),
            *("" for _ in without),
        ]
        for name, field in source.fields.items()
    }
    places = np.cumsum(kept_shapes) - 1
    return replace(
        shapes,
        geometries=shapes.geometries[kept_shapes],
        broken={int(places[n]): why for n, why in shapes.broken.items() if kept_shapes[n]},
        fields=values,
        encoding=source.encoding.label,
        encodings=source.encoding.readings,
        left_out=source.left_out,
        of_features={int(places[n]): (_without_record(n, table),) for n in without},
        findings=(
            *source.findings,
            *source.encoding.findings,
            *_without_shapes(source, table, count),
            *_deleted(int((~there).sum())),
        ),
    )


def _is_spherical(definition: Path) -> bool:
    """Whether a .prj is one of those that are asked about; GDAL reads some as what they mean."""
    if not definition.exists():
        return False
    return spherical.is_doubtful(definition.read_bytes()[:10_000].decode("utf-8", "replace"))


def _without_record(shape: int, table: Table) -> Finding:
    return Finding(
        RECORD_MISSING,
        Severity.WARNING,
        f"shape {shape + 1} of the .shp, and {len(table.records)} records in the .dbf",
        "a record for each shape",
        "Save the layer again, or give the zone a code and a name in its program",
        {"shape": shape + 1, "records": len(table.records)},
    )


def _without_shapes(source: Source, table: Table, count: int) -> tuple[Finding, ...]:
    more = table.declared - count
    if more <= 0:
        return ()
    present = len(table.records)
    named = range(count, min(count + _NAMED, present))
    first = next(iter(source.fields.values()), None)
    shown = ""
    if first is not None and named:
        values = table.values(first, named.stop, encoding=source.encoding.label)
        shown = ", ".join(repr(values[n][:40]) for n in named)
        shown += " …" if more > len(named) else ""
    return (
        Finding(
            "shapes-missing",
            Severity.WARNING,
            f"{more} more records in the .dbf than shapes in the .shp"
            + (f": {shown}" if shown else ""),
            "a shape for each record",
            "Save the layer again: these records are no zones",
            {"records": table.declared, "shapes": count},
            {"shown": shown},
        ),
    )


def _deleted(number: int) -> tuple[Finding, ...]:
    if not number:
        return ()
    return (
        Finding(
            "records-deleted",
            Severity.NOTE,
            f"{number} records of the .dbf that are marked as deleted",
            "records that are meant",
            "They and their shapes were left out",
            {"records": number},
        ),
    )
