"""Colours of maps, and bounds of the classes that they shade by: the official colours of land
cover, and ramps of shares."""

from __future__ import annotations

from typing import Any

import numpy as np

from analytics.nomenclature import BY_CODE, NO_DATA, OUTSIDE
from analytics.png import Palette

BREAKS = (0.02, 0.05, 0.10, 0.20, 0.40)
"""Lower bounds of the classes of sealed share after the first, which starts at nought."""
CHANGE_BREAKS = (-0.5, -0.1, 0.1, 0.5, 1.0)
"""Lower bounds of the classes of net change after the first, in percentage points. Land is sealed
far more often than freed: there is one class more of it."""
PER_INHABITANT_BREAKS = (150, 300, 500, 800, 1500)
"""Lower bounds of the classes of sealed square metres per inhabitant after the first."""

SHARE_STEPS = 200
"""What a share of 1 is written as in an overview: value = round(200 × share); 255 is no value."""

# Share → colour. Lightness falls evenly, for readers of any colour vision; steps are finer where
# most of Europe lies.
RAMP: tuple[tuple[float, tuple[int, int, int]], ...] = (
    (0.0, (254, 240, 217)),
    (0.01, (253, 225, 184)),
    (0.03, (253, 200, 145)),
    (0.07, (252, 168, 110)),
    (0.15, (245, 127, 80)),
    (0.30, (222, 80, 54)),
    (0.55, (183, 33, 30)),
    (1.0, (110, 0, 10)),
)
_OPACITY = 235

CHANGE_KINDS = ("none", "gained", "lost", "kept")
"""What becomes of a cell between two editions, in the order of :func:`change_palette`."""

# Red-brown and blue differ for readers of any colour vision, and in lightness too. Gain has the
# hue of sealed ground on every page, loss the blue of the charts; what stayed sealed recedes.
CHANGE_COLOURS: dict[str, tuple[int, int, int, int]] = {
    "gained": (179, 46, 20, 255),
    "lost": (60, 150, 214, 255),
    "kept": (138, 146, 158, 150),
}

CHANGE_SHARES = (0.005, 0.01, 0.02, 0.05, 0.1)
"""Lower bounds of the classes of a square's share of changed cells; below the first, no colour."""
GAINED_RAMP: tuple[tuple[int, int, int], ...] = (
    (250, 200, 160),
    (240, 150, 105),
    (218, 98, 62),
    (179, 46, 20),
    (110, 16, 4),
)
LOST_RAMP: tuple[tuple[int, int, int], ...] = (
    (180, 212, 240),
    (124, 181, 226),
    (60, 150, 214),
    (28, 104, 172),
    (10, 58, 116),
)
"""Colours of these classes, where more cells were gained than lost and the other way round."""


def _transparent() -> Palette:
    return np.zeros((256, 4), dtype=np.uint8)


def class_palette() -> Palette:
    """Official colours by code; outside, without data and unknown are transparent."""
    palette = _transparent()
    for code, entry in BY_CODE.items():
        if code not in {OUTSIDE, NO_DATA}:
            palette[code] = (*entry.colour, 255)
    return palette


def share_palette() -> Palette:
    """Colours of the values of an overview; zero and no value are transparent."""
    palette = _transparent()
    shares = np.arange(1, SHARE_STEPS + 1) / SHARE_STEPS
    stops = [share for share, _ in RAMP]
    for band in range(3):
        levels = [colour[band] for _, colour in RAMP]
        palette[1 : SHARE_STEPS + 1, band] = np.rint(np.interp(shares, stops, levels))
    palette[1 : SHARE_STEPS + 1, 3] = _OPACITY
    return palette


def change_palette() -> Palette:
    """Colours of the kinds of change; what was sealed in neither edition is transparent."""
    palette = _transparent()
    for kind, colour in CHANGE_COLOURS.items():
        palette[CHANGE_KINDS.index(kind)] = colour
    return palette


def change_share_palette() -> Palette:
    """Colours of classes of gain, then of loss, from entry 1 on; all else is transparent."""
    palette = _transparent()
    for entry, colour in enumerate((*GAINED_RAMP, *LOST_RAMP), start=1):
        palette[entry] = (*colour, _OPACITY)
    return palette


def change_share_legend() -> list[dict[str, Any]]:
    """The classes of a square's share of changed cells, as a legend shows them."""
    return [
        {"share": share, "gained": hexadecimal(gained), "lost": hexadecimal(lost)}
        for share, gained, lost in zip(CHANGE_SHARES, GAINED_RAMP, LOST_RAMP, strict=True)
    ]


def change_legend() -> list[dict[str, str]]:
    """The kinds of change, as a legend shows them."""
    return [
        {"kind": kind, "colour": hexadecimal(colour[:3])} for kind, colour in CHANGE_COLOURS.items()
    ]


def hexadecimal(colour: tuple[int, int, int]) -> str:
    """A colour as ``#rrggbb``."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def share_legend() -> list[dict[str, Any]]:
    """The ramp, as a legend shows it: share 0..1 and colour."""
    return [{"share": share, "colour": hexadecimal(colour)} for share, colour in RAMP if share]


def class_legend() -> list[dict[str, Any]]:
    """The classes, as a legend shows them."""
    return [
        {"code": entry.code, "name": entry.name, "colour": hexadecimal(entry.colour)}
        for entry in BY_CODE.values()
        if entry.code not in {OUTSIDE, NO_DATA}
    ]
