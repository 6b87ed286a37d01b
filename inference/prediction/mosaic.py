"""From pieces to the rasters of a prediction. GDAL copies block by block, so memory does not grow
with the area."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, tostring

import rasterio
from rasterio.errors import RasterioError

from analytics.errors import RasterError
from analytics.grid import CELL_SIZE, EPSG, Window
from analytics.nomenclature import COLOUR_TABLE, NO_DATA
from analytics.rasters import copy_as_cog, first_line
from inference.errors import UnwritableOutput
from inference.prediction.files import (
    CLASSES,
    DESCRIPTION,
    MISSING_PROBABILITY,
    PROBABILITY,
    Prediction,
    write,
)
from inference.prediction.pieces import Pieces


def assemble(pieces: Pieces, prediction: Prediction) -> None:
    """Write the rasters and the description of a prediction with all its pieces.

    The old description is removed first and the new one written last. A description means that all
    files are complete. Raises UnwritableOutput.
    """
    window, out = prediction.window, prediction.folder
    classes = _mosaic(pieces, window, "classes", data_type="Byte", missing=NO_DATA)
    _colours(classes)
    sealed = _mosaic(pieces, window, "sealed", data_type="UInt16", missing=MISSING_PROBABILITY)
    try:
        # A majority would remove roads and villages. Every second cell keeps their share.
        _copy(classes, pieces.folder / CLASSES, resampling="NEAREST", options={})
        _copy(
            sealed,
            pieces.folder / PROBABILITY,
            resampling="AVERAGE",
            options={"PREDICTOR": "STANDARD"},
        )
        (out / DESCRIPTION).unlink(missing_ok=True)
        os.replace(pieces.folder / CLASSES, prediction.classes)
        os.replace(pieces.folder / PROBABILITY, prediction.probability)
        write(prediction)
    except RasterError as error:
        raise UnwritableOutput(str(out), found=error.found, expected=error.expected) from error
    except RasterioError as error:
        raise UnwritableOutput(
            str(out),
            found=first_line(error),
            expected="its finished pieces readable",
            hint=f"Remove {pieces.folder} and predict again",
        ) from error
    except OSError as error:
        raise UnwritableOutput(
            str(out), found=error.strerror or str(error), expected="room and permission to write"
        ) from error


def _copy(mosaic: Element, path: Path, *, resampling: str, options: Mapping[str, str]) -> None:
    described = path.with_suffix(".vrt")
    described.write_bytes(tostring(mosaic))
    partial = path.with_suffix(".partial.tif")
    with rasterio.open(described) as dataset:
        copy_as_cog(dataset, partial, resampling=resampling, threads="ALL_CPUS", **options)
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(path)


def _mosaic(pieces: Pieces, window: Window, kind: str, *, data_type: str, missing: int) -> Element:
    """A virtual raster, in GDAL's XML, of all pieces of a kind."""
    west, _, _, north = window.bounds
    root = Element("VRTDataset", rasterXSize=str(window.width), rasterYSize=str(window.height))
    SubElement(root, "SRS").text = f"EPSG:{EPSG}"
    SubElement(root, "GeoTransform").text = f"{west}, {CELL_SIZE}, 0, {north}, 0, -{CELL_SIZE}"
    band = SubElement(root, "VRTRasterBand", dataType=data_type, band="1")
    SubElement(band, "NoDataValue").text = str(missing)
    for piece in sorted(pieces.done, key=lambda piece: (piece.row, piece.column)):
        source = SubElement(band, "SimpleSource")
        name = SubElement(source, "SourceFilename", relativeToVRT="1")
        name.text = pieces.path(piece, kind).name
        SubElement(source, "SourceBand").text = "1"
        for rectangle, row, column in (
            ("SrcRect", 0, 0),
            ("DstRect", piece.row - window.row, piece.column - window.column),
        ):
            SubElement(
                source,
                rectangle,
                xOff=str(column),
                yOff=str(row),
                xSize=str(piece.width),
                ySize=str(piece.height),
            )
    return root


def _colours(mosaic: Element) -> None:
    """Add the official colours to the raster of codes."""
    band = mosaic.find("VRTRasterBand")
    assert band is not None
    SubElement(band, "ColorInterp").text = "Palette"
    table = SubElement(band, "ColorTable")
    for code in range(256):
        red, green, blue, alpha = COLOUR_TABLE.get(code, (0, 0, 0, 255))
        SubElement(table, "Entry", c1=str(red), c2=str(green), c3=str(blue), c4=str(alpha))
