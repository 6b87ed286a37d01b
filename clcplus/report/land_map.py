"""The map of a report: land cover at the resolution of print, its outline, its scale bar."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from analytics import png
from analytics.grid import CELL_SIZE, Window
from analytics.nomenclature import BY_CODE, CODES, NO_DATA, OUTSIDE
from analytics.png import Palette
from analytics.rasters import Store
from clcplus.presentation.numbers import SPACE, decimal
from clcplus.report.content import Content
from clcplus.report.frame import WIDTH_MM, Frame, codes_of, inside

_PIXELS = 2_000
"""Along the longer side: about 290 pixels to the inch."""
_PALE = 128
"""Added to the index of a code outside of the territory: the same colour, faded."""
_FADE = 0.78
NOTHING = (236, 239, 243)
"""Colour of what is not observed, save the sea, which has its own."""
_UNITS_PER_MM = 10.0
_STRIP = 64.0
"""Height of the scale bar's own strip below a map, in units."""
FONT = "Source Sans 3"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A map: its picture, and the drawing that shows it under its outline."""

    picture: bytes
    drawing: str
    step: int
    """Cells along a side of the squares that one pixel stands for."""


def stretched(window: Window, step: int) -> Window:
    """The window, made larger to whole multiples of ``step``."""
    return Window(
        window.row,
        window.column,
        -(-window.height // step) * step,
        -(-window.width // step) * step,
    )


def _palette() -> Palette:
    palette: Palette = np.zeros((256, 4), dtype=np.uint8)
    palette[:, :3], palette[:, 3] = NOTHING, 255
    for index, code in enumerate(CODES):
        colour = NOTHING if code in {OUTSIDE, NO_DATA} else BY_CODE[code].colour
        palette[index, :3] = colour
        palette[index + _PALE, :3] = [round(v + (255 - v) * _FADE) for v in colour]
    return palette


def land_cover(content: Content, *, slug: str, store: Store, picture_name: str) -> Drawn:
    """The classes of an edition in the territory, and faded round it."""
    frame = content.frame
    step = max(1, -(-max(frame.window.shape) // _PIXELS))
    window = stretched(frame.window, step)
    codes = codes_of(store, content.tiles[slug], window, step=step)
    table = np.full(256, CODES.index(NO_DATA), dtype=np.uint8)
    table[list(CODES)] = np.arange(len(CODES))
    indices = table[codes]
    indices[~inside(content.shape, window, step=step)] += _PALE
    return Drawn(
        picture=png.of_indices(indices, _palette()),
        drawing=drawing(
            frame,
            width_mm=WIDTH_MM,
            picture_name=picture_name,
            picture_window=window,
            path=frame.path(content.shape, finest=frame.window.width / WIDTH_MM * 0.05),
            outline_mm=0.45,
        ),
        step=step,
    )


def drawing(
    frame: Frame,
    *,
    width_mm: float,
    picture_name: str,
    picture_window: Window,
    path: str,
    outline_mm: float,
    clip: bool = False,
) -> str:
    """An SVG of a frame: the picture, the outline over it, the scale bar in its corner.

    With ``clip`` the picture ends at the outline, and the bar has a strip of its own below.
    """
    cell = width_mm * _UNITS_PER_MM / frame.window.width
    width, height = width_mm * _UNITS_PER_MM, cell * frame.window.height + (_STRIP if clip else 0)
    picture = (
        f'<image href="{escape(picture_name)}" width="{picture_window.width * cell:.2f}" '
        f'height="{picture_window.height * cell:.2f}" preserveAspectRatio="none" '
        f'image-rendering="pixelated"{" clip-path=" if clip else ""}'
        f"{quoteattr('url(#inside)') if clip else ''}/>"
    )
    shape = f'd="{path}" transform="scale({cell:.6f})" fill-rule="evenodd"'
    line = outline_mm * _UNITS_PER_MM / cell
    lines = "".join(
        f'<path {shape} fill="none" stroke="{colour}" stroke-width="{line * factor:.3f}" '
        'stroke-linejoin="round"/>'
        for colour, factor in (("#fff", 2.6), ("#16202e", 1.0))
    )
    clipping = f'<clipPath id="inside"><path {shape}/></clipPath>' if clip else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.2f} {height:.2f}" '
        f'width="{width_mm:.3f}mm" height="{height / _UNITS_PER_MM:.3f}mm">'
        f"<defs>{clipping}</defs>{picture}{lines}"
        f"{_scale_bar(frame, cell=cell, height=height)}</svg>"
    )


def _scale_bar(frame: Frame, *, cell: float, height: float) -> str:
    """A bar in two halves with its length, on a ground that lets it be read anywhere."""
    metres = frame.bar_metres
    length, unit = (metres / 1000, "km") if metres >= 1000 else (metres, "m")
    long = metres / CELL_SIZE * cell
    left, bottom = 34.0, height - 34.0
    half = long / 2
    text = f'font-family="{FONT}" font-size="26" fill="#16202e"'
    return (
        f'<rect x="{left - 20}" y="{bottom - 52}" width="{long + 100:.1f}" height="72" '
        'fill="#fff" fill-opacity="0.88" rx="6"/>'
        f'<rect x="{left}" y="{bottom - 8}" width="{half:.1f}" height="9" fill="#16202e"/>'
        f'<rect x="{left + half:.1f}" y="{bottom - 8}" width="{half:.1f}" height="9" '
        'fill="#fff" stroke="#16202e" stroke-width="1.6"/>'
        f'<text x="{left}" y="{bottom - 18}" {text} text-anchor="start">0</text>'
        f'<text x="{left + long:.1f}" y="{bottom - 18}" {text} text-anchor="middle">'
        f"{decimal(length, 0)}{SPACE}{unit}</text>"
    )
