"""Where GeoDjango finds GDAL and GEOS: the ones that rasterio and shapely bring.

One modern GDAL in the process instead of the distribution's beside it; nothing of the system is
needed.
"""

from __future__ import annotations

import importlib
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def _bundled(package: str, pattern: str) -> str:
    # Importing loads the library with its neighbours, which it cannot find by itself; opening it
    # once more by its path then gives that same copy.
    module = importlib.import_module(package)
    folder = Path(str(module.__file__)).parent.parent / f"{package}.libs"
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise ImproperlyConfigured(
            f"{folder}: found {len(found)} files {pattern}; expected the one that the wheel of "
            f"{package} brings. Install {package} from its wheel"
        )
    return str(found[0])


def gdal_library() -> str:
    """Path of rasterio's GDAL."""
    return _bundled("rasterio", "libgdal-*.so*")


def geos_library() -> str:
    """Path of shapely's GEOS."""
    return _bundled("shapely", "libgeos_c-*.so*")
