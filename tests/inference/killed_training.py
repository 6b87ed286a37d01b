"""A training for a process of its own: ``FOLDER STEPS`` tells its scene and when it is killed.

It keeps its state at each step, and is killed by itself after ``STEPS``, as SIGKILL does: nothing
is closed, flushed or cleaned up.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import torch

from inference.training import trainer as training
from tests.inference import scenery
from tests.inference.trainings import small

if __name__ == "__main__":
    folder, steps = Path(sys.argv[1]), int(sys.argv[2])
    torch.set_num_threads(1)
    training.SAVE_SECONDS = 0.0

    def progress(step: int, _: int) -> None:
        if step == steps:
            os.kill(os.getpid(), signal.SIGKILL)

    training.train(configuration=small(scenery.of(folder)), out=folder / "out", progress=progress)
