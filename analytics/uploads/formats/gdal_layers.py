"""Shapes of Shapefiles and layers of FlatGeobuf: all that is given to GDAL.

All other drivers are skipped when GDAL starts (``fork_client`` sets that up), and a file is given
to it only where its content is that of the one driver that is meant: a file that points to another
one, or to a network, meets no driver that would follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyogrio
from pyogrio.errors import (
    CRSError,
    DataLayerError,
    DataSourceError,
    FeatureError,
    FieldError,
    GeometryError,
)

from analytics.uploads.errors import LimitMet, UploadError
from analytics.uploads.fields import kept, shown_names
from analytics.uploads.formats.raw_layer import RawLayer, check_features, from_wkb, text, value_text
from analytics.uploads.limits import Limits
from analytics.uploads.records import LayerListing

ALLOWED_DRIVERS = frozenset({"ESRI Shapefile", "FlatGeobuf"})
_STARTS = {".shp": b"\x00\x00\x27\x0a", ".fgb": b"fgb\x03fgb"}

_FAILURES = (
    CRSError, DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError,
    UnicodeDecodeError, LookupError, ValueError, RuntimeError,
    UnboundLocalError,  # of pyogrio itself, at a reference system that GDAL cannot write out
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """A layer in a file on the disk."""

    path: Path
    layer: str
    listing: LayerListing
    columns: dict[str, str]
    """Fields of the file by the names that are shown."""
    left_out: tuple[str, ...] = ()
    """Fields that are not read, as they are shown."""
    error: UploadError | None = None
    """Why the layer cannot be read, while others of the file may be."""


def check_drivers() -> None:
    """Raise RuntimeError where GDAL knows more drivers than those allowed: nothing is opened."""
    present = set(pyogrio.list_drivers())
    if present != ALLOWED_DRIVERS:
        raise RuntimeError(f"GDAL has other drivers than allowed: {sorted(present)[:5]}")


def check_start(path: Path) -> None:
    """Raise UploadError where a file does not begin as its suffix says."""
    with path.open("rb") as file:
        start = file.read(len(_STARTS[path.suffix]))
    if start != _STARTS[path.suffix]:
        found = "of another format within" if start else "of 0 bytes"
        raise UploadError(
            "unreadable-layer",
            found=f"a {path.suffix} {found}",
            expected="one with areas",
            hint="Pack it again",
        )


def sources(path: Path, *, title: str | None, limits: Limits) -> list[Source]:
    """The layers with geometries of a file; ``title`` replaces the name of an only layer."""
    check_start(path)
    try:
        layers = [(str(name), kind) for name, kind in pyogrio.list_layers(path)]
    except _FAILURES as error:
        raise _unreadable(error) from error
    if not layers:
        # Both formats have a layer: GDAL has seen that it is damaged, and says nothing.
        raise _unreadable(ValueError())
    if len(layers) > limits.layers:
        raise LimitMet(
            "too-many-layers",
            found=f"{len(layers)} layers",
            expected=f"at most {limits.layers}",
        )
    return [
        _source(path, name, str(kind), title, limits) for name, kind in layers if kind is not None
    ]


def read(source: Source, limits: Limits) -> RawLayer:
    """Read a layer. Raises UploadError or LimitMet."""
    if source.error is not None:
        raise source.error
    check_features(source.listing.features, limits)
    try:
        meta, _, wkb, columns = pyogrio.raw.read(
            source.path,
            layer=source.layer,
            columns=list(source.columns.values()),
            # One more than allowed: the count that a file declares need not be true.
            max_features=limits.features + 1,
            datetime_as_string=True,
        )
    except _FAILURES as error:
        raise _unreadable(error) from error
    if wkb is None:
        raise UploadError("no-geometry", found="a table without geometries", expected="areas")
    check_features(len(wkb), limits)
    geometries, broken = from_wkb(wkb)
    return RawLayer(
        geometries,
        {
            # GDAL gives them in the order of the file, as they are listed.
            name: [value_text(value) for value in column]
            for name, column in zip(source.columns, columns, strict=True)
        },
        meta["crs"],
        broken=broken,
        left_out=source.left_out,
    )


def _source(path: Path, name: str, kind: str, title: str | None, limits: Limits) -> Source:
    shown = text(title if title is not None else name)
    try:
        info = pyogrio.read_info(path, layer=name, force_feature_count=True)
    except _FAILURES as error:
        listing = LayerListing(shown, 0, "unreadable", ())
        return Source(path, name, listing, {}, error=_unreadable(error))
    fields = [str(field) for field in info["fields"]]
    known = dict(zip(shown_names(fields), fields, strict=True))
    columns = {name: known[name] for name in kept(known, most=limits.fields)}
    listing = LayerListing(shown, int(info["features"]), kind, tuple(columns))
    left_out = tuple(name for name in known if name not in columns)
    return Source(path, name, listing, columns, left_out)


def _unreadable(error: Exception) -> UploadError:
    # GDAL's message names the temporary file, which says nothing to the uploader.
    return UploadError(
        "unreadable-layer",
        found=f"a layer that is cut off or damaged{_reason(error)}",
        expected="a whole one",
        hint="Fetch or save it again; a Shapefile needs its .shp, .shx, .dbf and .prj",
    )


def _reason(error: Any) -> str:
    line = " ".join(str(error).split())
    for_people = line and "/" not in line and "SELECT" not in line
    return f" ({line[:120]})" if for_people else ""
