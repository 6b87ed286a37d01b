"""Editions that are fetched: what is counted equals the service's raster, whatever happens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from analytics.grid import Window
from analytics.nomenclature import CODES
from clcplus.actions.editions import fetch
from clcplus.errors import UnknownLevel
from clcplus.jobs import runner, runs
from clcplus.models import Edition, Run, ZoneStatistics
from clcplus.sources import windows
from clcplus.sources.client import Client, Pace
from clcplus.sources.errors import AccessRefused
from tests.region import SIDE, Region
from tests.runs import drain, load_zones
from tests.sources.download_service import DownloadService, dataset, key_for, zipped
from tests.sources.image_service import ImageService, tiff
from tests.sources.misbehaviour import Reply, Served, served

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store", "quiet_broker")]

AREA = Window(769_970, 379_970, SIDE, SIDE)
ALL = {"year": 2021, "window": AREA}


@contextmanager
def fetching_from(server: Served, inbox: Path, **settings: Any) -> Iterator[None]:
    with override_settings(
        IMAGE_SERVER_URL=server.url,
        DOWNLOAD_API_URL=server.url,
        SOURCE_HOSTS=(server.host,),
        CLCPLUS_INBOX=inbox,
        **settings,
    ):
        yield


@pytest.fixture
def service(region: Region, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Served]:
    load_zones(region)
    monkeypatch.setattr(windows, "SIDE", 25)
    quick = partial(Client, pace=Pace(pause_seconds=0.001))
    monkeypatch.setattr("clcplus.actions.editions.fetch.Client", quick)
    raster = ImageService(region.codes[2021], AREA)
    with served(raster) as server, fetching_from(server, tmp_path / "inbox"):
        yield server


def work(run: Run) -> Run:
    runner.handle_work(run.kind, run.pk)
    run.refresh_from_db()
    return run


def ingested(run: Run) -> Edition:
    """The edition, once a fetch is done and what it fetched is counted."""
    assert work(run).state == Run.State.SUCCEEDED, run.message
    ingest = Run.objects.get(pk=run.parameters["ingest"])
    if ingest.state == Run.State.QUEUED:
        drain(ingest)
    return Edition.objects.get(pk=run.edition_id)


def counts(code: str) -> dict[int, int]:
    row = ZoneStatistics.objects.get(zone__code=code, edition__year=2021)
    return {code: n for code, n in zip(CODES, row.cells, strict=True) if n}


def test_counts_of_a_fetched_edition_are_the_oracles(service: Served, region: Region) -> None:
    run = fetch.request_fetch(**ALL, publish=True)
    edition = ingested(run)
    assert edition.status == Edition.Status.PUBLISHED
    assert edition.doi
    for code in region.zones:
        assert counts(code) == region.counts(code, 2021)
    run.refresh_from_db()
    assert run.cells_done == run.cells_total


def test_the_same_fetch_again_is_the_same_edition(service: Served) -> None:
    first = ingested(fetch.request_fetch(**ALL))
    again = ingested(fetch.request_fetch(**ALL))
    assert first == again
    assert Edition.objects.count() == 1


def test_a_zone_fetches_the_windows_that_it_touches(service: Served, region: Region) -> None:
    code = min(region.zones, key=lambda code: region.zones[code].area)
    ingested(fetch.request_fetch(year=2021, zone=f"commune:{code}"))
    assert counts(code) == region.counts(code, 2021)
    images = [r for r in service.requests if r.path.endswith("exportImage")]
    assert 0 < len(images) < 9


def test_a_service_that_comes_back_is_asked_for_the_rest(
    service: Served, region: Region, tmp_path: Path
) -> None:
    run = fetch.request_fetch(**ALL)
    service.faulty = lambda request: len(service.requests) > 5
    service.faults = [Reply(status=503)] * 99
    assert work(run).state == Run.State.RUNNING
    kept = len(list(tmp_path.rglob("*.npz")))
    assert kept
    service.faults.clear()
    service.requests.clear()
    ingested(run)
    assert counts(min(region.zones)) == region.counts(min(region.zones), 2021)
    # Each of the four tiles has 30 × 30 cells of the area: windows of 25 and of 5 cells.
    images = [r for r in service.requests if r.path.endswith("exportImage")]
    assert len(images) == 4 * 4 - kept


def test_an_error_that_stays_ends_the_run_with_a_reason(service: Served, tmp_path: Path) -> None:
    service.faulty = lambda request: request.path.endswith("exportImage")
    service.faults = [Reply(b"<html><title>Sign in</title>")] * 9
    run = work(fetch.request_fetch(**ALL))
    assert run.state == Run.State.FAILED
    assert "Sign in" in run.message
    assert not Edition.objects.exists()
    assert not list(tmp_path.rglob("*.tif"))
    service.faults.clear()
    runs.resume(run)
    assert ingested(run)


def test_a_cancelled_fetch_asks_nothing_and_can_be_resumed(service: Served) -> None:
    run = fetch.request_fetch(**ALL)
    runs.cancel(run.pk)
    assert work(run).state == Run.State.CANCELLED
    assert not service.requests
    runs.resume(run)
    assert ingested(run)


@pytest.fixture
def ordering(region: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    load_zones(region)
    monkeypatch.setattr(fetch, "POLL_SECONDS", 0.0)
    title = "CLC+ Backbone 2023 (raster 10 m), Europe"
    body = tiff(region.codes[2023], AREA)
    service = DownloadService(
        archive=zipped(**{"Results/clc.tif": body, "x.xml": b"<x/>"}),
        datasets=[dataset("clc", title, "Raster")],
    )
    with served(service) as server:
        service.url = server.url
        key = tmp_path / "key.json"
        key.write_text(json.dumps(key_for(server.url).model_dump()))
        with fetching_from(server, tmp_path / "inbox", CLMS_KEY_FILE=key):
            yield service


def test_an_order_is_placed_once_and_its_archive_counted(
    ordering: DownloadService, region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "POLLS", 1)
    run = fetch.request_fetch(year=2023, window=AREA, publish=True)
    assert run.parameters["source"] == fetch.DOWNLOAD_API
    for _ in range(2):
        assert work(run).state == Run.State.RUNNING
        assert "In_progress" in run.message
        assert run.attempts == 0
    edition = ingested(run)
    assert edition.status == Edition.Status.PUBLISHED
    assert len(ordering.orders) == 1
    for code in region.zones:
        row = ZoneStatistics.objects.get(zone__code=code, edition=edition)
        found = {code: n for code, n in zip(CODES, row.cells, strict=True) if n}
        assert found == region.counts(code, 2023)


def test_an_order_that_failed_is_placed_anew(ordering: DownloadService) -> None:
    ordering.last_state = "Finished_nok"
    run = work(fetch.request_fetch(year=2023, window=AREA))
    assert run.state == Run.State.FAILED
    assert "Finished_nok" in run.message
    ordering.last_state = "Finished_ok"
    runs.resume(run)
    ingested(run)
    assert len(ordering.orders) == 2


def test_rasters_of_another_place_are_refused(ordering: DownloadService) -> None:
    far = Window(AREA.row + 5_000, AREA.column, SIDE, SIDE)
    run = work(fetch.request_fetch(year=2023, window=far))
    assert run.state == Run.State.FAILED
    assert "another place" in run.message


def test_a_request_that_cannot_be_met_is_refused_at_once(service: Served) -> None:
    with pytest.raises(UnknownLevel):
        fetch.request_fetch(year=2021, zone="commune:nowhere")
    with (
        override_settings(CLMS_KEY_FILE=None),
        pytest.raises(AccessRefused, match="CLMS_KEY_FILE"),
    ):
        fetch.request_fetch(year=2023, window=AREA)
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--zone", "commune"],
        ["--zone", ":"],
        ["--bbox", "5,45,6"],
        ["--bbox", "6,45,5,46"],
        ["--bbox", "nan,45,6,46"],
        ["--bbox", "500,45,600,46"],
        ["--bbox", "a,b,c,d"],
        [],
        ["--zone", "commune:1", "--bbox", "5,45,6,46"],
    ],
)
def test_bad_arguments_are_one_line(arguments: list[str]) -> None:
    with pytest.raises(CommandError) as found:
        call_command("fetch_edition", "--year", "2021", *arguments)
    assert "\n" not in str(found.value)


def test_the_command_queues_a_fetch(service: Served, region: Region) -> None:
    out = StringIO()
    code = min(region.zones)
    arguments = ["--zone", f"commune:{code}", "--publish", "--no-wait"]
    call_command("fetch_edition", "--year", "2021", *arguments, stdout=out)
    run = Run.objects.get(kind=Run.Kind.FETCH)
    assert str(run.pk) in out.getvalue()
    assert ingested(run).status == Edition.Status.PUBLISHED


def test_a_rectangle_in_degrees_is_covered_by_its_window() -> None:
    window = fetch.window_of_degrees((5.0, 45.0, 5.1, 45.1))
    west, south, east, north = window.bounds
    assert 7_000 < east - west < 10_000
    assert 10_500 < north - south < 13_000
