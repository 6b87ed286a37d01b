"""Finished blocks beside the composite. They survive a kill; the composite is made from them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from xml.etree.ElementTree import SubElement, tostring

import numpy as np
import rasterio

from analytics.grid import Window
from analytics.rasters import COG_BLOCK, copy_as_cog
from inference.composites.bands import MISSING
from inference.composites.medians import Stored
from inference.output import write_to_disk, writing
from inference.rasters import geotiff, mosaic

_IDENTITY = "identity"


class Blocks:
    """Blocks of one plan, each complete. Blocks of another plan are removed."""

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

    def write(self, block: Window, cells: Stored) -> None:
        """Write a block, (bands, height, width). Raises UnwritableOutput."""
        path = self._path(block)
        partial = path.with_suffix(".partial.tif")
        with self._writing():
            write_to_disk(partial, geotiff(cells, block, side=COG_BLOCK, predictor=2))
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
        described = mosaic(
            window,
            {block: self._path(block) for block in blocks},
            names=self._names,
            data_type="Int16",
            missing=MISSING,
            side=COG_BLOCK,
        )
        metadata = SubElement(described, "Metadata")
        for key, value in tags.items():
            SubElement(metadata, "MDI", key=key).text = value
        source = self.folder / "mosaic.vrt"
        partial = self._out.with_name(f".{self._out.name}.partial")
        # Otherwise GDAL keeps hundreds of blocks open, each with a decoded tile of all bands.
        with self._writing(), rasterio.Env(GDAL_MAX_DATASET_POOL_SIZE=4):
            source.write_bytes(tostring(described))
            try:
                with rasterio.open(source) as dataset:
                    copy_as_cog(dataset, partial, resampling="AVERAGE", PREDICTOR="YES")
                partial.replace(self._out)
            finally:
                partial.unlink(missing_ok=True)
        self.remove()

    def remove(self) -> None:
        """Remove the folder of blocks."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, block: Window) -> Path:
        return self.folder / f"{block.row}-{block.column}.tif"

    def _writing(self) -> AbstractContextManager[None]:
        expected = "room and permission to write it and a folder beside it"
        return writing(self._out, expected=expected)
