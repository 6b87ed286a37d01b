"""An uploaded file from its bytes to a report or a question. Runs in the reader's process only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import shapely

from analytics.uploads import archives, fields, formats, geojson, kml, reference, wkt_layer
from analytics.uploads.errors import LimitMet, UploadError
from analytics.uploads.formats import Format
from analytics.uploads.limits import Limits
from analytics.uploads.raw_layer import RawLayer, has_areas
from analytics.uploads.records import Choice, LayerListing, Question, Reading

COVERAGE_FILE = "coverage.wkb"


@dataclass(frozen=True, slots=True)
class _Layer:
    listing: LayerListing
    read: Callable[[], RawLayer]


def read(path: Path, *, choice: Choice, limits: Limits) -> tuple[Reading, list[bytes]]:
    """Read a file beside which its coverage may lie; zones are WKB, blank where not usable.

    Raises UploadError or LimitMet.
    """
    kind = formats.format_of(path)
    name, layers = _layers(path, kind, choice, limits)
    listings = tuple(layer.listing for layer in layers)
    layer = _chosen(layers, choice)
    if layer is None:
        return Reading(name, listings, Question.LAYER), []
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
    placed = reference.place(raw, choice, coverage=coverage)
    unlocated = placed.geometries is None and not has_areas(raw.geometries)
    raw = replace(raw, findings=(*raw.findings, *fields.left_out_finding(raw), *placed.findings))
    known: dict[str, Any] = {
        "format": name,
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
    # Slow to load, and not needed for a question.
    from analytics.uploads import preflight

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
    if not raw.of_features:
        return raw.fields
    return {
        name: [value for n, value in enumerate(values) if n not in raw.of_features]
        for name, values in raw.fields.items()
    }


def _layers(path: Path, kind: Format, choice: Choice, limits: Limits) -> tuple[str, list[_Layer]]:
    """The format for people, and the layers of a file."""
    if kind is Format.ZIP:
        folder = path.parent / "unpacked"
        folder.mkdir()
        contents = archives.unpack(path, folder, limits)
        if contents.kml is not None:
            return "KMZ", [_whole(kml.read(contents.kml, limits))]
        return "Shapefile", _shapefiles(contents.shapefiles, choice.encoding, limits)
    if kind is Format.GEOJSON:
        return kind.value, [_whole(geojson.read(path, limits))]
    if kind is Format.WKT:
        return kind.value, [_whole(wkt_layer.read(path, limits))]
    if kind is Format.KML:
        return kind.value, [_whole(kml.read(path, limits))]
    if kind is Format.GEOPARQUET:
        from analytics.uploads import parquet_layer

        return kind.value, [_whole(parquet_layer.read(path, limits))]
    if kind is Format.GEOPACKAGE:
        from analytics.uploads import geopackage

        found = geopackage.sources(path, limits=limits)
        return kind.value, _layers_of(found, geopackage.read, limits)
    # GDAL wants the suffix; the name is ours.
    return kind.value, _flatgeobuf(path.rename(path.with_suffix(".fgb")), limits)


def _shapefiles(files: dict[str, Path], encoding: str | None, limits: Limits) -> list[_Layer]:
    from analytics.uploads import gdal_layers, shapefile

    gdal_layers.check_drivers()
    found = [
        shapefile.source(file.resolve(), title=title, limits=limits, encoding=encoding)
        for title, file in files.items()
    ]
    return _layers_of(found, shapefile.read, limits)


def _flatgeobuf(path: Path, limits: Limits) -> list[_Layer]:
    from analytics.uploads import gdal_layers

    gdal_layers.check_drivers()
    found = gdal_layers.sources(path.resolve(), title=None, limits=limits)
    return _layers_of(found, gdal_layers.read, limits)


def _layers_of(
    sources: list[Any], read: Callable[[Any, Limits], RawLayer], limits: Limits
) -> list[_Layer]:
    """Layers that are read when one is chosen. Raises the reason where none of them can be read."""
    if sources and all(source.error is not None for source in sources):
        read(sources[0], limits)
    return [_Layer(source.listing, partial(read, source, limits)) for source in sources]


def _whole(raw: RawLayer) -> _Layer:
    """The only layer of a file that is read at once."""
    kinds = Counter(g.geom_type for g in raw.geometries if g is not None)
    kind = kinds.most_common(1)[0][0] if kinds else "Unknown"
    listing = LayerListing("", len(raw.geometries), kind, tuple(raw.fields))
    return _Layer(listing, lambda: raw)


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
