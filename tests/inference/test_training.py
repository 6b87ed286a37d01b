"""Training: the same result each time, nothing learnt that may not be, one line where it fails."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from inference import checkpoint as checkpoints
from inference.__main__ import main
from inference.checkpoint import Checkpoint
from inference.composites.bands import MISSING
from inference.errors import InferenceError, OutOfMemory, TrainingError
from inference.training import trainer as training
from inference.training.trainer import train
from tests.inference import scenery
from tests.inference.scenery import Scene
from tests.inference.trainings import lines, small


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return scenery.make_scene(tmp_path / "scene", height=32, width=128)


def done(found: Checkpoint | None) -> Checkpoint:
    assert found is not None
    return found


def test_learns_what_the_scene_shows_and_keeps_what_it_needs(scene: Scene, tmp_path: Path) -> None:
    options = {"batch": 64, "steps": 120, "learning_rate": 3e-3}
    found = done(
        train(configuration=small(scene, architecture="tempcnn", **options), out=tmp_path / "out")
    )
    assert found.metrics["validation"]["accuracy"] > 0.95
    assert found.metrics["validation"]["iou_sealed"] > 0.9
    read, network = checkpoints.load(tmp_path / "out/checkpoint")
    assert read == found
    assert read.codes == (1, 3, 7)
    assert read.training.areas == ("A", "B")
    assert read.training.years == (2023,)
    areas = read.training.configuration["areas"]
    assert (areas["validation"], areas["test"]) == (["C"], ["D"])
    assert not network.training
    assert not (tmp_path / "out/cache").exists()


def test_the_same_seed_gives_the_same_checkpoint(scene: Scene, tmp_path: Path) -> None:
    first = done(train(configuration=small(scene), out=tmp_path / "first"))
    second = done(train(configuration=small(scene), out=tmp_path / "second"))
    other = done(train(configuration=small(scene, seed=1), out=tmp_path / "other"))
    assert first == second
    assert first.identity == second.identity
    assert lines(tmp_path / "first") == lines(tmp_path / "second")
    assert other.weights_sha256 != first.weights_sha256


def test_nothing_of_the_test_territories_is_learnt(scene: Scene, tmp_path: Path) -> None:
    before = done(train(configuration=small(scene), out=tmp_path / "before"))
    stored, codes = scene.stored.copy(), scene.codes.copy()
    stored[:, :, 96:], codes[:, 96:] = 7777, 3
    scenery.write_composite(scene.composite, stored)
    scenery.write_reference(scene.reference, codes)
    after = done(train(configuration=small(scene), out=tmp_path / "after"))
    assert after == before


def test_what_lies_under_missing_imagery_changes_nothing(scene: Scene, tmp_path: Path) -> None:
    stored = scene.stored.copy()
    stored[:, 4:12] = MISSING
    scenery.write_composite(scene.composite, stored)
    before = done(train(configuration=small(scene), out=tmp_path / "before"))
    codes = scene.codes.copy()
    codes[4:12] = 1
    scenery.write_reference(scene.reference, codes)
    other_bands = stored.copy()
    other_bands[1:, 4:12] = 1234  # a cell that misses one band is missing
    scenery.write_composite(scene.composite, other_bands)
    after = done(train(configuration=small(scene), out=tmp_path / "after"))
    assert after == before


def test_class_weights_move_the_area(scene: Scene, tmp_path: Path) -> None:
    options: dict[str, Any] = {"architecture": "tempcnn", "batch": 64, "steps": 40}
    noisy = scenery.make_scene(tmp_path / "noisy", height=32, width=128, noise=1500)

    def bias(*weights: float) -> float:
        found = train(
            configuration=small(noisy, class_weights=weights, **options),
            out=tmp_path / f"out{weights}",
        )
        value: float = done(found).metrics["validation"]["classes"]["1"]["area_bias"]
        return value

    assert bias(5.0, 1.0, 1.0) > 1.15 * bias()


def test_stops_when_validation_no_longer_grows(scene: Scene, tmp_path: Path) -> None:
    # A rate at which nothing changes: the first validation stays the best one.
    configuration = small(scene, steps=0, epochs=9, learning_rate=1e-12, patience=2)
    found = done(train(configuration=configuration, out=tmp_path / "out"))
    per_epoch = found.metrics["examples"] // 2
    assert found.training.steps == per_epoch
    assert found.metrics["steps_taken"] == 3 * per_epoch
    assert len(lines(tmp_path / "out")) == 1 + 3


def test_without_validation_the_last_weights_are_kept(scene: Scene, tmp_path: Path) -> None:
    areas = small(scene).areas
    only = type(areas)(areas.file, training=("A",), test=("D",))
    found = done(train(configuration=small(scene, areas=only), out=tmp_path / "out"))
    assert found.temperature == 1
    assert "validation" not in found.metrics
    assert found.training.steps == 10


def test_says_how_far_it_is_and_can_be_cancelled(scene: Scene, tmp_path: Path) -> None:
    whole = done(train(configuration=small(scene), out=tmp_path / "whole"))
    seen: list[tuple[int, int]] = []
    stopped = train(
        configuration=small(scene),
        out=tmp_path / "out",
        progress=lambda step, steps: seen.append((step, steps)),
        cancelled=lambda: len(seen) >= 4,
    )
    assert stopped is None
    assert seen == [(1, 10), (2, 10), (3, 10), (4, 10)]
    assert not (tmp_path / "out/checkpoint").exists()
    resumed = done(
        train(
            configuration=small(scene),
            out=tmp_path / "out",
            progress=lambda step, steps: seen.append((step, steps)),
        )
    )
    assert seen[4:] == [(step, 10) for step in range(5, 11)]
    assert resumed == whole
    assert lines(tmp_path / "out") == lines(tmp_path / "whole")


def test_what_is_done_is_not_done_again(scene: Scene, tmp_path: Path) -> None:
    first = done(train(configuration=small(scene, steps=2), out=tmp_path / "out"))
    steps: list[int] = []
    again = train(
        configuration=small(scene, steps=2),
        out=tmp_path / "out",
        progress=lambda step, _: steps.append(step),
    )
    assert again == first
    assert steps == []


def test_another_training_does_not_go_on_in_the_same_folder(scene: Scene, tmp_path: Path) -> None:
    train(configuration=small(scene, steps=2), out=tmp_path / "out")
    with pytest.raises(TrainingError, match="the state of another training"):
        train(configuration=small(scene, steps=2, seed=5), out=tmp_path / "out")
    scenery.write_reference(scene.reference, np.flipud(scene.codes))
    with pytest.raises(TrainingError, match="configuration or data have changed"):
        train(configuration=small(scene, steps=2), out=tmp_path / "out")


class Trap:
    """Pickled, it is a call."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Path]]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("kind", ["cut", "trap"])
def test_a_state_is_read_and_never_run(scene: Scene, tmp_path: Path, kind: str) -> None:
    train(configuration=small(scene, steps=2), out=tmp_path / "out")
    path = tmp_path / "out/state/training.pt"
    sprung = tmp_path / "sprung"
    if kind == "cut":
        path.write_bytes(path.read_bytes()[:1000])
    else:
        torch.save({"fingerprint": Trap(sprung)}, path)
        assert pickle.dumps(Trap(sprung))
    with pytest.raises(TrainingError, match="a file that cannot be read") as caught:
        train(configuration=small(scene, steps=2), out=tmp_path / "out")
    assert "\n" not in str(caught.value)
    assert not sprung.exists()


class Hungry(nn.Module):
    """One convolution that takes memory for ``most`` windows and no more."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self.asked: list[int] = []
        self.net = nn.Conv2d(4, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        self.asked.append(len(x))
        if len(x) > self.most:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")
        logits: Tensor = self.net(x)
        return logits


def test_out_of_memory_halves_the_parts_and_not_the_result(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    networks: list[Hungry] = []

    def build_with(most: int) -> Callable[[object], nn.Module]:
        def build(_: object) -> nn.Module:
            networks.append(Hungry(most))
            return networks[-1]

        return build

    weights = []
    for most in (99, 2):
        monkeypatch.setattr(training, "build", build_with(most))
        train(configuration=small(scene, batch=8, steps=3), out=tmp_path / f"out{most}")
        weights.append(networks[-1].net.weight.detach())
    torch.testing.assert_close(weights[0], weights[1], rtol=1e-4, atol=1e-6)
    # All six windows are too many, half of them as well; from then on it is two at a time.
    assert networks[-1].asked[:5] == [6, 3, 2, 2, 2]
    assert set(networks[-1].asked[5:]) == {2}


def test_memory_for_not_even_one_window_is_said(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "build", lambda _: Hungry(0))
    with pytest.raises(OutOfMemory, match="Take a smaller window"):
        train(configuration=small(scene), out=tmp_path / "out")


def test_other_failures_are_not_taken_for_memory(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(Hungry):
        def forward(self, x: Tensor) -> Tensor:
            raise RuntimeError("a kernel failed")

    monkeypatch.setattr(training, "build", lambda _: Broken(1))
    with pytest.raises(RuntimeError, match="a kernel failed"):
        train(configuration=small(scene), out=tmp_path / "out")


def test_a_loss_that_is_no_number_ends_it(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Diverged(Hungry):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x) * torch.inf

    monkeypatch.setattr(training, "build", lambda _: Diverged(99))
    with pytest.raises(TrainingError, match="loss: found nan; expected a number"):
        train(configuration=small(scene), out=tmp_path / "out")


def test_tempcnn_with_fewer_cells_than_a_batch(scene: Scene, tmp_path: Path) -> None:
    configuration = small(scene, architecture="tempcnn", batch=32, examples=20)
    with pytest.raises(InferenceError, match="found 20 cells; expected a batch of 32"):
        train(configuration=configuration, out=tmp_path / "out")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU that torch can use")
def test_on_a_gpu_in_mixed_precision(scene: Scene, tmp_path: Path) -> None:
    found = done(train(configuration=small(scene, steps=60), out=tmp_path / "out", device="cuda"))
    assert found.metrics["validation"]["accuracy"] > 0.7
    _, network = checkpoints.load(tmp_path / "out/checkpoint")
    assert all(p.dtype == torch.float32 for p in network.parameters())


CONFIGURATION = """
architecture = "segformer-small"
bands = ["B02", "B04", "B08", "NDVI"]
window = 32
labels = [{code = 1}, {code = 3}, {code = 7}]
[[pairs]]
composite = "scene/composite.tif"
reference = "scene/reference.tif"
year = 2023
[areas]
file = "scene/territories.geojson"
training = ["A", "B"]
validation = ["C"]
[optimisation]
batch = 2
steps = 3
"""


@pytest.mark.usefixtures("scene")
def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "training.toml"
    path.write_text(CONFIGURATION, encoding="utf-8")
    assert main(["train", str(path), "-o", str(tmp_path / "out")]) == 0
    told = dict(line.split("\t") for line in capsys.readouterr().out.splitlines())
    assert told["identity"] == checkpoints.read(tmp_path / "out/checkpoint").identity
    assert told["steps"].endswith("of 3 taken")
    assert 0 <= float(told["iou_sealed"]) <= 1
    assert list((tmp_path / "out/tensorboard").iterdir())

    path.write_text(CONFIGURATION.replace("steps", "stpes"), encoding="utf-8")
    assert main(["train", str(path), "-o", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert said == ("training.toml, optimisation: found an unknown key 'stpes'; expected 'steps'\n")


@pytest.mark.usefixtures("scene")
@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("scene/composite.tif", "none.tif: found "),
        ("scene/reference.tif", "none.tif: found nothing; expected a raster file or folder"),
        ("scene/territories.geojson", "areas.file: found no none.tif; expected a vector file"),
    ],
)
def test_a_file_that_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], file: str, said: str
) -> None:
    path = tmp_path / "training.toml"
    path.write_text(CONFIGURATION.replace(file, "scene/none.tif"), encoding="utf-8")
    assert main(["train", str(path), "-o", str(tmp_path / "out")]) == 1
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
