"""Finished pieces of a prediction in a working folder, so that a killed prediction can continue.

A piece is done once the journal has its line. The line is written after the rasters are on disk.
The journal begins with the task and the plan. Pieces of another task or plan are thrown away. GDAL
assembles the rasters of the prediction block by block, so memory does not grow with the area.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, astuple
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, tostring

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.errors import RasterioError

from analytics.grid import Window
from analytics.nomenclature import COLOUR_TABLE, NO_DATA
from analytics.rasters import copy_as_cog, first_line
from inference.errors import UnwritableOutput
from inference.output import write_to_disk, writing
from inference.prediction.files import (
    DESCRIPTION,
    MISSING_PROBABILITY,
    Prediction,
    Task,
    write,
)
from inference.rasters import geotiff, mosaic

FOLDER = ".unfinished"
_BLOCK = 256
"""Side of a block of a piece's rasters, in cells."""
_JOURNAL = "journal.jsonl"
_ROOM = "a folder with room and permission to write"


class Pieces:
    """The working folder of one task. ``plan`` describes how the task is cut into pieces."""

    def __init__(self, folder: Path, task: Task, *, plan: str) -> None:
        self.folder = folder
        self.done: dict[Window, tuple[Counter[int], int]] = {}
        """Cells by code, and the sum of the stored probabilities of sealed. Whole numbers, so their
        order does not matter."""
        self._journal = folder / _JOURNAL
        header = json.dumps({"plan": plan, **asdict(task)}, sort_keys=True)
        lines = self._whole_lines()
        if lines[:1] != [header]:
            lines = []
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            write_to_disk(self._journal, (header + "\n").encode())
        for line in map(json.loads, lines[1:]):
            cells = Counter({int(code): cells for code, cells in line["cells"].items()})
            self.done[Window(*line["window"])] = cells, line["stored_sum"]

    def add(
        self,
        window: Window,
        *,
        codes: npt.NDArray[np.uint8],
        stored: npt.NDArray[np.uint16],
        cells: Counter[int],
        stored_sum: int,
    ) -> None:
        """Write codes and stored probabilities, both (height, width). Raises UnwritableOutput."""
        line = {
            "window": astuple(window),
            "observed": cells.total(),
            "cells": dict(sorted(cells.items())),
            "stored_sum": stored_sum,
        }
        with writing(self.folder, expected=_ROOM):
            write_to_disk(self.path(window, "classes"), geotiff(codes[None], window, side=_BLOCK))
            write_to_disk(self.path(window, "sealed"), geotiff(stored[None], window, side=_BLOCK))
            with self._journal.open("a", encoding="utf-8") as journal:
                journal.write(json.dumps(line) + "\n")
                journal.flush()
                os.fsync(journal.fileno())
        self.done[window] = cells, stored_sum

    def path(self, window: Window, kind: str) -> Path:
        """Raster of a piece. ``kind`` is "classes" or "sealed"."""
        return self.folder / f"{window.row}-{window.column}.{kind}.tif"

    def _whole_lines(self) -> list[str]:
        """Complete lines of the journal. An incomplete last line is removed."""
        try:
            text = self._journal.read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        whole = text[: text.rfind("\n") + 1]
        if whole != text:
            self._journal.write_text(whole, encoding="utf-8")
        return whole.splitlines()


@contextmanager
def open_pieces(out: Path, task: Task, *, plan: str) -> Iterator[Pieces]:
    """Open the pieces of a task in ``out``, locked for this process. Raises UnwritableOutput."""
    with writing(out, expected=_ROOM):
        out.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(out, os.O_RDONLY)
    try:
        with writing(out, expected=_ROOM):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UnwritableOutput(
                    str(out),
                    found="another prediction at work in it",
                    expected="a folder of its own",
                ) from None
            pieces = Pieces(out / FOLDER, task, plan=plan)
        yield pieces
    finally:
        os.close(descriptor)


def remove_pieces(out: Path) -> None:
    """Remove the working folder, and ``out`` if it is empty then."""
    shutil.rmtree(out / FOLDER, ignore_errors=True)
    if not any(out.iterdir()):
        out.rmdir()


def assemble(pieces: Pieces, prediction: Prediction) -> None:
    """Write the rasters and the description of a prediction with all its pieces.

    The old description is removed first and the new one written last. A description means that all
    files are complete. Raises UnwritableOutput.
    """
    out = prediction.folder
    classes = _mosaic(pieces, prediction, "classes", data_type="Byte", missing=NO_DATA)
    _add_colours(classes)
    sealed = _mosaic(pieces, prediction, "sealed", data_type="UInt16", missing=MISSING_PROBABILITY)
    with writing(out, expected="room and permission to write"):
        try:
            # A majority would remove roads and villages. Every second cell keeps their share.
            new_classes = _copy(
                classes, pieces.folder / prediction.classes.name, resampling="NEAREST"
            )
            new_sealed = _copy(
                sealed,
                pieces.folder / prediction.probability.name,
                resampling="AVERAGE",
                PREDICTOR="STANDARD",
            )
        except RasterioError as error:
            raise UnwritableOutput(
                str(out),
                found=first_line(error),
                expected="its finished pieces readable",
                hint=f"Remove {pieces.folder} and predict again",
            ) from error
        (out / DESCRIPTION).unlink(missing_ok=True)
        new_classes.replace(prediction.classes)
        new_sealed.replace(prediction.probability)
        write(prediction)


def _copy(described: Element, path: Path, *, resampling: str, **options: str) -> Path:
    source = path.with_suffix(".vrt")
    source.write_bytes(tostring(described))
    with rasterio.open(source) as dataset:
        copy_as_cog(dataset, path, resampling=resampling, threads="ALL_CPUS", **options)
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return path


def _mosaic(
    pieces: Pieces, prediction: Prediction, kind: str, *, data_type: str, missing: int
) -> Element:
    """A virtual raster of all pieces of a kind."""
    windows = sorted(pieces.done, key=lambda piece: (piece.row, piece.column))
    return mosaic(
        prediction.window,
        {window: pieces.path(window, kind) for window in windows},
        names=[""],
        data_type=data_type,
        missing=missing,
        side=_BLOCK,
    )


def _add_colours(classes: Element) -> None:
    """Add the official colours to the raster of codes."""
    band = classes.find("VRTRasterBand")
    assert band is not None
    SubElement(band, "ColorInterp").text = "Palette"
    table = SubElement(band, "ColorTable")
    for code in range(256):
        red, green, blue, alpha = COLOUR_TABLE.get(code, (0, 0, 0, 255))
        SubElement(table, "Entry", c1=str(red), c2=str(green), c3=str(blue), c4=str(alpha))
