"""What stored numbers mean: from processing baseline 04.00 on, 1000 is to be taken off, once.

Who distributes products may have taken it off already. What says so, the strongest first: whoever
runs the command; "boa_offset_applied"; a baseline before 04.00, which had none; scale and offset of
the metadata; the baseline.
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
class Told:
    """What metadata say of the numbers of one band; None where they say nothing.

    ``scale`` and ``offset`` are of reflectance; ``applied`` is whether the offset is off already.
    """

    baseline: str = ""
    scale: float | None = None
    offset: float | None = None
    applied: bool | None = None


def baseline_in(name: str) -> str:
    """The processing baseline in a product's name (…_N0510_…), as 05.10; "" where there is none."""
    found = _IN_NAME.search(name)
    return f"{found[1][:2]}.{found[1][2:]}" if found else ""


def radiometry(told: Told, *, of: str, forced: int | None = None) -> tuple[float, float]:
    """Scale and offset: reflectance is stored value × scale + offset. ``forced`` is in stored
    numbers.

    Raises UnknownOffset where nothing tells the offset; ``of`` names the scene.
    """
    scale = told.scale or 1 / SCALE
    if forced is not None:
        return scale, forced * scale
    if told.applied:
        return scale, 0.0
    version = _version(told.baseline)
    if version is not None and version < ADDED_FROM:
        return scale, 0.0
    if told.offset is not None and not (told.applied is False and told.offset == 0):
        return scale, told.offset
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
