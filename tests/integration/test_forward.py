"""`load_forward` on a small region: from imagery to a published edition, by real workers."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import override_settings

from clcplus.actions.editions import registration
from clcplus.actions.territories import zones
from clcplus.models import Checkpoint, Edition, Prediction, Run
from demonstration import forward
from demonstration.build import build
from tests.runs import drain
from tests.workers import worker

pytest.importorskip("torch", reason="the packages of the model are not installed")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("store", "empty_queue"),
]


def load(folder: Path) -> None:
    zones.import_zones(
        paths=[forward.communes_file(folder)],
        level="commune",
        vintage=2024,
        code_field="code",
        name_field="name",
        parent_field="departement",
    )
    sources = registration.check_sources(
        paths=[folder / "editions/2023"], product="clcplus", year=2023
    )
    run = registration.register_edition(
        sources=sources,
        product="clcplus",
        year=2023,
        origin=Edition.Origin.SYNTHETIC,
        publish=True,
    )
    assert drain(run).state == Run.State.SUCCEEDED


def test_from_imagery_to_a_published_edition_once(tmp_path: Path) -> None:
    folder = build(folder=tmp_path / "region", size_km=6)
    load(folder)
    said = io.StringIO()
    with (
        override_settings(
            CLCPLUS_CHECKPOINTS=tmp_path / "checkpoints",
            CLCPLUS_IMAGERY=folder / "imagery",
            CLCPLUS_PREDICTIONS=tmp_path / "predictions",
        ),
        worker(log=tmp_path / "worker.log", queues="clcplus,inference"),
    ):
        call_command("load_forward", folder=folder, steps=4, stdout=said)
        edition = Edition.objects.get(origin=Edition.Origin.MODELLED)
        runs = Run.objects.exclude(kind=Run.Kind.FILTER).count()
        call_command("load_forward", folder=folder, steps=4, stdout=io.StringIO())
    assert (edition.year, edition.status) == (2024, Edition.Status.PUBLISHED)
    assert edition.checkpoint == Checkpoint.objects.get()
    assert edition.checkpoint.metrics["test"]["cells"] > 0
    prediction = Prediction.objects.get()
    assert prediction.evaluation["edition_year"] == 2023
    # The reference sample beside the imagery was found.
    assert prediction.areas["by_class"]["corrected_m2"] is not None
    text = said.getvalue()
    assert "communes held out" in text
    assert "NDVI threshold" in text
    assert "km² in truth" in text
    # The second call has found everything.
    assert Run.objects.exclude(kind=Run.Kind.FILTER).count() == runs
    assert Edition.objects.filter(origin=Edition.Origin.MODELLED).count() == 1
