"""What goes wrong in a prediction: one clear line, exit status 1, nothing half-written."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
import torch
from rasterio.crs import CRS

from inference import checkpoint as checkpoints
from inference.__main__ import main
from inference.checkpoint import Label
from inference.composites.bands import MISSING
from inference.errors import OutOfMemory, UnwritableOutput
from inference.networks import devices
from inference.prediction import predictor as predict_module
from inference.prediction import probabilities
from inference.prediction.files import task_of
from inference.prediction.pieces import open_pieces
from inference.prediction.predictor import predict
from tests.inference.small_network import (
    BANDS,
    description,
    imagery,
    saved,
    small_network,
    write_composite,
)
from tests.inference.test_predict import rasters


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A checkpoint and a composite that fit each other."""
    saved(tmp_path / "checkpoint", description())
    write_composite(tmp_path / "composite.tif", imagery(height=30, width=30))
    return tmp_path


def refused(folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """The line that the command says; nothing is left behind."""
    status = main(
        [
            "predict",
            str(folder / "checkpoint"),
            str(folder / "composite.tif"),
            "-o",
            str(folder / "out"),
            *options,
        ]
    )
    said = capsys.readouterr()
    assert status == 1
    assert said.out == ""
    assert said.err.count("\n") == 1, said.err
    assert not (folder / "out").exists()
    return said.err


def test_the_good_ones_are_good(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The tests below can fail: without the fault there is a prediction."""
    arguments = [str(good / "checkpoint"), str(good / "composite.tif"), "-o", str(good / "out")]
    assert main(["predict", *arguments]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert "observed: " in said.out
    assert "Sealed: " in said.out
    assert "sealed area by probability: 0.0" in said.out
    assert (good / "out" / "prediction.json").is_file()


def test_corrupt_weights(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    weights = good / "checkpoint" / checkpoints.WEIGHTS
    content = bytearray(weights.read_bytes())
    content[-5] ^= 0xFF
    weights.write_bytes(content)
    assert "weights.safetensors: found sha256" in refused(good, capsys)


def test_weights_that_are_no_numbers(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from inference.networks.architectures import build

    network = build(description().architecture)
    with torch.no_grad():
        next(iter(network.parameters())).fill_(float("nan"))
    checkpoints.save(good / "checkpoint", description(), network)
    assert "weights that are no numbers" in refused(good, capsys)


def test_a_folder_without_a_checkpoint(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (good / "checkpoint" / checkpoints.DESCRIPTION).unlink()
    assert "found no checkpoint.json" in refused(good, capsys)


def test_a_band_that_is_missing(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cells = imagery(height=30, width=30)
    write_composite(good / "composite.tif", cells, bands=("B01", *BANDS[1:]))
    assert "expected B02 too" in refused(good, capsys)


def test_bands_without_names(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_composite(good / "composite.tif", imagery(height=30, width=30), bands=())
    assert "bands without names" in refused(good, capsys)


@pytest.mark.parametrize("codes", [(2, 3, 6), (1, 3, 255)])
def test_a_checkpoint_of_other_classes(
    good: Path, capsys: pytest.CaptureFixture[str], codes: tuple[int, ...]
) -> None:
    labels = tuple(Label(code, f"Class {code}") for code in codes)
    saved(good / "checkpoint", description(labels=labels))
    assert "found labels " in refused(good, capsys)


def test_imagery_off_the_grid(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with rasterio.open(good / "composite.tif", "r+") as dataset:
        transform = dataset.transform
        dataset.transform = transform.translation(3, 0) @ transform
    assert "with edges on multiples of 10 m" in refused(good, capsys)


def test_imagery_of_another_reference_system(
    good: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with rasterio.open(good / "composite.tif", "r+") as dataset:
        dataset.crs = CRS.from_epsg(32633)
    assert "found EPSG:32633" in refused(good, capsys)


def test_imagery_that_is_all_cloud(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_composite(good / "composite.tif", np.full((4, 30, 30), MISSING, dtype=np.int16))
    assert "none of 900 cells observed" in refused(good, capsys)


def test_a_part_beside_the_imagery(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = refused(good, capsys, "--window", "0", "0", "10", "10")
    assert "no cell in the part" in line


def test_an_unknown_device(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "found 'abacus'" in refused(good, capsys, "--device", "abacus")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "found no GPU" in refused(good, capsys, "--device", "cuda")


def test_a_batch_of_none(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "expected one window at least" in refused(good, capsys, "--batch", "0")


@pytest.mark.parametrize(
    "options",
    [
        ["--bounds", "5", "0", "1", "9"],
        ["--window", "0", "0", "0", "9"],
        ["--window", "1", "1", "1", "1", "--bounds", "1", "1", "2", "2"],
    ],
)
def test_bad_usage_is_status_two(good: Path, options: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["predict", str(good), str(good), "-o", str(good / "out"), *options])
    assert ended.value.code == 2


def test_a_block_that_cannot_be_read_is_no_hole(
    good: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_composite(good / "composite.tif", imagery(height=400, width=400))
    path = good / "composite.tif"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    status = main(["predict", str(good / "checkpoint"), str(path), "-o", str(good / "out")])
    said = capsys.readouterr()
    assert status == 1
    assert said.err.startswith("composite.tif: found ")
    assert not list((good / "out").glob("*.*"))[1:]  # the working folder alone


def test_a_folder_that_cannot_be_written(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (good / "blocked").write_text("a file")
    with pytest.raises(UnwritableOutput):
        predict(
            checkpoint=good / "checkpoint",
            composite=good / "composite.tif",
            out=good / "blocked" / "out",
        )


def test_two_do_not_work_in_one_folder(good: Path) -> None:
    from inference.composites.composite import open_composite

    imagery_found = open_composite(good / "composite.tif")
    described = checkpoints.read(good / "checkpoint")
    with (
        open_pieces(good / "out", task_of(described, imagery_found, imagery_found.window), plan=""),
        pytest.raises(UnwritableOutput, match="another prediction at work"),
    ):
        predict(
            checkpoint=good / "checkpoint",
            composite=good / "composite.tif",
            out=good / "out",
        )


def test_bands_in_another_order_are_a_notice(
    good: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cells = imagery(height=30, width=30)
    write_composite(good / "composite.tif", cells[::-1], bands=BANDS[::-1])
    arguments = [str(good / "checkpoint"), str(good / "composite.tif"), "-o", str(good / "out")]
    assert main(["predict", *arguments]) == 0
    said = capsys.readouterr()
    assert said.err == (
        "composite.tif: its bands stand in another order than the checkpoint's; "
        "they are taken by name\n"
    )


class _Short(torch.nn.Module):
    """The small network on a device with room for some windows."""

    def __init__(self, room: int, error: Exception) -> None:
        super().__init__()
        self.network, self.room, self.error = small_network(), room, error
        self.sizes: list[int] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.sizes.append(len(x))
        if len(x) > self.room:
            raise self.error
        logits: torch.Tensor = self.network(x)
        return logits


OUT_OF_MEMORY = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"),
    MemoryError(),
]


@pytest.mark.parametrize("error", OUT_OF_MEMORY, ids=lambda error: type(error).__name__)
def test_a_batch_without_room_is_halved_and_nothing_changes(
    good: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def by(network: torch.nn.Module, out: str) -> list[np.ndarray]:
        monkeypatch.setattr(predict_module, "load", lambda _folder: (description(), network))
        found = predict(
            checkpoint=good / "checkpoint",
            composite=good / "composite.tif",
            out=good / out,
            batch_size=16,
        )
        assert found is not None
        return list(rasters(found))

    short = _Short(1, error)
    first, second = by(small_network(), "roomy"), by(short, "short")
    np.testing.assert_array_equal(first[0], second[0])
    assert np.abs(first[1].astype(int) - second[1]).max() <= 1
    # Rows have four windows; once halved it stays so.
    assert short.sizes[:4] == [4, 4, 4, 2] or short.sizes[:2] == [4, 4]
    assert set(short.sizes[-9:]) == {1}


@pytest.mark.parametrize("error", OUT_OF_MEMORY, ids=lambda error: type(error).__name__)
def test_no_room_for_one_window_is_one_line(
    good: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(predict_module, "load", lambda _folder: (description(), _Short(0, error)))
    with pytest.raises(OutOfMemory, match="too little memory for one window of 16 by 16 cells"):
        predict(
            checkpoint=good / "checkpoint",
            composite=good / "composite.tif",
            out=good / "out",
            batch_size=8,
        )
    assert not (good / "out" / "prediction.json").exists()


def test_another_error_of_the_network_is_not_taken_for_memory(
    good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = _Short(0, RuntimeError("shapes do not fit"))
    monkeypatch.setattr(predict_module, "load", lambda _folder: (description(), broken))
    with pytest.raises(RuntimeError, match="shapes do not fit"):
        predict(checkpoint=good / "checkpoint", composite=good / "composite.tif", out=good / "out")
    assert broken.sizes == [4]


def test_memory_that_is_short_before_the_network_is_one_line_too(
    good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def placed(*_: object) -> torch.Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(devices, "to_device", placed)
    with pytest.raises(OutOfMemory, match="a row of windows"):
        predict(checkpoint=good / "checkpoint", composite=good / "composite.tif", out=good / "out")


def test_a_network_that_cannot_be_compiled_runs_as_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What a GPU would do, with a compiler that fails."""

    class Failing(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            raise RuntimeError("no compiler\nand more")

    run = probabilities.Probabilities(
        description(), small_network(), device=torch.device("cpu"), batch_size=2, windows=9
    )
    cells = torch.from_numpy(imagery(height=16, width=40))
    expected = [found for _, found in run.of_windows(cells, [0, 12, 24])]
    run._network = Failing()
    found = [found for _, found in run.of_windows(cells, [0, 12, 24])]
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other)
    assert capsys.readouterr().err == "not compiled, goes on without: RuntimeError: no compiler\n"


def test_the_last_batch_is_filled_up_where_a_gpu_goes_by_their_number() -> None:
    network = _Short(99, MemoryError())
    run = probabilities.Probabilities(
        description(), small_network(), device=torch.device("cpu"), batch_size=2, windows=9
    )
    cells = torch.from_numpy(imagery(height=16, width=40))
    expected = [found for _, found in run.of_windows(cells, [0, 12, 24])]
    run._network, run._fills_up = network, True
    found = [found for _, found in run.of_windows(cells, [0, 12, 24])]
    assert network.sizes == [2, 2]
    assert [len(part) for part in found] == [2, 1]
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other)


def test_the_description_of_a_prediction_is_checked(
    good: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from inference.errors import UnreadablePrediction
    from inference.prediction.files import read

    with pytest.raises(UnreadablePrediction, match=r"no prediction\.json"):
        read(good)
    (good / "prediction.json").write_text(json.dumps({"format": 9}))
    with pytest.raises(UnreadablePrediction, match="format 9"):
        read(good)
