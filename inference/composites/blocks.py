"""Finished blocks in a folder beside the composite. They survive a kill, and the composite is made
from them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import rasterio
import rasterio.shutil
from rasterio.crs import CRS
from rasterio.errors import RasterioError
from rasterio.transform import from_origin

from analytics.grid import CELL_SIZE, EPSG, Window
from analytics.rasters import COG_BLOCK, first_line
from inference.composites.bands import MISSING
from inference.composites.medians import Stored
from inference.errors import UnwritableOutput

_IDENTITY = "identity"


class Blocks:
    """Blocks of one plan. Each is written completely or not at all. Blocks of another plan are
    removed."""

    def __init__(self, out: Path, *, identity: str, names: Sequence[str]) -> None:
        self.folder = out.with_name(f".{out.name}.blocks")
        self._out = out
        self._names = tuple(names)
        with self._writing():
            noted = self.folder / _IDENTITY
            if not noted.is_file() or noted.read_text() != identity:
                shutil.rmtree(self.folder, ignore_errors=True)
                self.folder.mkdir(parents=True)
                noted.write_text(identity)
            for partial in self.folder.glob("*.partial.tif"):
                partial.unlink()

    def is_done(self, block: Window) -> bool:
        """Whether a block is written."""
        return self._path(block).is_file()

    def done(self, blocks: Sequence[Window]) -> int:
        """How many of these blocks are written."""
        return sum(self.is_done(block) for block in blocks)

    def write(self, block: Window, cells: Stored) -> None:
        """Write a block, (bands, height, width). Raises UnwritableOutput."""
        path = self._path(block)
        partial = path.with_suffix(".partial.tif")
        west, _, _, north = block.bounds
        with self._writing():
            with rasterio.open(
                partial,
                "w",
                driver="GTiff",
                dtype="int16",
                count=len(self._names),
                height=block.height,
                width=block.width,
                nodata=MISSING,
                crs=CRS.from_epsg(EPSG),
                transform=from_origin(west, north, CELL_SIZE, CELL_SIZE),
                tiled=True,
                blockxsize=COG_BLOCK,
                blockysize=COG_BLOCK,
                compress="zstd",
                zstd_level=1,
                predictor=2,
            ) as dataset:
                dataset.write(cells)
            with partial.open("rb") as file:
                os.fsync(file.fileno())
            partial.rename(path)

    def observed(self, blocks: Sequence[Window]) -> list[bool]:
        """For each season, in the order of the names, whether any block has an observed cell."""
        counted = [i + 1 for i, name in enumerate(self._names) if name.endswith("observations")]
        seen = np.zeros(len(counted), dtype=bool)
        for block in blocks:
            with self._writing(), rasterio.open(self._path(block)) as dataset:
                seen |= (dataset.read(counted) > 0).any(axis=(1, 2))
            if seen.all():
                break
        return seen.tolist()

    def assemble(self, window: Window, blocks: Sequence[Window], *, tags: dict[str, str]) -> None:
        """Write the composite as a COG and remove its blocks. Raises UnwritableOutput."""
        mosaic = self.folder / "mosaic.vrt"
        partial = self._out.with_name(f".{self._out.name}.partial")
        # Otherwise GDAL keeps hundreds of blocks open, each with a decoded tile of all bands.
        with self._writing(), rasterio.Env(GDAL_MAX_DATASET_POOL_SIZE=4):
            mosaic.write_bytes(self._mosaic(window, blocks, tags))
            try:
                rasterio.shutil.copy(
                    mosaic,
                    partial,
                    driver="COG",
                    COMPRESS="ZSTD",
                    LEVEL="3",
                    PREDICTOR="YES",
                    BLOCKSIZE=COG_BLOCK,
                    OVERVIEW_RESAMPLING="AVERAGE",
                    NUM_THREADS="1",
                    BIGTIFF="IF_SAFER",
                )
                partial.replace(self._out)
            finally:
                partial.unlink(missing_ok=True)
        self.remove()

    def remove(self) -> None:
        """Remove the folder of blocks."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, block: Window) -> Path:
        return self.folder / f"{block.row}-{block.column}.tif"

    def _mosaic(self, window: Window, blocks: Sequence[Window], tags: dict[str, str]) -> bytes:
        west, _, _, north = window.bounds
        root = ElementTree.Element(
            "VRTDataset", rasterXSize=str(window.width), rasterYSize=str(window.height)
        )
        ElementTree.SubElement(root, "SRS").text = f"EPSG:{EPSG}"
        ElementTree.SubElement(
            root, "GeoTransform"
        ).text = f"{west}, {CELL_SIZE}, 0, {north}, 0, {-CELL_SIZE}"
        metadata = ElementTree.SubElement(root, "Metadata")
        for key, value in tags.items():
            ElementTree.SubElement(metadata, "MDI", key=key).text = value
        for position, name in enumerate(self._names, start=1):
            band = ElementTree.SubElement(
                root, "VRTRasterBand", dataType="Int16", band=str(position)
            )
            ElementTree.SubElement(band, "Description").text = name
            ElementTree.SubElement(band, "NoDataValue").text = str(MISSING)
            for block in blocks:
                self._place(band, block, window, position=position)
        return ElementTree.tostring(root)

    def _place(
        self, band: ElementTree.Element, block: Window, window: Window, *, position: int
    ) -> None:
        source = ElementTree.SubElement(band, "SimpleSource")
        ElementTree.SubElement(source, "SourceFilename", relativeToVRT="1").text = self._path(
            block
        ).name
        ElementTree.SubElement(source, "SourceBand").text = str(position)
        # Without these properties GDAL opens every block before it reads the first one.
        ElementTree.SubElement(
            source,
            "SourceProperties",
            RasterXSize=str(block.width),
            RasterYSize=str(block.height),
            DataType="Int16",
            BlockXSize=str(COG_BLOCK),
            BlockYSize=str(COG_BLOCK),
        )
        for tag, column, row in (
            ("SrcRect", 0, 0),
            ("DstRect", block.column - window.column, block.row - window.row),
        ):
            ElementTree.SubElement(
                source,
                tag,
                xOff=str(column),
                yOff=str(row),
                xSize=str(block.width),
                ySize=str(block.height),
            )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except (OSError, RasterioError) as error:
            found = error.strerror if isinstance(error, OSError) else None
            raise UnwritableOutput(
                str(self._out),
                found=found or first_line(error),
                expected="room and permission to write it and a folder beside it",
            ) from error
