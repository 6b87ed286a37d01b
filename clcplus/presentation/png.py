"""Pictures of 256 colours with transparency: a PNG from an array of indices."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

Palette = npt.NDArray[np.uint8]
"""Shape (256, 4): red, green, blue, opacity."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_INDEXED = 3


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def png(indices: npt.NDArray[np.uint8], palette: Palette) -> bytes:
    """The bytes of a PNG whose pixels are entries of ``palette``."""
    height, width = indices.shape
    header = struct.pack(">IIBBBBB", width, height, 8, _INDEXED, 0, 0, 0)
    # Each line begins with the number of its filter: none.
    lines: npt.NDArray[Any] = np.zeros((height, width + 1), dtype=np.uint8)
    lines[:, 1:] = indices
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", header),
            _chunk(b"PLTE", palette[:, :3].tobytes()),
            _chunk(b"tRNS", palette[:, 3].tobytes()),
            _chunk(b"IDAT", zlib.compress(lines.tobytes(), 6)),
            _chunk(b"IEND", b""),
        )
    )
