"""A prediction on a GPU: the cells of the CPU's, within what bfloat16 leaves of a probability."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from analytics.grid import Window
from inference.prediction import predictor as predict_module
from inference.prediction import probabilities
from inference.prediction.predictor import predict
from tests.inference.small_network import description, imagery, small_network, write_composite
from tests.inference.test_predict import rasters

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU"),
]


@pytest.fixture(autouse=True)
def composite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(predict_module, "load", lambda _folder: (description(), small_network()))
    write_composite(tmp_path / "composite.tif", imagery(height=90, width=110))
    return tmp_path / "composite.tif"


def stored(composite: Path, out: str, **options: object) -> np.ndarray:
    """Probabilities; 65535 where missing."""
    found = predict(
        checkpoint=composite,
        composite=composite,
        out=composite.parent / out,
        **options,  # type: ignore[arg-type]
    )
    assert found is not None
    return rasters(found)[1].astype(int)


def test_it_finds_what_a_cpu_finds(composite: Path) -> None:
    cpu, gpu = (stored(composite, device, device=device) for device in ("cpu", "cuda"))
    assert ((cpu == 65_535) == (gpu == 65_535)).all()
    assert np.abs(cpu - gpu).max() <= 300
    assert abs((cpu - gpu).mean()) <= 10


@pytest.mark.parametrize("batch", [1, 3, 16])
def test_batch_and_part_change_nothing(composite: Path, batch: int) -> None:
    whole = stored(composite, "whole", device="cuda")
    row, column, side = 500_020, 400_030, 50
    part = stored(
        composite,
        f"part{batch}",
        device="cuda",
        batch_size=batch,
        window=Window(row, column, side, side),
    )
    assert np.abs(whole[17 : 17 + side, 25 : 25 + side] - part).max() <= 11


def test_a_compiled_network_finds_the_same(
    composite: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    eager = stored(composite, "eager", device="cuda")
    monkeypatch.setattr(probabilities, "COMPILED_FROM", 1)
    compiled = stored(composite, "compiled", device="cuda")
    assert np.abs(eager - compiled).max() <= 300
    assert "not compiled" not in capsys.readouterr().err
