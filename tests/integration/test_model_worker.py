"""A prediction by a real worker of the queue `inference`, and what happens when it dies."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from clcplus.actions.predictions.registering import register_checkpoint
from clcplus.actions.predictions.requesting import request_prediction
from clcplus.models import Edition, Prediction, Run
from tests.predictions.conftest import composite, folders, trained
from tests.region import Region
from tests.running import kill, load_zones, wait_for, worker

__all__ = ["composite", "folders", "trained"]

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("store", "empty_queue"),
]


def ended(run: Run) -> bool:
    run.refresh_from_db()
    return run.state in (Run.State.SUCCEEDED, Run.State.FAILED)


def at(run: Run, stages: tuple[str, ...]) -> bool:
    return ended(run) or Prediction.objects.get(run=run).stage in stages


def test_a_worker_that_is_killed_leaves_the_same_edition(
    region: Region, trained: Path, composite: Path, tmp_path: Path
) -> None:
    load_zones(region)
    checkpoint = register_checkpoint(folder=trained)
    run = request_prediction(checkpoint=checkpoint, year=2024)
    for stages in (("predicting",), ("evaluating", "registered"), ()):
        with worker(log=tmp_path / "model.log", processes=1, queues="inference") as process:
            if stages:
                wait_for(partial(at, run, stages), what=f"a prediction that is {stages[0]}")
                if not ended(run):
                    kill(process)
            else:
                wait_for(partial(ended, run), what="the rest")
    assert run.state == Run.State.SUCCEEDED, run.message
    edition = Edition.objects.get(origin="modelled")
    undisturbed = request_prediction(checkpoint=checkpoint, year=2024)
    with worker(log=tmp_path / "model.log", processes=1, queues="inference"):
        wait_for(partial(ended, undisturbed), what="a prediction without a kill")
    assert undisturbed.edition == edition
    assert Prediction.objects.get(run=undisturbed).areas == Prediction.objects.get(run=run).areas
