"""Scenes of .SAFE folders, the form in which ESA delivers products."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

from inference.composites.area import cells_of
from inference.composites.assets import opened
from inference.composites.bands import CLASSIFICATION, REFLECTANCE, SCALE, fitness
from inference.composites.scenes import Asset, Scene, overpass_of, radiometry
from inference.errors import MissingBand, OffGrid, UnreadableImagery

METADATA = "MTD_MSIL2A.xml"

_IMAGE = re.compile(r"_(B\d[\dA]|SCL)_(\d{2})m\.(?:jp2|tif)")
_BAND_IDS = (*REFLECTANCE[:10], "B10", *REFLECTANCE[10:])
"""Bands in the order of the metadata's band_id."""


def scenes(folders: Sequence[Path], *, offset: int | None = None) -> list[Scene]:
    """Scenes of .SAFE folders, or of folders that contain some. Raises ImageryError."""
    products: list[Path] = []
    for folder in folders:
        inside = [folder] if (folder / METADATA).is_file() else sorted(folder.glob("*.SAFE"))
        if not inside:
            raise UnreadableImagery(
                str(folder), found=f"no {METADATA}", expected="a .SAFE folder of Level-2A"
            )
        products.extend(inside)
    return [_scene(product, offset=offset) for product in products]


def _scene(folder: Path, *, offset: int | None) -> Scene:
    name, metadata = folder.name, _Metadata(folder / METADATA)
    found: dict[str, tuple[tuple[int, int], Path]] = {}
    for path in sorted((folder / "GRANULE").rglob("*")):
        match = _IMAGE.search(path.name)
        if match is None or "IMG_DATA" not in path.parts:
            continue
        candidate = fitness(match[1], int(match[2])), path
        found[match[1]] = min(found.get(match[1], candidate), candidate)
    scl = found.pop(CLASSIFICATION, None)
    if scl is None:
        raise MissingBand(
            name,
            found=f"images of {', '.join(found) or 'nothing'}",
            expected="the scene classification (SCL) among them",
            hint="Is it a product of Level-2A, and its copy complete?",
        )
    with opened(str(scl[1])) as dataset:
        if dataset.crs is None:
            raise OffGrid(name, found="no reference system", expected="UTM, as in any product")
        footprint = cells_of(tuple(dataset.bounds), crs=dataset.crs, name=name)
    day = metadata.day
    bands = {}
    for band, (_, path) in sorted(found.items()):
        scale, shift = radiometry(
            metadata.baseline,
            of=name,
            scale=metadata.scale,
            offset=metadata.offset_of(band),
            forced=offset,
        )
        bands[band] = Asset(str(path), scale=scale, offset=shift)
    return Scene(
        name=name,
        day=day,
        overpass=overpass_of(metadata.datatake, metadata.product, name, day=day),
        baseline=metadata.baseline,
        footprint=footprint,
        bands=bands,
        classification=Asset(str(scl[1])),
    )


class _Metadata:
    """The needed parts of MTD_MSIL2A.xml. Raises UnreadableImagery."""

    def __init__(self, path: Path) -> None:
        name = f"{path.parent.name}/{path.name}"
        try:
            self._root = ElementTree.parse(path).getroot()
            self.baseline = self._text("PROCESSING_BASELINE")
            self.product = self._text("PRODUCT_URI")
            taken = self._text("PRODUCT_START_TIME")[:10]
            self.day = date.fromisoformat(taken) if taken else None
            self.scale = 1 / float(self._text("BOA_QUANTIFICATION_VALUE") or SCALE)
            self._offsets = {
                _BAND_IDS[int(element.attrib["band_id"])]: float(element.text or 0)
                for element in self._root.iter("BOA_ADD_OFFSET")
            }
        except (OSError, ElementTree.ParseError, KeyError, IndexError, ValueError) as error:
            raise UnreadableImagery(
                name, found=" ".join(str(error).split()), expected="metadata of a Level-2A product"
            ) from error
        datatake = next(self._root.iter("Datatake"), None)
        self.datatake = datatake.get("datatakeIdentifier", "") if datatake is not None else ""

    def offset_of(self, band: str) -> float | None:
        """Offset in reflectance. None if the metadata list none, as before baseline 04.00."""
        return self._offsets[band] * self.scale if band in self._offsets else None

    def _text(self, tag: str) -> str:
        element = next(self._root.iter(tag), None)
        return (element.text or "").strip() if element is not None else ""
