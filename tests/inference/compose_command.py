"""The command ``compose`` as tests run it, and its composite as arrays by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio

from inference.__main__ import main
from inference.composites.composite import open_composite
from tests.inference.sentinel import WEST_TILE, Tile
from tests.inference.stac_server import Catalogue

SUMMER = "2024-06-01/2024-08-31"


def inside(tile: Tile = WEST_TILE, margin: float = 0.01) -> str:
    """``--bbox`` of the middle of a tile; ``margin`` in degrees is left out round it."""
    west, south, east, north = tile.degrees
    return f"--bbox={west + margin},{south + margin},{east - margin},{north - margin}"


def compose(*arguments: object, out: Path, season: str = SUMMER) -> int:
    """Exit status of the command, which does not wait long for what does not answer."""
    patience = ["--attempts", "2", "--timeout", "2"]
    told = ["compose", *patience, *map(str, arguments), "--season", season, "-o", str(out)]
    return main(told)


def compose_from(catalogue: Catalogue, *arguments: object, out: Path, season: str = SUMMER) -> int:
    """The same from a catalogue, over the middle of the western tile unless said otherwise."""
    where = [] if any(str(a).startswith(("--bbox", "--zones")) for a in arguments) else [inside()]
    return compose("--stac", catalogue.address, *where, *arguments, out=out, season=season)


def bands_of(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Bands of a composite that the model's reader takes, by name, as stored."""
    composite = open_composite(path)
    with rasterio.open(path) as dataset:
        return dict(zip(composite.bands, dataset.read(), strict=True))


def only(cells: npt.NDArray[Any]) -> int:
    """The one value of a constant band."""
    (value,) = np.unique(cells)
    return int(value)
