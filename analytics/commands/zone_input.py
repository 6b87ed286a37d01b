"""Zones as commands read them: what was repaired, or lies beyond the raster, is said on stderr."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from analytics.commands.notes import Notes
from analytics.commands.startup import without

if TYPE_CHECKING:
    from analytics.rasters.grids import RasterGrid
    from analytics.zones import ZoneLayer

LISTED = 10
"""Repairs, or zones, that are named one by one."""


def read_zones(
    path: Path, *, id_field: str | None, layer: str | None, grid: RasterGrid, notes: Notes
) -> ZoneLayer:
    """Zones of a file in a raster's reference system. Raises ZoneError or WrongReferenceSystem."""
    zones = _read(path, id_field=id_field, layer=layer, grid=grid, notes=notes)
    _report_codes(zones, id_field, notes)
    _report_repairs(zones, notes)
    _report_beyond(zones, grid, notes)
    return zones


def read_extent(path: Path, *, layer: str | None, grid: RasterGrid, notes: Notes) -> ZoneLayer:
    """The same where only their cells together count, so that nothing is said of their ids."""
    zones = _read(path, id_field=None, layer=layer, grid=grid, notes=notes)
    _report_repairs(zones, notes)
    _report_beyond(zones, grid, notes)
    return zones


def _read(
    path: Path, *, id_field: str | None, layer: str | None, grid: RasterGrid, notes: Notes
) -> ZoneLayer:
    with without("pyarrow"):  # pyogrio would load it with itself
        from analytics.zones import read_areas

    notes.doing(f"reading {path.name}")
    return read_areas(path, code_field=id_field, crs=grid.crs, layer=layer)


def _report_codes(layer: ZoneLayer, id_field: str | None, notes: Notes) -> None:
    if id_field is None:
        notes.say(
            f"no --id-field: zones are numbered from 1 to {len(layer.codes)}, in the order of the "
            "file"
        )
    elif "" in layer.codes:
        notes.say(f"1 of {len(layer.codes)} zones has nothing in {id_field!r}: its id is blank")


def _report_repairs(layer: ZoneLayer, notes: Notes) -> None:
    for repair in layer.repairs[:LISTED]:
        notes.say(
            f"zone {repair.code}: repaired ({repair.reason}); its area was "
            f"{repair.area_before:.1f} and is {repair.area_after:.1f}"
        )
    if len(layer.repairs) > LISTED:
        notes.say(f"{len(layer.repairs) - LISTED} more zones repaired")


def _report_beyond(layer: ZoneLayer, grid: RasterGrid, notes: Notes) -> None:
    """Say how many zones lie partly or wholly outside the raster."""
    import numpy as np
    import shapely

    west, north = grid.x_origin, grid.y_origin
    east, south = west + grid.width * grid.cell_width, north - grid.height * grid.cell_height
    bounds = shapely.bounds(layer.geometries)
    beyond = (bounds < (west, south, -np.inf, -np.inf)) | (bounds > (np.inf, np.inf, east, north))
    positions = np.flatnonzero(beyond.any(axis=1))
    touching = shapely.intersects(
        layer.geometries[positions], shapely.box(west, south, east, north)
    )
    wholly = positions[~touching].tolist()
    if len(positions) > len(wholly):
        notes.say(
            f"{len(positions) - len(wholly)} of {len(layer.codes)} zones lie partly outside "
            f"{grid.name}; only their cells in it are counted"
        )
    if wholly:
        names = ", ".join(layer.codes[n] for n in wholly[:LISTED])
        more = " …" if len(wholly) > LISTED else ""
        notes.say(
            f"{len(wholly)} of {len(layer.codes)} zones lie outside {grid.name}: {names}{more}"
        )
