"""A real scene, from its file to the rasters of a prediction; its network's weights are random."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio

from inference.__main__ import main
from inference.composites.composite import open_bands, open_composite
from inference.networks.architectures import Architecture
from inference.prediction.files import read
from tests.inference.small_network import description, saved
from tests.inference.test_predict import rasters

SCENE = "sentinel2/scene/demmin_4bands.tif"
BANDS = ("B04", "B03", "B02", "B08")


def test_a_real_scene_is_predicted_end_to_end(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = shared_data / SCENE
    if not source.is_file():
        pytest.skip(f"no {SCENE}")
    composite, out = tmp_path / "composite.tif", tmp_path / "out"
    assert main(["compose", "--files", str(source), "-o", str(composite)]) == 0
    described = description(
        window=128, architecture=Architecture("segformer-small", bands=4, labels=3)
    )
    model = saved(tmp_path / "checkpoint", replace(described, bands=BANDS))
    arguments = [str(model), str(composite), "-o", str(out), "--device", "cpu"]
    capsys.readouterr()
    assert main(["predict", *arguments]) == 0
    assert "taken by name" in capsys.readouterr().err  # red comes first in the checkpoint
    found = read(out)
    assert found.window == open_composite(composite).window
    with open_bands(open_composite(composite), BANDS) as reader:
        missing = np.isnan(reader.read(found.window)).any(axis=0)
    classes, stored = rasters(found)
    # A scene in degrees lies askew in the grid.
    assert 0.85 < found.observed / found.window.cells < 0.93
    assert ((classes == 255) == missing).all()
    assert ((stored == 65_535) == missing).all()
    assert np.ptp(stored[~missing].astype(int)) > 0
    with rasterio.open(found.classes) as dataset:
        assert tuple(map(int, dataset.bounds)) == found.window.bounds
