"""Small made-up scenes: a composite, the land cover that it shows, and territories side by side."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.transform import from_origin

from analytics.grid import CELL_SIZE, EPSG, Window
from inference.composites.bands import MISSING
from tests.rasters import write_raster

ROW, COLUMN = 769_000, 378_936
"""First cell of the scenes; on no multiple of a window's side but 8."""
BANDS = ("B02", "B04", "B08", "NDVI")
SPECTRA = {1: (1500, 1800, 2200, 1000), 3: (300, 250, 3500, 8600), 7: (900, 1300, 2300, 2800)}
"""Stored values of each class: sealed, trees, crops."""


def blobs(height: int, width: int, *, seed: int) -> npt.NDArray[np.uint8]:
    """Classes 1, 3 and 7 in patches of 6 × 6 cells."""
    generator = np.random.default_rng(seed)
    coarse = generator.choice([1, 3, 7], size=(-(-height // 6), -(-width // 6)))
    return np.kron(coarse, np.ones((6, 6))).astype(np.uint8)[:height, :width]


def spectra(codes: npt.NDArray[np.uint8], *, seed: int, noise: float = 150) -> npt.NDArray[Any]:
    """Imagery of land cover, int16, (bands, height, width)."""
    lookup = np.zeros((256, len(BANDS)))
    for code, values in SPECTRA.items():
        lookup[code] = values
    generator = np.random.default_rng(seed)
    clean = lookup[codes].transpose(2, 0, 1)
    return (clean + generator.normal(0, noise, clean.shape)).astype(np.int16)


def write_composite(
    path: Path,
    stored: npt.NDArray[Any],
    *,
    bands: Sequence[str] = BANDS,
    row: int = ROW,
    column: int = COLUMN,
) -> Path:
    """Write imagery as composites are stored."""
    west, _, _, north = Window(row, column, 1, 1).bounds
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=len(stored),
        height=stored.shape[1],
        width=stored.shape[2],
        dtype="int16",
        nodata=MISSING,
        crs=f"EPSG:{EPSG}",
        transform=from_origin(west, north, CELL_SIZE, CELL_SIZE),
    ) as dataset:
        dataset.write(stored.astype(np.int16))
        dataset.descriptions = tuple(bands)
    return path


def write_reference(
    path: Path, codes: npt.NDArray[Any], *, row: int = ROW, column: int = COLUMN
) -> Path:
    """Write land cover."""
    west, _, _, north = Window(row, column, 1, 1).bounds
    return write_raster(path, codes, west=west, north=north)


def write_territories(path: Path, windows: dict[str, Window]) -> Path:
    """Write rectangles of cells as territories with a code."""
    features = []
    for code, window in windows.items():
        west, south, east, north = window.bounds
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        features.append(
            {
                "type": "Feature",
                "properties": {"code": code},
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
        )
    name = {"name": f"urn:ogc:def:crs:EPSG::{EPSG}"}
    document = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": name},
        "features": features,
    }
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def side_by_side(codes: Sequence[str], *, height: int, width: int) -> dict[str, Window]:
    """Territories of one height, from west to east over ``width`` cells."""
    edges = [round(width * i / len(codes)) for i in range(len(codes) + 1)]
    return {
        code: Window(ROW, COLUMN + edges[i], height, edges[i + 1] - edges[i])
        for i, code in enumerate(codes)
    }


@dataclass(frozen=True, slots=True)
class Scene:
    """Files of a scene."""

    composite: Path
    reference: Path
    territories: Path
    codes: npt.NDArray[np.uint8]
    stored: npt.NDArray[Any]


def of(folder: Path) -> Scene:
    """The scene that was made in a folder."""
    with (
        rasterio.open(folder / "composite.tif") as composite,
        rasterio.open(folder / "reference.tif") as reference,
    ):
        return Scene(
            composite=folder / "composite.tif",
            reference=folder / "reference.tif",
            territories=folder / "territories.geojson",
            codes=reference.read(1),
            stored=composite.read(),
        )


def make_scene(
    folder: Path, *, height: int = 96, width: int = 192, seed: int = 0, noise: float = 150
) -> Scene:
    """A scene with territories A, B, C, D, each a quarter of its width."""
    folder.mkdir(parents=True, exist_ok=True)
    codes = blobs(height, width, seed=seed)
    stored = spectra(codes, seed=seed + 1, noise=noise)
    return Scene(
        composite=write_composite(folder / "composite.tif", stored),
        reference=write_reference(folder / "reference.tif", codes),
        territories=write_territories(
            folder / "territories.geojson", side_by_side("ABCD", height=height, width=width)
        ),
        codes=codes,
        stored=stored,
    )
