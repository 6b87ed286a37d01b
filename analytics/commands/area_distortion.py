"""Reference systems that do not keep areas: said on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.commands.notes import Notes

if TYPE_CHECKING:
    from analytics.rasters.grids import RasterGrid

DISTORTION = 0.005
"""Share by which areas on the raster may differ from those on the ground without a word."""


def metres_of_units(grid: RasterGrid, notes: Notes) -> float:
    """Metres in a unit of the raster's reference system; says where that does not keep areas."""
    import pyproj

    from analytics.geometry import metres_per_unit

    crs = pyproj.CRS.from_user_input(grid.crs)
    operation = crs.coordinate_operation
    if operation is None or "equal area" not in operation.method_name.lower():
        projection = pyproj.Proj(crs)
        x = grid.x_origin + grid.width * grid.cell_width / 2
        y = grid.y_origin - grid.height * grid.cell_height / 2
        scale = projection.get_factors(*projection(x, y, inverse=True)).areal_scale
        if abs(scale - 1) > DISTORTION:
            notes.say(
                f"{grid.name}: {crs.name} does not keep areas: 1 m² in the middle of the raster is "
                f"{1 / scale:.3f} m² on the ground; area_m2 is that of the raster"
            )
    return metres_per_unit(crs)
