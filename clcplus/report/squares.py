"""Sealed share and net change by squares of the grid: what a small map can show of single cells.

One printed dot cannot stand for a cell of a large territory; a square with its count can.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics import png
from analytics.grid import CELL_SIZE, Window
from analytics.nomenclature import OBSERVED_CODES, SEALED
from analytics.png import Palette
from analytics.rasters import Store
from clcplus.presentation.colours import BREAKS
from clcplus.report.content import Content
from clcplus.report.frame import Codes, Mask, codes_of, inside
from clcplus.report.land_map import drawing, stretched

WIDTH_MM = 84.0
_ACROSS = 64
"""Squares along the longer side, at most."""
_SIDES = (5, 10, 20, 25, 50, 100, 200, 500, 1000, 2000, 5000)
"""Cells along the side of a square: lengths that a reader can name."""
_MOST = 400_000_000
"""Cells of a frame that are read one by one, some seconds of work; of more, a sample shows the
share, and change is not drawn: it is never told from a sample."""
_STRIP = 4_000_000
_ENLARGED = 6
"""Pixels along the side of a square, so that no program smooths it away."""

CHANGE_BREAKS = (-2.0, -0.5, 0.5, 2.0)
"""Percentage points of the square's cells; between the middle two nothing is coloured."""
SHARE_COLOURS = ("#fdf2e4", "#fbd9b0", "#f6b077", "#e57a4b", "#c2432b", "#841a1d")
CHANGE_COLOURS = ("#21618c", "#8fbfdd", "#eef1f5", "#f0a486", "#b32e14")
UNKNOWN = "#cfd5dd"

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SquareMap:
    """A small map by squares."""

    picture: bytes
    drawing: str
    side_metres: int
    sampled: bool


@dataclass(slots=True)
class _Sums:
    """By square: cells seen, sealed; seen in both editions, gained, lost."""

    seen: Counts
    sealed: Counts
    both: Counts
    gained: Counts
    lost: Counts


def side_of(window: Window) -> int:
    """Cells along the side of the squares of a frame."""
    return next(side for side in _SIDES if max(window.shape) <= side * _ACROSS)


def square_maps(
    content: Content,
    *,
    latest: str,
    pair: tuple[str, str] | None,
    store: Store,
) -> tuple[SquareMap, SquareMap | None]:
    """The share in the edition ``latest``, and the net change of a pair where it can be drawn."""
    side = side_of(content.frame.window)
    cells = content.frame.window.cells
    steps = (step for step in range(1, side + 1) if side % step == 0)
    step = next((step for step in steps if cells <= _MOST * step * step), side)
    window = stretched(content.frame.window, side)
    pair = pair if step == 1 else None
    sums = _summed(content, window, side=side, step=step, latest=latest, pair=pair, store=store)

    def drawn(classes: Codes, colours: tuple[str, ...], name: str) -> SquareMap:
        large = np.kron(classes, np.ones((_ENLARGED, _ENLARGED), dtype=np.uint8))
        path = content.frame.path(content.shape, finest=content.frame.window.width / 84 * 0.06)
        return SquareMap(
            picture=png.of_indices(large, _palette(colours)),
            drawing=drawing(
                content.frame,
                width_mm=WIDTH_MM,
                picture_name=f"report:{name}.png",
                picture_window=window,
                path=path,
                outline_mm=0.3,
                clip=True,
            ),
            side_metres=side * CELL_SIZE,
            sampled=step > 1,
        )

    breaks = tuple(limit * 100 for limit in BREAKS)
    share = drawn(_classes(sums.sealed, sums.seen, breaks), SHARE_COLOURS, "share")
    if pair is None:
        return share, None
    net = sums.gained - sums.lost
    return share, drawn(_classes(net, sums.both, CHANGE_BREAKS), CHANGE_COLOURS, "change")


def _summed(
    content: Content,
    window: Window,
    *,
    side: int,
    step: int,
    latest: str,
    pair: tuple[str, str] | None,
    store: Store,
) -> _Sums:
    """Counts by square, a strip of squares at a time: memory is bounded by the strip."""
    shape = window.height // side, window.width // side
    sums = _Sums(*(np.zeros(shape, dtype=np.int64) for _ in range(5)))
    per = side // step
    rows = max(1, _STRIP * step * step // (side * window.width))
    for first in range(0, shape[0], rows):
        last = min(first + rows, shape[0])
        strip = Window(
            window.row + first * side, window.column, (last - first) * side, window.width
        )
        within = inside(content.shape, strip, step=step)
        if not within.any():
            continue

        def codes(slug: str, strip: Window = strip) -> Codes:
            return codes_of(store, content.tiles[slug], strip, step=step)

        now = codes(latest)
        seen = within & np.isin(now, OBSERVED_CODES)
        sums.seen[first:last] = _blocks(seen, per)
        sums.sealed[first:last] = _blocks(seen & (now == SEALED), per)
        if pair is None:
            continue
        before, after = codes(pair[0]), now if pair[1] == latest else codes(pair[1])
        both = within & np.isin(before, OBSERVED_CODES) & np.isin(after, OBSERVED_CODES)
        was, is_ = before == SEALED, after == SEALED
        sums.both[first:last] = _blocks(both, per)
        sums.gained[first:last] = _blocks(both & is_ & ~was, per)
        sums.lost[first:last] = _blocks(both & was & ~is_, per)
    return sums


def _blocks(mask: Mask, per: int) -> Counts:
    height, width = mask.shape
    parted = mask.reshape(height // per, per, width // per, per)
    counted: Counts = parted.sum(axis=(1, 3), dtype=np.int64)
    return counted


def _classes(part: Counts, whole: Counts, breaks: tuple[float, ...]) -> Codes:
    """The class of each square by its per cent, counted from 1; 0 where nothing is observed."""
    with np.errstate(invalid="ignore", divide="ignore"):
        value = part / whole * 100
    classes: Codes = (np.searchsorted(breaks, value, side="right") + 1).astype(np.uint8)
    classes[whole == 0] = 0
    return classes


def _palette(colours: tuple[str, ...]) -> Palette:
    palette: Palette = np.zeros((256, 4), dtype=np.uint8)
    palette[:, 3] = 255
    for index, colour in enumerate((UNKNOWN, *colours)):
        palette[index, :3] = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return palette
