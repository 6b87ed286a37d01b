"""`load_demonstration` on a small region: editions, territories and the labelled sample, by real
workers."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import call_command

from clcplus.models import AreaEstimate, Edition, PointLabel, ReferenceSample, Run
from demonstration.reference_sample import POINTS
from demonstration.truth_labels import PAIR
from tests.workers import worker

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("store", "empty_queue"),
]


def test_a_newcomer_sees_intervals_on_the_region_and_its_departements(tmp_path: Path) -> None:
    folder = tmp_path / "region"
    with worker(log=tmp_path / "worker.log"):
        call_command("load_demonstration", folder=folder, size_km=8, stdout=io.StringIO())
        runs = Run.objects.exclude(kind=Run.Kind.FILTER).count()
        call_command("load_demonstration", folder=folder, size_km=8, stdout=io.StringIO())
    assert Run.objects.exclude(kind=Run.Kind.FILTER).count() == runs
    assert Edition.objects.filter(status=Edition.Status.PUBLISHED).count() == 3
    sample = ReferenceSample.objects.get()
    assert sample.stage == ReferenceSample.Stage.PUBLISHED
    assert sample.synthetic
    assert sample.earlier is not None
    assert (sample.earlier.year, sample.later.year) == PAIR
    assert PointLabel.objects.filter(point__sample=sample).count() == POINTS
    found = {
        (row.zone.layer.level.slug, row.quantity, row.basis): row
        for row in AreaEstimate.objects.filter(sample=sample).select_related("zone__layer__level")
    }
    net = found["region", "net", "own"]
    assert net.ci_low > 0
    assert net.points == POINTS
    assert ("departement", "net", "assisted") in found
