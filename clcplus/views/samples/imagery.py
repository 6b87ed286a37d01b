"""What an interpreter looks at: imagery of each date round a cell, with the cell's outline.

Either tiles of a server that the settings name, in Web Mercator, or the platform's composite of the
edition's year, in EPSG:3035. Both are drawings in SVG, so that the page needs no map.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analytics import png
from analytics.errors import ExplainedError
from analytics.grid import CELL_SIZE, EPSG, Y_ORIGIN, Window
from clcplus.actions.predictions.imagery import find_composite
from clcplus.models import Edition, ReferenceSample, SamplePoint
from clcplus.views.samples.closed import of_sample
from inference.composites import Composite, open_bands

HALF_METRES = 160.0
"""What is shown round a point on each side."""
_PICTURE_CELLS = 64
_ZOOM = 18
_TILE = 256
_EQUATOR = 2 * math.pi * 6_378_137
_COLOURS = (("B04", "B03", "B02"), ("B08", "B04", "B02"))
"""Bands that are shown as red, green and blue: natural colours, or where the composite has no
green, colours in which vegetation is red."""
_BRIGHT = {"B08": 0.5}
"""Reflectance that is shown as brightest; 0.3 of the other bands."""
_GAMMA = 0.7
_KEPT_SECONDS = 600
"""How long a browser keeps a picture."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image in a drawing: address and place."""

    address: str
    x: float
    y: float
    size: float


@dataclass(frozen=True, slots=True)
class Panel:
    """The drawing of one date, in a square from −half to half round the point; ``outline`` are the
    corners of the cell. Without pictures there is no imagery."""

    date: str
    year: int
    half: float
    outline: str
    pictures: list[Picture]
    attribution: str = ""

    @property
    def view_box(self) -> str:
        """What of the drawing is seen, as SVG writes it."""
        return f"{-self.half:.1f} {-self.half:.1f} {2 * self.half:.1f} {2 * self.half:.1f}"


def panels(sample: ReferenceSample, point: SamplePoint) -> list[Panel]:
    """The drawings of the dates of a sample, the earlier first."""
    dates = [("earlier", sample.earlier), ("later", sample.later)]
    return [_panel(sample, point, date, edition) for date, edition in dates if edition is not None]


@require_safe
@of_sample
def picture(request: HttpRequest, sample: ReferenceSample, number: int, date: str) -> HttpResponse:
    """The composite of an edition's year round a point."""
    point = SamplePoint.objects.filter(sample=sample, number=number).first()
    edition = {"earlier": sample.earlier, "later": sample.later}.get(date)
    if point is None or edition is None:
        raise Http404
    found = _composite(edition, point)
    if found is None:
        raise Http404
    composite, bands = found
    half = _PICTURE_CELLS // 2
    cell = _cell(point)
    # The cell lies at the centre: one more on either side of it.
    window = Window(cell.row - half, cell.column - half, 2 * half + 1, 2 * half + 1)
    with open_bands(composite, bands) as reader:
        shown = reader.read(window)
    response = HttpResponse(_coloured(shown, bands), content_type="image/png")
    response["X-Robots-Tag"] = "noindex"
    # The page of labels fetches the imagery of the next point before it is shown.
    patch_cache_control(response, private=True, max_age=_KEPT_SECONDS)
    return response


def _panel(sample: ReferenceSample, point: SamplePoint, date: str, edition: Edition) -> Panel:
    tiles: dict[str, str] | None = settings.SAMPLE_IMAGERY[date]
    if tiles is not None:
        return _of_tiles(point, date, edition.year, tiles)
    half = CELL_SIZE / 2
    outline = f"{-half},{-half} {half},{-half} {half},{half} {-half},{half}"
    pictures = []
    attribution = ""
    found = _composite(edition, point)
    if found is not None:
        natural = found[1][0].endswith("B04")
        attribution = (
            _("Sentinel-2 composite of %(year)s")
            if natural
            else _("Sentinel-2 composite of %(year)s; vegetation looks red")
        ) % {"year": edition.year}
        address = reverse("sample_picture", args=(sample.pk, point.number, date))
        size = (_PICTURE_CELLS + 1) * float(CELL_SIZE)
        pictures = [Picture(address, -size / 2, -size / 2, size)]
    return Panel(date, edition.year, HALF_METRES, outline, pictures, attribution)


def _of_tiles(point: SamplePoint, date: str, year: int, tiles: dict[str, str]) -> Panel:
    """The tiles of Web Mercator round a point, in its pixels."""
    to_degrees = pyproj.Transformer.from_crs(EPSG, 4326, always_xy=True)
    half = CELL_SIZE / 2
    x, y = point.location.x, point.location.y
    corners = [
        (x - half, y + half),
        (x + half, y + half),
        (x + half, y - half),
        (x - half, y - half),
    ]
    longitude, latitude = to_degrees.transform(x, y)
    centre = _pixel(longitude, latitude)
    outline = " ".join(
        f"{px - centre[0]:.2f},{py - centre[1]:.2f}"
        for px, py in (_pixel(*to_degrees.transform(*corner)) for corner in corners)
    )
    metres = _EQUATOR * math.cos(math.radians(latitude)) / (_TILE * 2**_ZOOM)
    reach = HALF_METRES / metres
    columns, rows = (
        range(int((middle - reach) // _TILE), int((middle + reach) // _TILE) + 1)
        for middle in centre
    )
    pictures = [
        Picture(
            tiles["tiles"]
            .replace("{z}", str(_ZOOM))
            .replace("{x}", str(column))
            .replace("{y}", str(row)),
            round(column * _TILE - centre[0], 2),
            round(row * _TILE - centre[1], 2),
            _TILE,
        )
        for row in rows
        for column in columns
    ]
    return Panel(date, year, round(reach, 1), outline, pictures, tiles["attribution"])


def _pixel(longitude: float, latitude: float) -> tuple[float, float]:
    """Pixels from the north-western corner of the world."""
    side = _TILE * 2.0**_ZOOM
    y = math.asinh(math.tan(math.radians(latitude)))
    return (longitude + 180) / 360 * side, (1 - y / math.pi) / 2 * side


def _cell(point: SamplePoint) -> Window:
    row = int((Y_ORIGIN - point.location.y) // CELL_SIZE)
    return Window(row, int(point.location.x // CELL_SIZE), 1, 1)


def _composite(edition: Edition, point: SamplePoint) -> tuple[Composite, list[str]] | None:
    """The composite of an edition's year that shows a point, and the bands of its colours."""
    try:
        found = find_composite(year=edition.year, window=_cell(point))
    except ExplainedError:
        return None
    if found is None:
        return None
    for wanted in _COLOURS:
        # Composites of several seasons have a band for each: the last is taken.
        bands = [
            [name for name in found.bands if name == band or name.endswith(f".{band}")][-1:]
            for band in wanted
        ]
        if all(bands):
            return found, [name for names in bands for name in names]
    return None


def _coloured(reflectance: Any, bands: list[str]) -> bytes:
    """A PNG of three bands of reflectance, shape (3, height, width); clear where missing."""
    missing = np.isnan(reflectance).any(axis=0)
    brightest = np.array([_BRIGHT.get(name.rpartition(".")[2], 0.3) for name in bands])
    light = np.clip(np.nan_to_num(reflectance) / brightest[:, None, None], 0, 1) ** _GAMMA
    pixels = np.empty((*missing.shape, 4), dtype=np.uint8)
    pixels[..., :3] = np.moveaxis(np.rint(light * 255), 0, -1).astype(np.uint8)
    pixels[..., 3] = np.where(missing, 0, 255)
    return png.of_pixels(pixels)
