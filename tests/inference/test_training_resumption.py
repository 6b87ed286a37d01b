"""A training that is killed ends, when it is taken up again, as if nothing had been."""

from __future__ import annotations

import csv
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from inference.training import state as states
from inference.training import trainer as training
from inference.training.log import Log
from inference.training.trainer import train
from tests.inference import scenery
from tests.inference.trainings import lines, small

ROOT = Path(__file__).resolve().parent.parent.parent


def killed_after(folder: Path, steps: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.inference.killed_training", str(folder), str(steps)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


def test_killed_it_ends_with_the_same_weights(tmp_path: Path) -> None:
    scene = scenery.make_scene(tmp_path, height=32, width=128)
    whole = train(configuration=small(scene), out=tmp_path / "whole")
    out = tmp_path / "out"
    killed_after(tmp_path, 5)
    assert (out / "state" / states.NAME).exists()
    assert not (out / "checkpoint").exists()
    steps: list[int] = []
    resumed = train(
        configuration=small(scene), out=out, progress=lambda step, _: steps.append(step)
    )
    # The fifth was done and not kept: one step is done anew.
    assert steps == [5, 6, 7, 8, 9, 10]
    assert resumed == whole
    assert lines(out) == lines(tmp_path / "whole")


def test_killed_before_anything_was_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = scenery.make_scene(tmp_path, height=32, width=128)
    whole = train(configuration=small(scene, steps=3), out=tmp_path / "whole")

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    out = tmp_path / "out"
    # As the first state is written, with the examples gathered.
    monkeypatch.setattr(training, "SAVE_SECONDS", 0.0)
    monkeypatch.setattr(states, "write", die)
    with pytest.raises(Killed):
        train(configuration=small(scene, steps=3), out=out)
    monkeypatch.undo()
    assert list((out / "cache").rglob("training.json"))
    assert train(configuration=small(scene, steps=3), out=out) == whole
    assert lines(out) == lines(tmp_path / "whole")


def test_killed_while_examples_are_gathered(tmp_path: Path) -> None:
    scene = scenery.make_scene(tmp_path, height=32, width=128)
    whole = train(configuration=small(scene, steps=2), out=tmp_path / "whole")
    out = tmp_path / "out"
    stopped = train(configuration=small(scene, steps=2), out=out, cancelled=lambda: True)
    assert stopped is None
    # Half of the examples written, and no description of them yet.
    (cache,) = (out / "cache").iterdir()
    (cache / "training.json").unlink()
    stored = cache / "training.stored.npy"
    stored.write_bytes(stored.read_bytes()[:999])
    assert train(configuration=small(scene, steps=2), out=out) == whole


def test_lines_of_the_log_that_come_again_are_written_once(tmp_path: Path) -> None:
    with closing(Log(tmp_path, step=0)) as log:
        for step in (5, 10, 15):
            log.add({"step": step, "epoch": step // 5, "training_loss": 1 / step})
    with closing(Log(tmp_path, step=10)) as log:
        log.add({"step": 15, "epoch": 3, "training_loss": 0.5, "validation_iou_sealed": None})
    with (tmp_path / "log.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == ["5", "10", "15"]
    assert rows[2]["training_loss"] == "0.5"
    assert rows[2]["validation_iou_sealed"] == ""
