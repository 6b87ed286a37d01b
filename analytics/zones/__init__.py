"""Layers of zones: read from files, checked, repaired."""

from analytics.zones import layers
from analytics.zones.layers import Geometries, ZoneLayer, read_areas, read_shapes

__all__ = ["Geometries", "ZoneLayer", "layers", "read_areas", "read_shapes"]
