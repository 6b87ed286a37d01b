"""Drawings as pictures, made on the server by resvg: Rust, without libraries of the system.

The font comes with the front-end files (frontend/build.mjs), so that a picture looks the same on
each machine, also in a container that has no fonts.
"""

from __future__ import annotations

from pathlib import Path

import resvg_py

_FONT = Path(__file__).resolve().parent.parent / "static" / "build" / "DejaVuSans.ttf"
_FAMILY = "DejaVu Sans"
ZOOM = 2
"""Pixels of the picture for one of the drawing: sharp on fine screens and on paper."""


def png(svg: str) -> bytes:
    """A picture of a drawing that this platform made itself."""
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            zoom=ZOOM,
            font_files=[str(_FONT)],
            skip_system_fonts=True,
            font_family=_FAMILY,
            sans_serif_family=_FAMILY,
        )
    )
