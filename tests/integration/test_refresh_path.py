"""The whole path of a refresh on committed data: what follows a publication, and many beats."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import shapely
from django.db import connections
from django.test import Client, override_settings

from clcplus.actions.change import pairs
from clcplus.actions.refresh import requests
from clcplus.actions.zone_sets import computation
from clcplus.models import Edition, Publication, Run, ZoneSeries, ZoneStatistics
from tests.actions.elsewhere import Elsewhere, aged, due_day, refreshing
from tests.region import NORTH, WEST, Region
from tests.runs import drain_all, load_editions, load_zones
from tests.zone_sets.layers import layer_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("store", "quiet_broker"),
]


def test_a_published_edition_renews_all_that_rests_on_it(region: Region, tmp_path: Path) -> None:
    """Custom zones, filtered change and series follow by what is there already."""
    load_zones(region)
    load_editions(region, (2021, 2018))
    custom = layer_of([shapely.box(WEST, NORTH - 300, WEST + 300, NORTH)])
    computation.plan(layer=custom, by=None)
    drain_all()
    with refreshing(Elsewhere(region.codes), inbox=tmp_path / "inbox"):
        run = requests.request_refresh()
        drain_all()
        run.refresh_from_db()
        assert run.message == "2023: published"
        edition = Edition.objects.get(year=2023)
        assert ZoneStatistics.objects.filter(zone__layer=custom, edition=edition).exists()
        assert not pairs.lacking()
        for zones in ({"code": "0V001"}, {"code": "07"}, {"layer": custom}):
            found = ZoneSeries.objects.filter(**{f"zone__{k}": v for k, v in zones.items()})
            patterns = found.values_list("pattern", flat=True)
            assert any(edition.pk in map(abs, pattern) for pattern in patterns)
        assert "2023" in Client().get("/territories/commune/0V001/").content.decode()
        again = requests.request_refresh()
        drain_all()
        again.refresh_from_db()
        assert again.message == "nothing new"


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_start_one_refresh(region: Region) -> None:
    load_zones(region)
    Publication.objects.create(event="published", subject="clcplus-2018")
    aged(400)
    barrier = threading.Barrier(4)

    def beat() -> None:
        barrier.wait()
        try:
            requests.plan_due()
        finally:
            connections.close_all()

    with override_settings(REFRESH_ON=due_day(40)):
        beats = [threading.Thread(target=beat) for _ in range(4)]
        for one in beats:
            one.start()
        for one in beats:
            one.join()
    assert Run.objects.filter(kind=Run.Kind.REFRESH).count() == 1
