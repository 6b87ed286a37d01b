"""A raster of a country's size from a pair of editions: a VRT that repeats it, out of step.

Each column of copies starts further down in the files, so that no block is read twice within a
span of thousands of rows: a cache of decoded blocks spares nothing.
"""

from __future__ import annotations

from pathlib import Path

from rasterio.crs import CRS

from tests.benchmarks.inputs import built
from tests.benchmarks.landscape import BLOCK, CELL, NORTH, WEST, Pair

_COLUMNS = 5  # of copies, after which the steps begin again


def country(base: Pair, *, side: int) -> Pair:
    """Two editions of ``side`` × ``side`` cells that repeat the cells of ``base``."""

    def build(folder: Path) -> None:
        for path in base.paths:
            (folder / f"{path.stem}.vrt").write_text(repeated(path, base.side, side))

    folder = built(f"country-{side}-of-{base.side}", build)
    return Pair(earlier=folder / "earlier.vrt", later=folder / "later.vrt", side=side)


def repeated(path: Path, base: int, side: int) -> str:
    """The VRT of ``side`` × ``side`` cells that repeats those of a file of ``base`` × ``base``."""
    step = base // _COLUMNS // BLOCK * BLOCK
    sources = []
    for n, column in enumerate(range(0, side, base)):
        width = min(base, side - column)
        row, first = 0, n % _COLUMNS * step
        while row < side:
            height = min(base - first, side - row)
            sources.append(
                f'<SimpleSource><SourceFilename relativeToVRT="0">{path}</SourceFilename>'
                "<SourceBand>1</SourceBand>"
                f'<SourceProperties RasterXSize="{base}" RasterYSize="{base}" DataType="Byte" '
                f'BlockXSize="{BLOCK}" BlockYSize="{BLOCK}"/>'
                f'<SrcRect xOff="0" yOff="{first}" xSize="{width}" ySize="{height}"/>'
                f'<DstRect xOff="{column}" yOff="{row}" xSize="{width}" ySize="{height}"/>'
                "</SimpleSource>"
            )
            row, first = row + height, 0
    return (
        f'<VRTDataset rasterXSize="{side}" rasterYSize="{side}">'
        f"<SRS>{_escaped(CRS.from_epsg(3035).to_wkt())}</SRS>"
        f"<GeoTransform>{WEST}, {CELL}, 0, {NORTH}, 0, {-CELL}</GeoTransform>"
        f'<VRTRasterBand dataType="Byte" band="1">{"".join(sources)}</VRTRasterBand></VRTDataset>'
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
