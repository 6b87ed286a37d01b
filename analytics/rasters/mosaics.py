"""Mosaics: stored tiles of the 10 m grid as one raster, whose cells GDAL reads on demand (VRT)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from analytics.grid import CELL_SIZE, EPSG, Window
from analytics.nomenclature import NO_DATA
from analytics.rasters.block_rows import COG_BLOCK


@dataclass(frozen=True, slots=True)
class MosaicTile:
    """A tile: the name by which GDAL opens it, and its cells in the whole grid."""

    source: str
    window: Window


def write_mosaic(tiles: Sequence[MosaicTile], *, window: Window, path: Path) -> None:
    """Write a VRT of bytes over ``window``, with tiles that lie in it and do not overlap;
    NO_DATA between them."""
    west, _, _, north = window.bounds
    parts = "".join(_source(tile, window) for tile in tiles)
    path.write_text(
        f'<VRTDataset rasterXSize="{window.width}" rasterYSize="{window.height}">\n'
        f"<SRS>EPSG:{EPSG}</SRS>\n"
        f"<GeoTransform>{west}, {CELL_SIZE}, 0, {north}, 0, -{CELL_SIZE}</GeoTransform>\n"
        f'<VRTRasterBand dataType="Byte" band="1"><NoDataValue>{NO_DATA}</NoDataValue>\n'
        f"{parts}</VRTRasterBand></VRTDataset>\n",
        encoding="utf-8",
    )


def _source(tile: MosaicTile, window: Window) -> str:
    of = tile.window
    size = f'xSize="{of.width}" ySize="{of.height}"'
    # With its properties, a tile is opened only where cells of it are read.
    return (
        "<SimpleSource>"
        f'<SourceFilename relativeToVRT="0" shared="0">{escape(tile.source)}</SourceFilename>'
        "<SourceBand>1</SourceBand>"
        f'<SourceProperties RasterXSize="{of.width}" RasterYSize="{of.height}" DataType="Byte"'
        f' BlockXSize="{COG_BLOCK}" BlockYSize="{COG_BLOCK}"/>'
        f'<SrcRect xOff="0" yOff="0" {size}/>'
        f'<DstRect xOff="{of.column - window.column}" yOff="{of.row - window.row}" {size}/>'
        "</SimpleSource>\n"
    )
