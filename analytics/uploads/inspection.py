"""An uploaded file from its bytes to a report or a question. Runs in the reader's process only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import shapely

from analytics.uploads import fields, preflight
from analytics.uploads.errors import LimitMet, UploadError
from analytics.uploads.formats import (
    archives,
    csv_tables,
    detection,
    gdal_layers,
    geojson,
    geopackage,
    kml,
    parquet_layer,
    shapefile,
    wkt,
)
from analytics.uploads.formats.archives import Member
from analytics.uploads.formats.detection import Format
from analytics.uploads.formats.raw_layer import RECORD_MISSING, RawLayer, has_areas, text
from analytics.uploads.limits import Limits
from analytics.uploads.records import Choice, LayerListing, Question, Reading
from analytics.uploads.reference_systems import placement

COVERAGE_FILE = "coverage.wkb"
_EMPTY = frozenset({"kml-without-placemark", "no-layer", "not-a-geopackage"})
"""Why a file of an archive is no layer, and may be left out beside one that is."""


@dataclass(frozen=True, slots=True)
class _Layer:
    listing: LayerListing
    read: Callable[[], RawLayer]
    format: str
    """Its name for people."""


def read(path: Path, *, choice: Choice, limits: Limits) -> tuple[Reading, list[bytes]]:
    """Read a file beside which its coverage may lie; zones are WKB, blank where not usable.

    Raises UploadError or LimitMet.
    """
    kind = detection.format_of(path)
    layers = _layers(path, kind, choice, limits)
    listings = tuple(layer.listing for layer in layers)
    layer = _chosen(layers, choice)
    if layer is None:
        names = ", ".join(dict.fromkeys(layer.format for layer in layers))
        return Reading(names, listings, Question.LAYER), []
    raw = layer.read()
    if not len(raw.geometries):
        raise UploadError("no-feature", found="no feature in the layer", expected="zones")
    _check_vertices(raw, limits)
    coverage = _coverage(path.parent)
    fields.check_chosen(choice.code_field, raw.fields)
    fields.check_chosen(choice.name_field, raw.fields)
    code_field, name_field = choice.code_field, choice.name_field
    if code_field is None:
        code_field = fields.guess_code_field(_of_records(raw))
    if name_field is None:
        name_field = fields.guess_name_field(_of_records(raw))
    placed = placement.place(raw, choice, coverage=coverage)
    unlocated = placed.geometries is None and not has_areas(raw.geometries)
    raw = replace(raw, findings=(*raw.findings, *fields.left_out_finding(raw), *placed.findings))
    known: dict[str, Any] = {
        "format": layer.format,
        "layers": listings,
        "layer": layer.listing.name,
        "fields": fields.listed(raw.fields),
        "code_field": code_field or None,
        "name_field": name_field or None,
        "encoding": raw.encoding,
        "encodings": raw.encodings,
        "fields_left_out": raw.left_out,
        "reference": None if unlocated else placed.reference,
    }
    if placed.geometries is None and not unlocated:
        return Reading(**known, question=Question.REFERENCE_SYSTEM), []
    count = len(raw.geometries)
    checked = preflight.check(
        raw,
        None if unlocated else placed.geometries,
        codes=raw.fields[code_field] if code_field else [str(n + 1) for n in range(count)],
        names=raw.fields[name_field] if name_field else [""] * count,
        coverage=coverage,
        limits=limits,
    )
    zones = [b"" if zone is None else shapely.to_wkb(zone) for zone in checked.zones]
    return Reading(**known, report=checked.report), zones


def _of_records(raw: RawLayer) -> dict[str, list[str]]:
    """Fields without the blanks of features that have no record."""
    without = {
        index
        for index, findings in raw.of_features.items()
        if any(finding.code == RECORD_MISSING for finding in findings)
    }
    if not without:
        return raw.fields
    return {
        name: [value for n, value in enumerate(values) if n not in without]
        for name, values in raw.fields.items()
    }


def _layers(path: Path, kind: Format, choice: Choice, limits: Limits) -> list[_Layer]:
    """The layers of a file, or of the files in an archive."""
    if kind is not Format.ZIP:
        # GDAL wants the suffix; the name is ours.
        named = path.rename(path.with_suffix(".fgb")) if kind is Format.FLATGEOBUF else path
        return _layers_of_file(named, kind, choice, limits, title=None)
    folder = path.parent / "unpacked"
    folder.mkdir()
    members = archives.unpack(path, folder, limits)
    in_kmz = all(member.kind is Format.KML for member in members)
    layers = _layers_of_members(members, choice, limits)
    return [replace(layer, format="KMZ") for layer in layers] if in_kmz else layers


def _layers_of_members(members: list[Member], choice: Choice, limits: Limits) -> list[_Layer]:
    """The layers of an archive's files. Raises the reason where none of them can be read."""
    if len(members) == 1:
        (only,) = members
        return _layers_of_file(only.path, only.kind, choice, limits, title=only.title)
    found: list[_Layer] = []
    empty: list[_Layer] = []
    errors: list[UploadError] = []
    for member in members:
        try:
            layers = _layers_of_file(member.path, member.kind, choice, limits, title=member.title)
        except UploadError as error:
            errors.append(error)
            (empty if error.code in _EMPTY else found).append(_unreadable(member, error))
        else:
            found += [_titled(layer, member.title) for layer in layers]
    if len(errors) == len(members):
        raise errors[0]
    if len(found) > limits.layers:
        raise LimitMet(
            "too-many-layers",
            found=f"{len(found)} layers",
            expected=f"at most {limits.layers}",
        )
    # A document of links beside the one that they lead to has nothing that could be lost.
    found = found or empty
    names = fields.shown_names(layer.listing.name for layer in found)
    return [
        replace(layer, listing=replace(layer.listing, name=name))
        for layer, name in zip(found, names, strict=True)
    ]


def _titled(layer: _Layer, title: str) -> _Layer:
    """A layer with the name of its file before its own, where that says more."""
    name = layer.listing.name
    whole = title if name in {"", text(title)} else f"{title}: {name}"
    return replace(layer, listing=replace(layer.listing, name=whole))


def _unreadable(member: Member, error: UploadError) -> _Layer:
    def read() -> RawLayer:
        raise error

    return _Layer(LayerListing(member.title, 0, "unreadable", ()), read, member.kind.value)


def _layers_of_file(
    path: Path, kind: Format, choice: Choice, limits: Limits, *, title: str | None
) -> list[_Layer]:
    """The layers of one file; ``title`` names a Shapefile, whose file has a name of ours."""
    if kind is Format.SHAPEFILE:
        gdal_layers.check_drivers()
        only = shapefile.source(
            path.resolve(), title=title or "", limits=limits, encoding=choice.encoding
        )
        return _layers_of([only], shapefile.read, kind, limits)
    if kind is Format.FLATGEOBUF:
        gdal_layers.check_drivers()
        sources = gdal_layers.sources(path.resolve(), title=None, limits=limits)
        return _layers_of(sources, gdal_layers.read, kind, limits)
    if kind is Format.GEOPACKAGE:
        found = geopackage.sources(path, limits=limits)
        return _layers_of(found, geopackage.read, kind, limits)
    raw = _reader(kind)(path, limits)
    kinds = Counter(g.geom_type for g in raw.geometries if g is not None)
    shape = kinds.most_common(1)[0][0] if kinds else "Unknown"
    listing = LayerListing("", len(raw.geometries), shape, tuple(raw.fields))
    return [_Layer(listing, lambda: raw, kind.value)]


def _reader(kind: Format) -> Callable[[Path, Limits], RawLayer]:
    """What reads a file that is a layer."""
    if kind is Format.GEOPARQUET:
        return parquet_layer.read
    return {
        Format.GEOJSON: geojson.read,
        Format.WKT: wkt.read,
        Format.CSV: csv_tables.read,
        Format.KML: kml.read,
    }[kind]


def _layers_of(
    sources: list[Any], read: Callable[[Any, Limits], RawLayer], kind: Format, limits: Limits
) -> list[_Layer]:
    """Layers that are read when one is chosen. Raises the reason where none of them can be read."""
    if sources and all(source.error is not None for source in sources):
        read(sources[0], limits)
    return [_Layer(source.listing, partial(read, source, limits), kind.value) for source in sources]


def _chosen(layers: list[_Layer], choice: Choice) -> _Layer | None:
    """The layer that was named, or the only one; None where that has to be asked."""
    if not layers:
        raise UploadError(
            "no-layer", found="no layer with geometries", expected="a layer of polygons"
        )
    if choice.layer is None:
        return layers[0] if len(layers) == 1 else None
    for layer in layers:
        if layer.listing.name == choice.layer:
            return layer
    raise UploadError(
        "unknown-layer",
        found=f"the layers {', '.join(layer.listing.name for layer in layers[:10])}",
        expected=f"a layer {choice.layer[:60]!r}",
    )


def _check_vertices(raw: RawLayer, limits: Limits) -> None:
    vertices = int(shapely.get_num_coordinates(raw.geometries).sum())
    if vertices > limits.vertices:
        raise LimitMet(
            "too-many-vertices",
            found=f"{vertices} vertices",
            expected=f"at most {limits.vertices}",
            hint="Simplify the outlines: cells are 10 m wide",
        )


def _coverage(folder: Path) -> Any | None:
    file = folder / COVERAGE_FILE
    if not file.exists():
        return None
    coverage = shapely.from_wkb(file.read_bytes())
    shapely.prepare(coverage)
    return coverage
