"""Ways from one reference system to another; PROJ takes a tenth of a second to find one."""

from __future__ import annotations

from functools import lru_cache

import pyproj

_KEPT = 64


@lru_cache(maxsize=_KEPT)
def transformation(source: pyproj.CRS, target: pyproj.CRS) -> pyproj.Transformer:
    """The way between two systems, eastings or longitudes first. Raises ProjError."""
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


@lru_cache(maxsize=_KEPT)
def system(code: str) -> pyproj.CRS:
    """A reference system by its code. Raises CRSError."""
    return pyproj.CRS.from_user_input(code)
