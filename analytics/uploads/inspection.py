"""An uploaded file from its bytes to a report or a question. Runs in the reader's process only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import shapely

from analytics.uploads import fields, preflight
from analytics.uploads.errors import UploadError, refusal
from analytics.uploads.formats import (
    archives,
    csv_tables,
    detection,
    gdal_layers,
    geojson,
    geopackage,
    geoparquet,
    kml,
    shapefile,
    wkt,
)
from analytics.uploads.formats.archives import Member
from analytics.uploads.formats.detection import Format
from analytics.uploads.formats.raw_layer import (
    RECORD_MISSING,
    Layer,
    RawLayer,
    has_areas,
    text,
    unreadable,
)
from analytics.uploads.limits import Limits
from analytics.uploads.records import Choice, LayerListing, Question, Reading
from analytics.uploads.reference_systems import placement

COVERAGE_FILE = "coverage.wkb"
_EMPTY = frozenset({"kml-without-placemark", "no-layer", "not-a-geopackage"})
"""Why a file of an archive is no layer, and may be left out beside one that is."""

Named = tuple[str, Layer]
"""The format of a layer, for people, and the layer."""


def read(path: Path, *, choice: Choice, limits: Limits) -> tuple[Reading, list[bytes]]:
    """Read a file beside which its coverage may lie; zones are WKB, blank where not usable.

    Raises UploadError or LimitMet.
    """
    layers = _layers(path, detection.format_of(path), choice, limits)
    listings = tuple(layer.listing for _, layer in layers)
    chosen = _chosen(layers, choice)
    if chosen is None:
        names = ", ".join(dict.fromkeys(kind for kind, _ in layers))
        return Reading(names, listings, Question.LAYER), []
    kind, layer = chosen
    raw = layer.read()
    count = len(raw.geometries)
    if not count:
        raise refusal("no-feature", "no feature in the layer")
    limits.check("vertices", int(shapely.get_num_coordinates(raw.geometries).sum()))
    coverage = _coverage(path.parent)
    code_field, name_field = _code_and_name(raw, choice)
    placed = placement.place(raw, choice, coverage=coverage)
    unlocated = placed.geometries is None and not has_areas(raw.geometries)
    raw = replace(raw, findings=(*raw.findings, *fields.left_out_finding(raw), *placed.findings))
    known: dict[str, Any] = {
        "format": kind,
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
    report, zones = preflight.check(
        raw,
        None if unlocated else placed.geometries,
        codes=raw.fields[code_field] if code_field else [str(n + 1) for n in range(count)],
        names=raw.fields[name_field] if name_field else [""] * count,
        coverage=coverage,
        limits=limits,
    )
    return Reading(**known, report=report), [
        b"" if zone is None else shapely.to_wkb(zone) for zone in zones
    ]


def _code_and_name(raw: RawLayer, choice: Choice) -> tuple[str | None, str | None]:
    """The fields of codes and names: those that were named, else guessed; blank for none."""
    fields.check_chosen(choice.code_field, raw.fields)
    fields.check_chosen(choice.name_field, raw.fields)
    values = _of_records(raw)
    code_field, name_field = choice.code_field, choice.name_field
    return (
        fields.guess_code_field(values) if code_field is None else code_field,
        fields.guess_name_field(values) if name_field is None else name_field,
    )


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


def _layers(path: Path, kind: Format, choice: Choice, limits: Limits) -> list[Named]:
    if kind is not Format.ZIP:
        # GDAL wants the suffix; the name is ours.
        named = path.rename(path.with_suffix(".fgb")) if kind is Format.FLATGEOBUF else path
        return _layers_of_file(Member("", kind, named), choice, limits)
    folder = path.parent / "unpacked"
    folder.mkdir()
    members = archives.unpack(path, folder, limits)
    layers = _layers_of_members(members, choice, limits)
    in_kmz = all(member.kind is Format.KML for member in members)
    return [("KMZ", layer) for _, layer in layers] if in_kmz else layers


def _layers_of_members(members: list[Member], choice: Choice, limits: Limits) -> list[Named]:
    """The layers of an archive's files. Raises the reason where none of them can be read."""
    if len(members) == 1:
        return _layers_of_file(members[0], choice, limits)
    found: list[Named] = []
    empty: list[Named] = []
    errors: list[UploadError] = []
    for member in members:
        try:
            layers = _layers_of_file(member, choice, limits)
        except UploadError as error:
            errors.append(error)
            listed = (member.kind.value, unreadable(member.title, error))
            (empty if error.code in _EMPTY else found).append(listed)
        else:
            found += [(kind, _renamed(layer, _titled(layer, member))) for kind, layer in layers]
    if len(errors) == len(members):
        raise errors[0]
    limits.check("layers", len(found))
    # A document of links beside the one that they lead to has nothing that could be lost.
    found = found or empty
    names = fields.shown_names(layer.listing.name for _, layer in found)
    return [(kind, _renamed(layer, name)) for (kind, layer), name in zip(found, names, strict=True)]


def _titled(layer: Layer, member: Member) -> str:
    name = layer.listing.name
    return member.title if name in {"", text(member.title)} else f"{member.title}: {name}"


def _renamed(layer: Layer, name: str) -> Layer:
    return replace(layer, listing=replace(layer.listing, name=name))


def _layers_of_file(member: Member, choice: Choice, limits: Limits) -> list[Named]:
    """The layers of one file. Raises the reason where none of them can be read."""
    kind, path = member.kind, member.path.resolve()
    if kind is Format.SHAPEFILE:
        layers = [shapefile.layer(path, limits, title=member.title, encoding=choice.encoding)]
    elif kind is Format.FLATGEOBUF:
        layers = gdal_layers.layers(path, limits)
    elif kind is Format.GEOPACKAGE:
        layers = geopackage.layers(path, limits)
    else:
        raw = _READERS[kind](path, limits)
        kinds = Counter(g.geom_type for g in raw.geometries if g is not None)
        shape = kinds.most_common(1)[0][0] if kinds else "Unknown"
        listing = LayerListing("", len(raw.geometries), shape, tuple(raw.fields))
        layers = [Layer(listing, lambda: raw)]
    reasons = [layer.error for layer in layers if layer.error is not None]
    if reasons and len(reasons) == len(layers):
        raise reasons[0]
    return [(kind.value, layer) for layer in layers]


_READERS: Mapping[Format, Callable[[Path, Limits], RawLayer]] = {
    Format.GEOJSON: geojson.read,
    Format.WKT: wkt.read,
    Format.CSV: csv_tables.read,
    Format.KML: kml.read,
    Format.GEOPARQUET: geoparquet.read_upload,
}
"""What reads a file that is a layer."""


def _chosen(layers: list[Named], choice: Choice) -> Named | None:
    """The layer that was named, or the only one; None where that has to be asked."""
    if not layers:
        raise refusal("no-layer", "no layer with geometries")
    if choice.layer is None:
        return layers[0] if len(layers) == 1 else None
    names = [layer.listing.name for _, layer in layers]
    if choice.layer not in names:
        raise UploadError(
            "unknown-layer",
            found=f"the layers {', '.join(names[:10])}",
            expected=f"a layer {choice.layer[:60]!r}",
        )
    return layers[names.index(choice.layer)]


def _coverage(folder: Path) -> Any | None:
    file = folder / COVERAGE_FILE
    if not file.exists():
        return None
    coverage = shapely.from_wkb(file.read_bytes())
    shapely.prepare(coverage)
    return coverage
