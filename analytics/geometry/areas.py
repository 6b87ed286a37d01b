"""Areas as one type of geometry, and the smallest area that is more than rounding."""

from __future__ import annotations

from typing import Any

import shapely

SMALLEST_AREA = 1.0
"""Square metres below which an overlap or a gap is the rounding of coordinates, not a finding."""


def multipolygon(geometry: Any) -> Any:
    """A polygon as a multipolygon of one part; a multipolygon as it is."""
    return shapely.multipolygons([geometry]) if geometry.geom_type == "Polygon" else geometry
