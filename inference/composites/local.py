"""Scenes of local files: one raster with all bands, named by their descriptions or the caller."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from rasterio.io import DatasetReader

from inference.composites.area import cells_of
from inference.composites.assets import opened
from inference.composites.bands import CLASSIFICATION, SCALE, band_of
from inference.composites.scenes import Asset, Scene
from inference.errors import MissingBand, OffGrid

_DATE = re.compile(r"(?<!\d)(20\d\d)-?(\d\d)-?(\d\d)(?!\d)")


def scenes(
    paths: Sequence[Path], *, names: Sequence[str] = (), offset: int | None = None
) -> list[Scene]:
    """One scene for each file. ``names`` are the bands of each file, in order, where the files do
    not describe them. A band SCL is the classification; without one nothing is masked.

    Stored numbers become reflectance by the file's scale and offset. Without these they are
    reflectance × 10 000. ``offset``, in stored numbers, replaces the file's. Raises ImageryError.
    """
    return [_scene(path, names=names, offset=offset) for path in paths]


def _scene(path: Path, *, names: Sequence[str], offset: int | None) -> Scene:
    with opened(str(path)) as dataset:
        bands = _bands(dataset, path, names, offset)
        if dataset.crs is None:
            raise OffGrid(
                path.name, found="no reference system", expected="one that the file declares"
            )
        footprint = cells_of(tuple(dataset.bounds), crs=dataset.crs, name=path.name)
    return Scene(
        name=path.name,
        day=_day(path.stem),
        overpass=str(path),
        baseline="",
        footprint=footprint,
        classification=bands.pop(CLASSIFICATION, None),
        bands=bands,
    )


def _bands(
    dataset: DatasetReader, path: Path, names: Sequence[str], offset: int | None
) -> dict[str, Asset]:
    given = list(names) or [description or "" for description in dataset.descriptions]
    known = [band_of(name) for name in given]
    if len(given) != dataset.count or not any(known) or (names and None in known):
        raise MissingBand(
            path.name,
            found=f"{dataset.count} band(s) called {', '.join(name or '–' for name in given)}",
            expected="a name of a band, such as B04, for each",
            hint="Name them in the file's order: --file-bands B04,B03,B02,B08",
        )
    bands: dict[str, Asset] = {}
    for index, band in enumerate(known, start=1):
        if band is None:
            continue
        if band in bands:
            raise MissingBand(path.name, found=f"{band} twice", expected="each band once")
        scale, shift = dataset.scales[index - 1], dataset.offsets[index - 1]
        if (scale, shift) == (1, 0):
            scale = 1 / SCALE
        if offset is not None:
            shift = offset * scale
        if band == CLASSIFICATION:
            scale, shift = 1.0, 0.0
        bands[band] = Asset(str(path), index=index, scale=scale, offset=shift)
    return bands


def _day(stem: str) -> date | None:
    match = _DATE.search(stem)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None
