"""The meaning of stored numbers. From processing baseline 04.00 on, 1000 must be subtracted once.

A distributor may have subtracted it already. These sources decide, the strongest first: the user's
option; "boa_offset_applied"; a baseline before 04.00, which had no offset; scale and offset of the
metadata; the baseline.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from inference.composites.bands import SCALE
from inference.errors import UnknownOffset

ADDED_FROM = (4, 0)
"""The first processing baseline whose numbers have an offset."""
ADDED = -1000
"""BOA_ADD_OFFSET of all products so far, in stored numbers."""

_BASELINE = re.compile(r"N?(\d{2})\.?(\d{2})")
_IN_NAME = re.compile(r"_N(\d{4})_")


@dataclass(frozen=True, slots=True)
class BandMetadata:
    """What the metadata of one band say about its numbers. None where they say nothing.

    ``scale`` and ``offset`` are in reflectance. ``applied``: the offset is already subtracted.
    """

    baseline: str = ""
    scale: float | None = None
    offset: float | None = None
    applied: bool | None = None


def baseline_in(name: str) -> str:
    """The processing baseline in a product's name (…_N0510_…), as 05.10. "" without one."""
    found = _IN_NAME.search(name)
    return f"{found[1][:2]}.{found[1][2:]}" if found else ""


def radiometry(
    metadata: BandMetadata, *, of: str, forced: int | None = None
) -> tuple[float, float]:
    """Scale and offset: reflectance is stored value × scale + offset.

    ``forced`` is the user's offset, in stored numbers. ``of`` names the scene. Raises UnknownOffset
    if no source gives the offset.
    """
    scale = metadata.scale or 1 / SCALE
    if forced is not None:
        return scale, forced * scale
    if metadata.applied:
        return scale, 0.0
    version = _version(metadata.baseline)
    if version is not None and version < ADDED_FROM:
        return scale, 0.0
    if metadata.offset is not None and not (metadata.applied is False and metadata.offset == 0):
        return scale, metadata.offset
    if version is None:
        raise UnknownOffset(
            of,
            found="neither a processing baseline nor an offset in the metadata",
            expected="s2:processing_baseline, processing:version or raster:offset",
            hint="Say it with --offset: -1000 from baseline 04.00 on if nobody has taken it off, "
            "else 0",
        )
    return scale, ADDED * scale


def _version(baseline: str) -> tuple[int, int] | None:
    match = _BASELINE.fullmatch(baseline)
    return (int(match[1]), int(match[2])) if match else None
