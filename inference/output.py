"""Files are written completely or not at all, and what prevents it is an error in one line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rasterio.errors import RasterioError

from analytics.errors import RasterError
from analytics.rasters import first_line
from inference.errors import UnwritableOutput


@contextmanager
def writing(place: Path, *, expected: str = "a folder to write to") -> Iterator[None]:
    """Turn errors of files and of GDAL into UnwritableOutput."""
    try:
        yield
    except (OSError, RasterioError, RasterError) as error:
        reason = getattr(error, "found", "") or getattr(error, "strerror", "")
        raise UnwritableOutput(
            str(place), found=reason or first_line(error), expected=expected
        ) from error


def write_text(path: Path, text: str) -> None:
    """Write a file in one move."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def write_json(path: Path, document: dict[str, Any]) -> None:
    """Write a JSON document for people and programs in one move."""
    write_text(path, json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def write_to_disk(path: Path, content: bytes) -> None:
    """Write a file, and return when the disk has it."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
