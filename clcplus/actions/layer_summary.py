"""What a layer says of all its zones: their number and their extent."""

from __future__ import annotations

from django.db import connection

from analytics.grid import EPSG
from clcplus.models import Layer


def summarise(layer: Layer) -> None:
    """Write down the number and the extent of a layer's zones; part of the open transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE clcplus_layer layer SET zones_total = zones.total, extent = zones.extent"
            " FROM (SELECT count(*) AS total,"
            "  ST_SetSRID(ST_Extent(geometry)::geometry, %(srid)s) AS extent"
            "  FROM clcplus_zone WHERE layer_id = %(layer)s) zones"
            " WHERE layer.id = %(layer)s",
            {"layer": layer.pk, "srid": EPSG},
        )
