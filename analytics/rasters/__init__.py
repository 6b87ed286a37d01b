"""Rasters of classes: inspected, read by window, written, stored."""

from analytics.rasters.block_rows import COG_BLOCK
from analytics.rasters.cells import first_line
from analytics.rasters.grids import RasterGrid, open_grid, platform_grid
from analytics.rasters.mosaics import MosaicTile, write_mosaic
from analytics.rasters.sources import (
    Codes,
    Progress,
    ReadCodes,
    Source,
    check_disjoint,
    content_hash,
    copy_as_cog,
    file_hash,
    find_sources,
    inspect,
    read_part,
    read_sources,
    write_cog,
    write_confidence_cog,
    write_share_cog,
)
from analytics.rasters.store import Store, open_store

__all__ = [
    "COG_BLOCK",
    "Codes",
    "MosaicTile",
    "Progress",
    "RasterGrid",
    "ReadCodes",
    "Source",
    "Store",
    "check_disjoint",
    "content_hash",
    "copy_as_cog",
    "file_hash",
    "find_sources",
    "first_line",
    "inspect",
    "open_grid",
    "open_store",
    "platform_grid",
    "read_part",
    "read_sources",
    "write_cog",
    "write_confidence_cog",
    "write_mosaic",
    "write_share_cog",
]
