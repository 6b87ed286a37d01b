"""Shapes of Shapefiles and layers of FlatGeobuf: all that is given to GDAL.

All other drivers are skipped when GDAL starts (``fork_client`` sets that up), and a file is given
to it only where its content is that of the one driver that is meant: a file that points to another
one, or to a network, meets no driver that would follow.
"""

from __future__ import annotations

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

from analytics.uploads.errors import UploadError, refusal
from analytics.uploads.fields import select
from analytics.uploads.formats.raw_layer import Layer, RawLayer, text, unreadable, value_text
from analytics.uploads.formats.wkb import from_wkb
from analytics.uploads.limits import Limits
from analytics.uploads.records import LayerListing

ALLOWED_DRIVERS = frozenset({"ESRI Shapefile", "FlatGeobuf"})
_STARTS = {".shp": b"\x00\x00\x27\x0a", ".fgb": b"fgb\x03fgb"}

_FAILURES = (
    CRSError, DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError,
    UnicodeDecodeError, LookupError, ValueError, RuntimeError,
    UnboundLocalError,  # of pyogrio itself, at a reference system that GDAL cannot write out
)  # fmt: skip


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


def layers(path: Path, limits: Limits, *, title: str | None = None) -> list[Layer]:
    """The layers with geometries of a file; ``title`` replaces the name of an only layer.

    Raises UploadError or LimitMet.
    """
    check_drivers()
    check_start(path)
    try:
        found = [(str(name), kind) for name, kind in pyogrio.list_layers(path)]
    except _FAILURES as error:
        raise _unreadable(error) from error
    if not found:
        # Both formats have a layer: GDAL has seen that it is damaged, and says nothing.
        raise _unreadable(ValueError())
    limits.check("layers", len(found))
    return [
        _layer(path, name, str(kind), title, limits) for name, kind in found if kind is not None
    ]


def _layer(path: Path, name: str, kind: str, title: str | None, limits: Limits) -> Layer:
    shown = text(title if title is not None else name)
    try:
        info = pyogrio.read_info(path, layer=name, force_feature_count=True)
    except _FAILURES as error:
        return unreadable(shown, _unreadable(error))
    names = [str(field) for field in info["fields"]]
    columns, left_out = select(names, names, most=limits.fields)
    listing = LayerListing(shown, int(info["features"]), kind, tuple(columns))

    def read() -> RawLayer:
        limits.check("features", listing.features)
        try:
            meta, _, wkb, values = pyogrio.raw.read(
                path,
                layer=name,
                columns=list(columns.values()),
                # One more than allowed: the count that a file declares need not be true.
                max_features=limits.features + 1,
                datetime_as_string=True,
            )
        except _FAILURES as error:
            raise _unreadable(error) from error
        if wkb is None:
            raise refusal("no-geometry", "a table without geometries")
        limits.check("features", len(wkb))
        geometries, broken = from_wkb(wkb)
        # GDAL gives columns in the order of the file, as they are listed.
        fields = {
            shown: [value_text(value) for value in column]
            for shown, column in zip(columns, values, strict=True)
        }
        return RawLayer(geometries, fields, meta["crs"], broken=broken, left_out=left_out)

    return Layer(listing, read)


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
