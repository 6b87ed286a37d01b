"""Shapefiles: shapes by GDAL, as their .shx lists them, and records by our own reader of .dbf.

The record of a shape is the one of the same number. GDAL sees no .dbf: it would leave out shapes
without a record, and reads texts in one encoding before anybody could choose another.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from analytics.uploads.errors import UploadError
from analytics.uploads.fields import select, shown_names
from analytics.uploads.findings import finding
from analytics.uploads.formats import dbf, dbf_encoding, gdal_layers, shape_index
from analytics.uploads.formats.code_pages import declared_in, decoded
from analytics.uploads.formats.dbf import Field, Table
from analytics.uploads.formats.dbf_encoding import Encoding
from analytics.uploads.formats.raw_layer import RECORD_MISSING, Layer, RawLayer, unreadable
from analytics.uploads.limits import Limits
from analytics.uploads.records import Finding
from analytics.uploads.reference_systems import spherical

_NAMED = 5
"""Records without a shape that are named one by one."""


def layer(path: Path, limits: Limits, *, title: str, encoding: str | None) -> Layer:
    """A Shapefile by its .shp; ``encoding`` is the one that the uploader has chosen.

    Raises UploadError where it cannot even be listed.
    """
    gdal_layers.check_start(path)
    findings = shape_index.ensure(path, limits)
    beside = path.with_suffix(".dbf")
    records = beside.rename(beside.with_suffix(".records")) if beside.exists() else None
    (shapes,) = gdal_layers.layers(path, limits, title=title)
    if records is None or shapes.error is not None:
        return replace(shapes, read=partial(_read_shapes, path, shapes, findings))
    try:
        table = dbf.read(records)
    except UploadError as error:
        return unreadable(replace(shapes.listing, geometry_type="unreadable"), error)
    page = path.with_suffix(".cpg")
    chosen = dbf_encoding.choose(
        table.texts(limits.features),
        declared=declared_in(page.read_bytes()) if page.exists() else "",
        language=table.language,
        chosen=encoding,
    )
    names = [decoded(field.name, chosen.label) for field in table.fields]
    fields, left_out = select(names, table.fields, most=limits.fields)
    left_out += tuple(shown_names(decoded(field.name, chosen.label) for field in table.unread))

    def read() -> RawLayer:
        raw = _read_shapes(path, shapes, findings)
        return replace(_with_records(raw, table, fields, chosen), left_out=left_out)

    return Layer(replace(shapes.listing, fields=tuple(fields)), read)


def _read_shapes(path: Path, shapes: Layer, findings: tuple[Finding, ...]) -> RawLayer:
    raw = shapes.read()
    if _is_spherical(path.with_suffix(".prj")):
        raw = replace(raw, crs_status="sphere")
    return replace(raw, encoding="", findings=findings)


def _with_records(
    shapes: RawLayer, table: Table, fields: dict[str, Field], encoding: Encoding
) -> RawLayer:
    """Shapes and their records, without those that are marked as deleted."""
    count = len(shapes.geometries)
    there = ~table.deleted(count)
    kept_shapes = np.concatenate((there, np.full(count - len(there), True)))
    without = range(len(there), count)
    values = {
        name: [
            *(np.array(table.values(field, count, encoding=encoding.label), object)[there]),
            *("" for _ in without),
        ]
        for name, field in fields.items()
    }
    places = np.cumsum(kept_shapes) - 1
    findings = [*shapes.findings, *encoding.findings]
    if table.declared > count:
        findings.append(_without_shapes(table, fields, encoding, count))
    if deleted := int((~there).sum()):
        marked = f"{deleted} records of the .dbf that are marked as deleted"
        findings.append(finding("records-deleted", marked, {"records": deleted}))
    return replace(
        shapes,
        geometries=shapes.geometries[kept_shapes],
        broken={int(places[n]): why for n, why in shapes.broken.items() if kept_shapes[n]},
        fields=values,
        encoding=encoding.label,
        encodings=encoding.readings,
        of_features={int(places[n]): (_without_record(n, table),) for n in without},
        findings=tuple(findings),
    )


def _is_spherical(definition: Path) -> bool:
    """Whether a .prj is one of those that are asked about; GDAL reads some as what they mean."""
    if not definition.exists():
        return False
    return spherical.is_doubtful(definition.read_bytes()[:10_000].decode("utf-8", "replace"))


def _without_record(shape: int, table: Table) -> Finding:
    return finding(
        RECORD_MISSING,
        f"shape {shape + 1} of the .shp, and {len(table.records)} records in the .dbf",
        {"shape": shape + 1, "records": len(table.records)},
    )


def _without_shapes(
    table: Table, fields: dict[str, Field], encoding: Encoding, count: int
) -> Finding:
    more = table.declared - count
    named = range(count, min(count + _NAMED, len(table.records)))
    first = next(iter(fields.values()), None)
    shown = ""
    if first is not None and named:
        values = table.values(first, named.stop, encoding=encoding.label)
        shown = ", ".join(repr(values[n][:40]) for n in named)
        shown += " …" if more > len(named) else ""
    return finding(
        "shapes-missing",
        f"{more} more records in the .dbf than shapes in the .shp"
        + (f": {shown}" if shown else ""),
        {"records": table.declared, "shapes": count},
        {"shown": shown},
    )
