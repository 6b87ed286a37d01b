"""One small region for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import rasterio
from rasterio.merge import merge

from demonstration.build import build

SIZE_KM = 8
SEED = 2018
YEARS = (2018, 2021, 2023)

Cells = npt.NDArray[np.uint8]


@pytest.fixture(scope="session")
def region(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(
        folder=tmp_path_factory.mktemp("demonstration") / "region", seed=SEED, size_km=SIZE_KM
    )


def read(path: Path) -> Cells:
    with rasterio.open(path) as file:
        return np.asarray(file.read(1))


@pytest.fixture(scope="session")
def truth(region: Path) -> dict[int, Cells]:
    return {year: read(region / f"truth/{year}.tif") for year in YEARS}


@pytest.fixture(scope="session")
def editions(region: Path) -> dict[int, Cells]:
    return {
        2018: read(next((region / "editions/2018").glob("*.tif"))),
        2021: read(next((region / "editions/2021").glob("*.tif"))),
        2023: merge(sorted((region / "editions/2023").glob("*.tif")))[0][0],
    }
