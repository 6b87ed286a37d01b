"""Vector tiles of patches of change, made by PostGIS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Double,
    Integer,
    Select,
    case,
    cast,
    func,
    literal,
    select,
)

from analytics.grid import CELL_AREA, CELL_SIZE
from analytics.patches import ChangeFilter
from analytics.queries import tables
from analytics.queries.tile_shapes import EXTENT, WORLD
from analytics.queries.visible import visible_editions

PATCHES = "patches"
"""The layer of a tile that holds patches."""
LEFT_OUT = "left_out"
"""The layer that says how many there was no room for."""
MOST_PATCHES = 4_000
"""Patches that a tile may hold: the largest ones."""
CELLS_IN_HA = 10_000 // CELL_AREA
_BUFFER = 64
"""Units beyond the sides, so that outlines do not show where tiles meet."""


@dataclass(frozen=True, slots=True)
class TilePlace:
    """The address of a tile."""

    zoom: int
    column: int
    row: int


def patch_tile(
    connection: Connection,
    *,
    earlier_id: int,
    later_id: int,
    chosen: ChangeFilter,
    place: TilePlace,
    most: int = MOST_PATCHES,
) -> bytes:
    """The patches of a pair that a filter accepts, in a tile: ``number``, ``kind`` (gain or loss),
    classes ``former`` and ``later``, ``hectares``, ``width`` in metres, and ``confidence``,
    the mean over its cells, where it is known.

    Of more than ``most`` the largest are there, and the layer LEFT_OUT has a point in the tile's
    middle with the number of the others, ``patches``. No bytes where there is none.
    """
    envelope = func.ST_TileEnvelope(place.zoom, place.column, place.row)
    source = _patches(envelope, place.zoom, earlier_id, later_id, chosen)
    largest = source.order_by(
        tables.change_patch.c.cells.desc(), tables.change_patch.c.number
    ).limit(most)
    shapes = largest.subquery("shapes")
    tile, drawn = connection.execute(
        select(
            func.ST_AsMVT(shapes.table_valued(), PATCHES, EXTENT, "shape", "number"),
            func.count(),
        )
    ).one()
    content = bytes(tile or b"")
    if drawn == most:
        total = connection.execute(select(func.count()).select_from(source.subquery())).scalar()
        if total and total > most:
            content += _left_out(connection, envelope, total - most)
    return content if drawn else b""


def _patches(
    envelope: Any, zoom: int, earlier_id: int, later_id: int, chosen: ChangeFilter
) -> Select[Any]:
    patch = tables.change_patch
    first, last = map(visible_editions, ("earlier_edition", "later_edition"))
    near = func.ST_Expand(envelope, literal(WORLD / 2**zoom * _BUFFER / EXTENT, Double))
    hectares = func.round(cast(patch.c.cells, Double) / CELLS_IN_HA * 100) / 100
    return (
        select(
            func.ST_AsMVTGeom(patch.c.shape, envelope, EXTENT, _BUFFER, True).label("shape"),
            patch.c.number,
            case((patch.c.kind == 1, "gain"), else_="loss").label("kind"),
            cast(patch.c.former_class, Integer).label("former"),
            cast(patch.c.later_class, Integer).label("later"),
            cast(hectares, Double).label("hectares"),
            (patch.c.side * CELL_SIZE).label("width"),
            cast(func.round(patch.c.confidence), Integer).label("confidence"),
        )
        .select_from(patch)
        .join(first, first.c.id == patch.c.earlier_id)
        .join(last, last.c.id == patch.c.later_id)
        .where(
            patch.c.earlier_id == earlier_id,
            patch.c.later_id == later_id,
            patch.c.min_confidence.is_not_distinct_from(chosen.min_confidence),
            patch.c.shape.op("&&")(near),
            patch.c.cells >= chosen.min_cells(CELL_AREA),
            patch.c.side >= chosen.min_side(CELL_SIZE),
        )
    )


def _left_out(connection: Connection, envelope: Any, number: int) -> bytes:
    """A layer with one point that says how many patches a tile leaves out."""
    middle = select(
        func.ST_AsMVTGeom(func.ST_Centroid(envelope), envelope, EXTENT).label("shape"),
        literal(number, BigInteger).label("patches"),
    ).subquery("middle")
    found = connection.execute(
        select(func.ST_AsMVT(middle.table_valued(), LEFT_OUT, EXTENT, "shape"))
    ).scalar()
    return bytes(found or b"")
