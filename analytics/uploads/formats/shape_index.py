"""The .shx of a Shapefile: which shapes of the .shp are there, and where. It is used as it is, and
made anew where it is missing or does not fit the .shp.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from analytics.uploads.errors import UploadError
from analytics.uploads.findings import finding
from analytics.uploads.limits import Limits
from analytics.uploads.records import Finding, Severity

_HEADER = 100
_HEAD = 8
"""Bytes of a record before its shape: its number and its length."""
_CODE = (9994).to_bytes(4, "big")

Entries = npt.NDArray[np.int64]
"""Place and length in bytes of each shape, without its head."""


def ensure(shapes: Path, limits: Limits) -> tuple[Finding, ...]:
    """See to it that a .shp has an index that fits, and say what was done.

    Raises UploadError where there is none and none can be made.
    """
    content = np.memmap(shapes, dtype=np.uint8, mode="r")
    index = shapes.with_suffix(".shx")
    entries = _entries(index)
    if entries is not None and (len(entries) > limits.features or _fit(entries, content)):
        return _unlisted(entries, content)
    written = index.exists()
    made = _walked(content, limits)
    _write(index, content, made)
    return (_remade(written),)


def _entries(index: Path) -> Entries | None:
    """What an index lists; None where it is none."""
    if not index.exists() or index.stat().st_size < _HEADER:
        return None
    content = index.read_bytes()
    if content[:4] != _CODE or (len(content) - _HEADER) % 8:
        return None
    return np.frombuffer(content, ">i4", offset=_HEADER).reshape(-1, 2).astype(np.int64) * 2


def _fit(entries: Entries, content: npt.NDArray[np.uint8]) -> bool:
    """Whether there is a record of the same length at each place."""
    places, lengths = entries[:, 0], entries[:, 1]
    inside = (places >= _HEADER) & (lengths >= 4) & (places + _HEAD + lengths <= len(content))
    if not inside.all():
        return False
    heads = content[places[:, None] + np.arange(4, _HEAD)]
    return bool((_integers(heads) * 2 == lengths).all())


def _integers(rows: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    return np.ascontiguousarray(rows).view(">i4").reshape(-1).astype(np.int64)


def _walked(content: npt.NDArray[np.uint8], limits: Limits) -> Entries:
    """The records of a .shp from its first to its last. Raises UploadError where one is cut off."""
    found: list[tuple[int, int]] = []
    place = _HEADER
    declared = 2 * int(_integers(content[24:28])[0]) if len(content) >= _HEADER else _HEADER + 1
    while place + _HEAD <= len(content) and len(found) <= limits.features:
        length = 2 * int(_integers(content[place + 4 : place + _HEAD])[0])
        if length < 4 or place + _HEAD + length > len(content):
            break
        found.append((place, length))
        place += _HEAD + length
    if place < min(declared, len(content)) and len(found) <= limits.features:
        raise UploadError(
            "unreadable-layer",
            found=f"a .shp that is cut off or damaged after {len(found)} shapes, without a .shx "
            "that fits",
            expected="a whole one",
            hint="Fetch or save it again; a Shapefile needs its .shp, .shx, .dbf and .prj",
        )
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def _write(index: Path, content: npt.NDArray[np.uint8], entries: Entries) -> None:
    header = bytearray(content[:_HEADER].tobytes())
    header[24:28] = ((_HEADER + 8 * len(entries)) // 2).to_bytes(4, "big")
    index.write_bytes(bytes(header) + (entries // 2).astype(">i4").tobytes())


def _unlisted(entries: Entries, content: npt.NDArray[np.uint8]) -> tuple[Finding, ...]:
    rest = len(content) - _HEADER - int(entries[:, 1].sum()) - _HEAD * len(entries)
    if rest <= _HEAD or len(np.unique(entries[:, 0])) < len(entries):
        return ()
    unlisted = f"{rest} bytes of the .shp that its .shx does not list: shapes that were deleted"
    return (finding("shapes-unlisted", unlisted, {"bytes": rest}),)


def _remade(written: bool) -> Finding:
    if written:
        return finding("index-remade", "a .shx that does not fit the .shp")
    return finding("index-remade", "no .shx", severity=Severity.NOTE)
