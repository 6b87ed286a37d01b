"""PNG files of eight bits: from indices into a palette, or from colours with opacity."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.uint8]
"""Shape (height, width): positions in a palette."""
Palette = npt.NDArray[np.uint8]
"""Shape (256, 4): red, green, blue, opacity."""
Pixels = npt.NDArray[np.uint8]
"""Shape (height, width, 4): red, green, blue, opacity."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_INDEXED, _COLOURS_AND_OPACITY = 3, 6


def of_indices(indices: Indices, palette: Palette) -> bytes:
    """The bytes of a PNG whose pixels are entries of ``palette``.

    Map tiles are made while a reader waits: compression is of zlib's usual level.
    """
    height, width = indices.shape
    return b"".join(
        (
            _SIGNATURE,
            _header(width=width, height=height, kind=_INDEXED),
            _chunk(b"PLTE", palette[:, :3].tobytes()),
            _chunk(b"tRNS", palette[:, 3].tobytes()),
            _chunk(b"IDAT", zlib.compress(_lines(indices), 6)),
            _chunk(b"IEND", b""),
        )
    )


def of_pixels(pixels: Pixels) -> bytes:
    """The bytes of a PNG whose pixels have colours of their own, compressed as far as zlib can."""
    height, width, _ = pixels.shape
    return b"".join(
        (
            _SIGNATURE,
            _header(width=width, height=height, kind=_COLOURS_AND_OPACITY),
            _chunk(b"IDAT", zlib.compress(_lines(pixels.reshape(height, -1)), 9)),
            _chunk(b"IEND", b""),
        )
    )


def _header(*, width: int, height: int, kind: int) -> bytes:
    return _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0))


def _lines(values: npt.NDArray[np.uint8]) -> bytes:
    """The rows of a picture. Each begins with the number of its filter: none."""
    lines = np.zeros((values.shape[0], values.shape[1] + 1), dtype=np.uint8)
    lines[:, 1:] = values
    return lines.tobytes()


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)
