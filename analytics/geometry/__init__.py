"""Plane geometry: areas by the even-odd rule, sides of a line, reference systems."""

from analytics.geometry.areas import (
    SMALLEST_AREA,
    area_as_drawn,
    areas_in,
    multipolygon,
    valid_area,
)
from analytics.geometry.reference_systems import (
    described,
    differences,
    farthest,
    metres_per_unit,
    same_system,
)

# `orientation` loads when it is imported: it needs Numba.
__all__ = [
    "SMALLEST_AREA",
    "area_as_drawn",
    "areas_in",
    "described",
    "differences",
    "farthest",
    "metres_per_unit",
    "multipolygon",
    "orientation",
    "same_system",
    "valid_area",
]
