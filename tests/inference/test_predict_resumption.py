"""A prediction that was ended goes on where it was, and ends with the same bytes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference.prediction import files as prediction_files
from inference.prediction import predictor as predict_module
from inference.prediction.pieces import FOLDER
from inference.prediction.predictor import predict
from tests.inference.small_network import description, imagery, small_network, write_composite

SIDE = 144
PIECES = 2 * 6
"""The composite begins at a multiple of the stride, 24, and of a strip's width."""
FILES = ("classes.tif", "sealed_probability.tif", "prediction.json")

PROGRAM = """
import sys, time
from pathlib import Path
from inference.prediction import predictor as module
from tests.inference.small_network import description, small_network

folder = Path(sys.argv[1])
module.load = lambda _folder: (description(window=32), small_network())
module.STRIP_CELLS = 72
seen = 0

def progress(done, cells):
    global seen
    if done != seen:
        seen = done
        print(done, flush=True)
        time.sleep(0.02)

module.predict(checkpoint=folder, composite=folder / "composite.tif", out=folder / "out",
               batch_size=3, progress=progress)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_composite(
        tmp_path / "composite.tif", imagery(height=SIDE, width=SIDE), row=480_000, column=400_032
    )
    monkeypatch.setattr(
        predict_module, "load", lambda _folder: (description(window=32), small_network())
    )
    monkeypatch.setattr(predict_module, "STRIP_CELLS", 72)
    return tmp_path


def contents(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in FILES}


def whole(folder: Path, out: str) -> dict[str, bytes]:
    """The bytes of a prediction that nothing disturbs."""
    found = predict(
        checkpoint=folder, composite=folder / "composite.tif", out=folder / out, batch_size=3
    )
    assert found is not None
    return contents(folder / out)


def test_a_killed_prediction_goes_on_and_ends_with_the_same_bytes(folder: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert process.stdout is not None
    for line in process.stdout:
        if int(line) > SIDE * SIDE * 0.6:
            break
    process.send_signal(signal.SIGKILL)
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL
    out = folder / "out"
    kept = list((out / FOLDER).glob("*.classes.tif"))
    assert 5 < len(kept) < PIECES
    assert not any((out / name).exists() for name in FILES)

    before = {path: path.stat().st_mtime_ns for path in kept}
    again: list[dict[Path, int]] = []
    original = predict_module._Work._write

    def counted(work: predict_module._Work, *finished: Any) -> None:
        original(work, *finished)
        again.append({path: path.stat().st_mtime_ns for path in kept})

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(predict_module._Work, "_write", counted)
        done: list[int] = []
        predict(
            checkpoint=folder,
            composite=folder / "composite.tif",
            out=out,
            batch_size=3,
            progress=lambda cells, _all: done.append(cells),
        )
    assert done[0] > SIDE * SIDE * 0.3
    # One may have had its rasters and not yet its line in the journal. What else was kept is not
    # made once more.
    assert PIECES - len(kept) <= len(again) <= PIECES - len(kept) + 1
    rewritten = [path for path in kept if again[-1][path] != before[path]]
    assert len(rewritten) == len(again) - (PIECES - len(kept))
    assert contents(out) == whole(folder, "undisturbed")
    assert not (out / FOLDER).exists()


@pytest.mark.parametrize("after", [1, 20])
def test_a_cancelled_prediction_goes_on(folder: Path, after: int) -> None:
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > after

    found = predict(
        checkpoint=folder,
        composite=folder / "composite.tif",
        out=folder / "out",
        batch_size=3,
        cancelled=cancelled,
    )
    assert found is None
    assert not any((folder / "out" / name).exists() for name in FILES)
    assert whole(folder, "out") == whole(folder, "undisturbed")


def test_a_kill_while_the_files_are_put_together_loses_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = whole(folder, "undisturbed")

    def killed(_prediction: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("inference.prediction.pieces.write", killed)
    with pytest.raises(KeyboardInterrupt):
        whole(folder, "out")
    assert not (folder / "out" / "prediction.json").exists()
    monkeypatch.setattr("inference.prediction.pieces.write", prediction_files.write)
    monkeypatch.setattr(predict_module._Work, "_write", None)
    assert whole(folder, "out") == expected


def test_a_journal_that_a_kill_cut_off_is_taken_up_to_there(folder: Path) -> None:
    _cancel_midway(folder)
    journal = folder / "out" / FOLDER / "journal.jsonl"
    text = journal.read_text()
    journal.write_text(text[: -len(text.splitlines()[-1]) // 2])
    assert whole(folder, "out") == whole(folder, "undisturbed")


def test_another_composite_begins_anew(folder: Path) -> None:
    _cancel_midway(folder)
    time.sleep(0.01)
    write_composite(
        folder / "composite.tif",
        imagery(height=SIDE, width=SIDE, seed=8),
        row=480_000,
        column=400_032,
    )
    assert whole(folder, "out") == whole(folder, "undisturbed")


def test_another_checkpoint_begins_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _cancel_midway(folder)
    hotter = description(window=32, temperature=3.0)
    monkeypatch.setattr(predict_module, "load", lambda _folder: (hotter, small_network()))
    assert whole(folder, "out") == whole(folder, "undisturbed")


def test_a_former_prediction_stays_until_the_next_is_whole(folder: Path) -> None:
    former = whole(folder, "out")
    write_composite(
        folder / "composite.tif",
        imagery(height=SIDE, width=SIDE, seed=8),
        row=480_000,
        column=400_032,
    )
    _cancel_midway(folder)
    assert contents(folder / "out") == former
    assert whole(folder, "out") != former


def _cancel_midway(folder: Path) -> None:
    asked: list[int] = []
    predict(
        checkpoint=folder,
        composite=folder / "composite.tif",
        out=folder / "out",
        batch_size=3,
        cancelled=lambda: len(asked) > 12 or bool(asked.append(1)),
    )
    assert len(list((folder / "out" / FOLDER).glob("*.sealed.tif"))) > 2
    assert np.fromfile(next((folder / "out" / FOLDER).glob("*.sealed.tif")), np.uint8).size
