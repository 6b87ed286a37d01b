"""A report by real workers, one of which is killed while it makes it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from django.conf import settings

from analytics import queries
from analytics.rasters.store import open_store
from clcplus import reading
from clcplus.actions import reports
from clcplus.models import Report
from tests.region import Region
from tests.running import kill, load_editions, load_zones, wait_for, worker

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("store", "empty_queue"),
]


def state_of(report: Report) -> str:
    report.refresh_from_db()
    return report.state


def is_in(report: Report, *states: str) -> bool:
    return state_of(report) in states


def test_a_killed_worker_does_not_lose_a_report(region: Region, tmp_path: Path) -> None:
    load_zones(region)
    load_editions(region, (2021, 2023))
    with reading.snapshot() as connection:
        data = str(queries.data_version(connection))
    report = reports.request_report(
        level="commune",
        code="0V001",
        name="Saint-Élie-0V001",
        vintage=2024,
        earlier="clcplus-2021",
        later="clcplus-2023",
        language="en-gb",
        data=data,
        release="1",
        site="https://example.test",
        client="somebody",
    )
    with worker(log=tmp_path / "killed.log", processes=1) as process:
        # It is killed as soon as it has begun: drawing and setting take longer than a look.
        wait_for(partial(is_in, report, "running", "done"), what="the beginning")
        kill(process)
    assert state_of(report) == Report.State.RUNNING
    with worker(log=tmp_path / "next.log", processes=1):
        wait_for(partial(is_in, report, "done", "failed"), what="the report")
    assert (state_of(report), report.error) == (Report.State.DONE, "")
    assert report.attempts == 2
    assert open_store(settings.RASTER_STORE).read(report.key).startswith(b"%PDF-")
