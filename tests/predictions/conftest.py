"""A small network with chance weights, imagery of the small region, and folders of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import rasterio
from django.test import override_settings
from rasterio.transform import from_origin

from inference.composites.bands import MISSING
from tests.region import NORTH, SIDE, WEST

BANDS = ("B02", "B04", "B08")


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[Path]:
    """Empty folders of checkpoints, imagery and predictions below one."""
    with override_settings(
        CLCPLUS_CHECKPOINTS=tmp_path / "checkpoints",
        CLCPLUS_IMAGERY=tmp_path / "imagery",
        CLCPLUS_PREDICTIONS=tmp_path / "predictions",
        CLCPLUS_STAC="",
    ):
        (tmp_path / "imagery").mkdir()
        yield tmp_path


def write_composite(
    path: Path, *, bands: tuple[str, ...] = (*BANDS, "observations"), cloud: bool = False
) -> Path:
    """A composite of the small region: noise, or nothing but cloud."""
    random = np.random.default_rng(5)
    cells = random.integers(0, 5_000, size=(len(bands), SIDE, SIDE)).astype(np.int16)
    if cloud:
        cells[:] = MISSING
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=SIDE,
        height=SIDE,
        count=len(bands),
        dtype="int16",
        crs="EPSG:3035",
        transform=from_origin(WEST, NORTH, 10, 10),
        nodata=MISSING,
    ) as dataset:
        dataset.write(cells)
        dataset.descriptions = bands
        dataset.update_tags(SEASONS="2024-06-01/2024-08-31")
    return path


@pytest.fixture
def composite(folders: Path) -> Path:
    """Imagery of 2024."""
    return write_composite(folders / "imagery" / "composite-2024.tif")


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a checkpoint, as training leaves it."""
    torch = pytest.importorskip("torch")
    from inference.checkpoint import Checkpoint, Label, Training, save
    from inference.networks.architectures import Architecture, build

    torch.manual_seed(7)
    architecture = Architecture(name="segformer-small", bands=len(BANDS), labels=3)
    folder = tmp_path_factory.mktemp("trained") / "first"
    save(
        folder,
        Checkpoint(
            architecture=architecture,
            bands=BANDS,
            mean=(0.2, 0.2, 0.2),
            std=(0.1, 0.1, 0.1),
            labels=(Label(1, "Sealed"), Label(6, "Herbs"), Label(7, "Crops")),
            window=32,
            training=Training(areas=("1", "2"), years=(2023,), product="clcplus"),
            metrics={"validation": {"classes": {"1": {"iou": 0.7, "f1": 0.82}}}},
        ),
        build(architecture),
    )
    return folder
