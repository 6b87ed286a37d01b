"""Layers of zones: read from files, checked, repaired."""

from analytics.zones import layers
from analytics.zones.files import FileLayer, file_layers
from analytics.zones.layers import (
    Geometries,
    Rows,
    ZoneLayer,
    field_texts,
    joined,
    read_areas,
    read_shapes,
    read_zones,
)

__all__ = [
    "FileLayer",
    "Geometries",
    "Rows",
    "ZoneLayer",
    "field_texts",
    "file_layers",
    "joined",
    "layers",
    "read_areas",
    "read_shapes",
    "read_zones",
]
