"""Mercator on a sphere, as old programs of ESRI and others declare the projection of web maps.

Their coordinates are those of EPSG:3857 in nearly all files, but the definition says that latitudes
are on a sphere, or on an ellipsoid projected as such: taken at its word it lies some 20 km off in
Europe. So it is asked about.
"""

from __future__ import annotations

import re

import pyproj

WEB_MERCATOR = "EPSG:3857"
WORLD_MERCATOR = "EPSG:3395"
"""Mercator on the ellipsoid."""
_PLAIN_MERCATOR = re.compile(
    r'(?:PROJECTION|METHOD)\s*\[\s*"Mercator(?:_1SP|_2SP)?"', re.IGNORECASE
)
_NAME = re.compile(r'^\s*(?:PROJCS|PROJCRS|BOUNDCRS\[\s*SOURCECRS\[\s*PROJCRS)\s*\[\s*"([^"]*)"')
_OF_WEB_MAPS = re.compile(
    r"web.?mercator|pseudo.?mercator|google|spherical.?mercator|popular.?visuali[sz]ation|900913"
    r"|major.?auxiliary.?sphere",
    re.IGNORECASE,
)
_EXPLAINED = re.compile(r'EXTENSION\s*\[\s*"PROJ4"|"EPSG"\s*,\s*"?3857', re.IGNORECASE)


def is_doubtful(definition: str) -> bool:
    """Whether a reference system is a Mercator projection of a sphere, or is called one of web maps
    and defined otherwise; or has degrees on the sphere of web maps.

    ``definition``: a code or well-known text.
    """
    if _EXPLAINED.search(definition):
        return False
    name = _NAME.match(definition)
    if name and _OF_WEB_MAPS.search(name[1]) and _PLAIN_MERCATOR.search(definition):
        return True
    try:
        crs = pyproj.CRS.from_user_input(definition)
    except (pyproj.exceptions.CRSError, UnicodeError, TypeError):
        return False
    ellipsoid, own = crs.ellipsoid, crs.source_crs if crs.is_bound else crs
    if ellipsoid is None or own is None or ellipsoid.semi_major_metre != ellipsoid.semi_minor_metre:
        return False
    if any(_OF_WEB_MAPS.search(one.name) for one in (own, own.datum) if one is not None):
        return True
    operation = own.coordinate_operation
    return operation is not None and operation.method_name.startswith("Mercator")


def likely(crs: pyproj.CRS) -> tuple[str, ...]:
    """What is meant, the system of nearly all files first."""
    return ("EPSG:4326",) if crs.is_geographic else (WEB_MERCATOR, WORLD_MERCATOR)
