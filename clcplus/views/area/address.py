"""An area written into an address: corners as differences, to a millionth of a degree.

The text is base64url (RFC 4648, without padding) of whole numbers, seven bits a byte, the lowest
first: for each polygon the number of its rings, for each ring the number of its corners (the first
is not repeated), for each corner the steps from the one before in longitude and latitude, where the
sign is the lowest bit. A corner a hundred metres away takes about five characters.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import shapely

from analytics.geometry import areas_in

LONGEST = 3_000
"""Characters: with the rest of the address fewer than any server on the way refuses."""
_STEPS = 1_000_000
"""Of a degree: a step is a tenth of a metre or less."""
_TEXT = re.compile(r"[A-Za-z0-9_-]+")
_MOST_BYTES = 5
"""Of a number: twice the 360 million steps of the globe take no more."""

Corner = tuple[int, int]
Rings = list[list[Corner]]


class UnreadableAddress(Exception):
    """The text is none that :func:`written` has made."""


class AreaTooLong(Exception):
    """The area has too many corners for an address; ``characters`` says how long it would be."""

    def __init__(self, characters: int, corners: int) -> None:
        self.characters, self.corners = characters, corners
        super().__init__(
            f"found {corners} corners, {characters} characters; expected at most {LONGEST}"
        )


def written(degrees: Any) -> str:
    """Areas (shapely, longitude and latitude) as text. Raises AreaTooLong."""
    polygons = [
        [_corners(ring) for ring in (polygon.exterior, *polygon.interiors)]
        for area in areas_in(degrees)
        for polygon in shapely.get_parts(area)
    ]
    text = _text_of(polygons)
    if len(text) > LONGEST:
        raise AreaTooLong(len(text), sum(len(ring) for rings in polygons for ring in rings))
    return text


def read(text: str) -> dict[str, Any]:
    """The GeoJSON geometry of a text. Raises UnreadableAddress."""
    if len(text) > LONGEST or not _TEXT.fullmatch(text):
        raise UnreadableAddress("found a text that holds no area")
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnreadableAddress(f"found text that is not base64url: {error}") from error
    try:
        polygons = _polygons(_numbers(content))
    except StopIteration:
        raise UnreadableAddress("found a text that was cut") from None
    # One area has one address: what was changed by hand or cut is told from what was written.
    if not polygons or _text_of(polygons) != text:
        raise UnreadableAddress("found a text that was cut or changed")
    coordinates = [[_positions(ring) for ring in rings] for rings in polygons]
    return {"type": "MultiPolygon", "coordinates": coordinates}


def _corners(ring: Any) -> list[Corner]:
    steps = np.rint(shapely.get_coordinates(ring)[:-1] * _STEPS).astype(np.int64)
    return [(x, y) for x, y in steps.tolist()]


def _positions(ring: list[Corner]) -> list[list[float]]:
    return [[x / _STEPS, y / _STEPS] for x, y in (*ring, ring[0])]


def _text_of(polygons: Iterable[Rings]) -> str:
    content = bytearray()
    before = (0, 0)
    for rings in polygons:
        _write(content, len(rings))
        for ring in rings:
            _write(content, len(ring))
            for corner in ring:
                for now, last in zip(corner, before, strict=True):
                    step = now - last
                    _write(content, step << 1 if step >= 0 else (-step << 1) - 1)
                before = corner
    return base64.urlsafe_b64encode(bytes(content)).rstrip(b"=").decode()


def _write(content: bytearray, number: int) -> None:
    while number >= 0x80:
        content.append(number & 0x7F | 0x80)
        number >>= 7
    content.append(number)


def _numbers(content: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in content:
        if shift >= 7 * _MOST_BYTES:
            raise UnreadableAddress("found a number that is too long")
        number |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            yield number
            number = shift = 0
    if shift:
        raise UnreadableAddress("found a text that was cut")


def _polygons(numbers: Iterator[int]) -> list[Rings]:
    """Raises StopIteration where numbers are missing."""
    polygons: list[Rings] = []
    x = y = 0
    for count in numbers:
        rings: Rings = []
        for _ in range(count):
            ring: list[Corner] = []
            for _ in range(next(numbers)):
                x, y = x + _signed(next(numbers)), y + _signed(next(numbers))
                ring.append((x, y))
            if len(ring) < 3:
                raise UnreadableAddress("found a ring of fewer than three corners")
            rings.append(ring)
        if not rings:
            raise UnreadableAddress("found a polygon without a ring")
        polygons.append(rings)
    return polygons


def _signed(number: int) -> int:
    return -((number + 1) >> 1) if number & 1 else number >> 1
