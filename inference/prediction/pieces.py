"""Finished pieces of a prediction in a working folder, so that a killed prediction can continue.

A piece is done once the journal has its line. The line is written after the rasters are on disk.
The journal begins with the task and the plan. Pieces of another task or plan are thrown away.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rasterio.crs import CRS
from rasterio.io import MemoryFile
from rasterio.transform import from_origin

from analytics.grid import CELL_SIZE, EPSG, Window
from inference.errors import UnwritableOutput
from inference.prediction.files import Task, task_to_json

FOLDER = ".unfinished"
_JOURNAL = "journal.jsonl"
_BLOCK = 256


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of one or more pieces. Whole numbers, so their order does not matter."""

    observed: int = 0
    cells: Counter[int] = field(default_factory=Counter)
    """Cells by code."""
    stored_sum: int = 0
    """Sum of the stored probabilities of sealed."""

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.observed + other.observed,
            self.cells + other.cells,
            self.stored_sum + other.stored_sum,
        )


@dataclass(frozen=True, slots=True)
class Piece:
    """Finished cells: codes and stored probabilities, both (height, width)."""

    window: Window
    codes: npt.NDArray[np.uint8]
    stored: npt.NDArray[np.uint16]
    counts: Counts


class Pieces:
    """The working folder of one task. ``plan`` describes how the task is cut into pieces."""

    def __init__(self, folder: Path, task: Task, *, plan: str) -> None:
        self.folder = folder
        self.done: dict[Window, Counts] = {}
        self._journal = folder / _JOURNAL
        self._header = json.dumps({"plan": plan, **task_to_json(task)}, sort_keys=True)
        lines = self._whole_lines()
        if not lines or lines[0] != self._header:
            self._begin()
        else:
            for line in lines[1:]:
                window, counts = _from_line(json.loads(line))
                self.done[window] = counts

    def add(self, piece: Piece) -> None:
        """Write a piece. Raises UnwritableOutput."""
        try:
            for kind, cells in (("classes", piece.codes), ("sealed", piece.stored)):
                _on_disk(self.path(piece.window, kind), _raster(cells, piece.window))
            with self._journal.open("a", encoding="utf-8") as journal:
                journal.write(json.dumps(_to_line(piece)) + "\n")
                journal.flush()
                os.fsync(journal.fileno())
        except OSError as error:
            raise _unwritable(self.folder, error) from error
        self.done[piece.window] = piece.counts

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

    def _begin(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        _on_disk(self._journal, (self._header + "\n").encode())


@contextmanager
def open_pieces(out: Path, task: Task, *, plan: str) -> Iterator[Pieces]:
    """Open the pieces of a task in ``out``, locked for this process. Raises UnwritableOutput."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(out, os.O_RDONLY)
    except OSError as error:
        raise _unwritable(out, error) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UnwritableOutput(
                str(out), found="another prediction at work in it", expected="a folder of its own"
            ) from None
        except OSError as error:
            raise _unwritable(out, error) from error
        try:
            pieces = Pieces(out / FOLDER, task, plan=plan)
        except OSError as error:
            raise _unwritable(out, error) from error
        yield pieces
    finally:
        os.close(descriptor)


def remove_pieces(out: Path) -> None:
    """Remove the working folder, and ``out`` if it is empty then."""
    shutil.rmtree(out / FOLDER, ignore_errors=True)
    if not any(out.iterdir()):
        out.rmdir()


def _unwritable(folder: Path, error: OSError) -> UnwritableOutput:
    return UnwritableOutput(
        str(folder),
        found=error.strerror or str(error),
        expected="a folder with room and permission to write",
    )


def _raster(cells: npt.NDArray[Any], window: Window) -> bytes:
    """A tiled GeoTIFF, made in memory, because GDAL reports a full disk only when it closes a
    file."""
    west, _, _, north = window.bounds
    with MemoryFile() as memory:
        with memory.open(
            driver="GTiff",
            height=window.height,
            width=window.width,
            count=1,
            dtype=cells.dtype,
            crs=CRS.from_epsg(EPSG),
            transform=from_origin(west, north, CELL_SIZE, CELL_SIZE),
            tiled=True,
            blockxsize=_BLOCK,
            blockysize=_BLOCK,
            compress="ZSTD",
            zstd_level=1,
        ) as dataset:
            dataset.write(cells, 1)
        content: bytes = memory.read()
    return content


def _on_disk(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _to_line(piece: Piece) -> dict[str, Any]:
    window, counts = piece.window, piece.counts
    return {
        "window": [window.row, window.column, window.height, window.width],
        "observed": counts.observed,
        "cells": {str(code): cells for code, cells in sorted(counts.cells.items())},
        "stored_sum": counts.stored_sum,
    }


def _from_line(line: Mapping[str, Any]) -> tuple[Window, Counts]:
    cells = Counter({int(code): int(cells) for code, cells in line["cells"].items()})
    return Window(*line["window"]), Counts(line["observed"], cells, line["stored_sum"])
