"""The zooms of tiles: the first and the last of each kind.

Before the first zoom of a level a tile would be crammed. Thousands of territories of a few pixels
each say little, and a tile of them weighs a megabyte and takes a quarter of a second; the levels
above are there for that. The highest level has none above it, and is drawn from zoom 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from analytics.records import Level

CLASSES_FROM_ZOOM = 12
"""First zoom at which classes are shown: a pixel is then about 2.5 cells wide in mid-Europe."""
CHANGE_FROM_ZOOM = CLASSES_FROM_ZOOM
"""First zoom at which single cells of change are shown."""
PATCHES_FROM_ZOOM = CHANGE_FROM_ZOOM
"""First zoom of tiles of patches: a tile of it is about 6 km wide in mid-Europe."""
LAST_ZOOM = 16
"""Last zoom of tiles of cells."""
LAST_VECTOR_ZOOM = 14
"""Last zoom of tiles of territories."""
MOST_IN_A_TILE = 1_000
"""Territories that a tile may hold, spread evenly; where they are dense, three times as many."""


def first_zoom(levels: Sequence[Level], level: Level) -> int:
    """The smallest zoom at which tiles of the level are not crammed; 0 for the highest level."""
    if level is levels[0]:
        return 0
    west, south, east, north = level.bounds
    shrink = math.cos(math.radians((south + north) / 2))
    area = max((east - west) * (north - south), 1e-9)
    zoom = 0
    while zoom < 14 and min((360 / 2**zoom) ** 2 * shrink / area, 1) * level.zones > MOST_IN_A_TILE:
        zoom += 1
    return zoom
