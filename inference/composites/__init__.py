"""Composites: seasonal medians of Sentinel-2 L2A on the 10 m grid, made and read.

A source (``catalogue``, ``safe``, ``local``) gives scenes. ``plans`` sorts them into seasons and
overpasses. ``composition`` reads them block by block, takes medians and writes the composite.
"""

from inference.composites.bands import (
    BANDS,
    INDICES,
    MISSING,
    OBSERVATIONS,
    REFLECTANCE,
    SCALE,
    band_of,
)
from inference.composites.composite import (
    Composite,
    CompositeReader,
    Imagery,
    open_bands,
    open_composite,
)

# Some of these are modules. They load when they are imported: `catalogue` needs the packages of the
# model.
__all__ = [
    "BANDS",
    "INDICES",
    "MISSING",
    "OBSERVATIONS",
    "REFLECTANCE",
    "SCALE",
    "Composite",
    "CompositeReader",
    "Imagery",
    "area",
    "assets",
    "band_of",
    "blocks",
    "catalogue",
    "composition",
    "local",
    "observation",
    "open_bands",
    "open_composite",
    "plans",
    "safe",
    "scenes",
    "seasons",
]
