"""The refresh: what is new elsewhere comes to readers, or waits for a person, whatever happens."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client, override_settings
from django.utils import timezone

from analytics.nomenclature import CODES
from clcplus.actions.editions import fetch, watch
from clcplus.actions.refresh import execution, offers, requests
from clcplus.errors import UnknownLevel, WrongState
from clcplus.jobs import runner, runs
from clcplus.models import (
    Edition,
    EditionCheck,
    Layer,
    Notice,
    Publication,
    Run,
    Zone,
    ZoneStatistics,
)
from tests.actions.elsewhere import AREA, Elsewhere, aged, due_day, refreshing
from tests.region import Region
from tests.runs import committed, drain_all, go_on
from tests.sources.download_service import DownloadService, dataset, key_for, zipped
from tests.sources.image_service import ImageService, tiff
from tests.sources.misbehaviour import Reply, Served, served

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loaded", "quiet_broker")]


@pytest.fixture(scope="module")
def loaded(
    region: Region,
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,
    django_db_blocker: Any,
) -> Iterator[Region]:
    """Two editions, for all tests of the module."""
    with (
        django_db_blocker.unblock(),
        committed(region, store=tmp_path_factory.mktemp("store"), years=(2021, 2018)),
    ):
        yield region


@pytest.fixture
def elsewhere(
    loaded: Region, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[tuple[Elsewhere, Served]]:
    """The server has a third edition."""
    with refreshing(Elsewhere(loaded.codes), inbox=tmp_path / "inbox") as found:
        yield found


def refreshed(run: Run) -> Run:
    drain_all()
    run.refresh_from_db()
    return run


def events() -> list[str]:
    return list(Notice.objects.order_by("created_at").values_list("event", flat=True))


def damaged(codes: np.ndarray) -> np.ndarray:
    found = codes.copy()
    found[found == 6] = 7
    return found


def test_a_new_edition_is_fetched_checked_and_published(
    elsewhere: tuple[Elsewhere, Served], region: Region, mailoutbox: list[Any]
) -> None:
    run = refreshed(requests.request_refresh())
    assert run.state == Run.State.SUCCEEDED, run.message
    assert run.message == "2023: published"
    edition = Edition.objects.get(year=2023)
    assert edition.status == Edition.Status.PUBLISHED
    assert edition.checks.get().holds
    for code in region.zones:
        row = ZoneStatistics.objects.get(zone__code=code, edition=edition)
        counts = {c: n for c, n in zip(CODES, row.cells, strict=True) if n}
        assert counts == region.counts(code, 2023)
    assert events() == ["edition.published"]
    assert [mail.subject for mail in mailoutbox] == [
        "[sealing.example] edition published: CLC+ Backbone 2023"
    ]
    # The second refresh asks what there is, and nothing else.
    server = elsewhere[1]
    server.requests.clear()
    published = Publication.objects.count()
    second = refreshed(requests.request_refresh())
    assert second.pk != run.pk
    assert (second.state, second.message) == (Run.State.SUCCEEDED, "nothing new")
    assert [request.path for request in server.requests] == ["/CLC_plus"]
    assert Publication.objects.count() == published
    assert events() == ["edition.published", "refresh.nothing-new"]


def test_a_damaged_edition_waits_for_a_person(
    elsewhere: tuple[Elsewhere, Served], region: Region, mailoutbox: list[Any], admin_client: Client
) -> None:
    there = elsewhere[0]
    there.editions[2023].codes = damaged(region.codes[2023])
    run = refreshed(requests.request_refresh())
    assert (run.state, run.message) == (Run.State.SUCCEEDED, "2023: held")
    edition = Edition.objects.get(year=2023)
    assert edition.status == Edition.Status.LOADED
    assert not Publication.objects.filter(subject=edition.slug).exists()
    assert events() == ["edition.held"]
    (mail,) = mailoutbox
    assert "histogram" in mail.body
    assert "https://sealing.example/editions/clcplus-2023/checks/" in mail.body
    assert "/editions/clcplus-2023/checks/" in admin_client.get(f"/jobs/{run.pk}/").content.decode()
    # It is known now: the next refresh does not fetch it again.
    assert refreshed(requests.request_refresh()).message == "nothing new"


def test_of_two_new_editions_the_second_is_compared_with_the_first(
    elsewhere: tuple[Elsewhere, Served], region: Region
) -> None:
    there = elsewhere[0]
    there.editions[2025] = ImageService(region.codes[2023], AREA)
    run = refreshed(requests.request_refresh())
    assert run.message == "2023: published; 2025: published"
    check = EditionCheck.objects.get(edition__year=2025)
    assert check.against == Edition.objects.get(year=2023)


def test_an_edition_that_cannot_be_fetched_fails_and_can_be_resumed(
    elsewhere: tuple[Elsewhere, Served], mailoutbox: list[Any]
) -> None:
    server = elsewhere[1]
    server.faulty = lambda request: "2023" in request.path
    server.faults = [Reply(b"<html><title>Sign in</title>")] * 9
    run = refreshed(requests.request_refresh())
    assert run.state == Run.State.FAILED
    assert "Sign in" in run.message
    assert events() == ["refresh.failed"]
    assert "Sign in" in mailoutbox[0].body
    server.faults.clear()
    runs.resume(run)
    assert refreshed(run).state == Run.State.SUCCEEDED
    assert Edition.objects.get(year=2023).status == Edition.Status.PUBLISHED
    assert events() == ["refresh.failed", "edition.published"]


def test_a_source_that_is_away_does_not_have_nothing(elsewhere: tuple[Elsewhere, Served]) -> None:
    server = elsewhere[1]
    server.faults = [Reply(status=503)] * 999
    run = requests.request_refresh()
    for _ in range(4):
        runner.handle_work(run.kind, run.pk)
        run.refresh_from_db()
        assert run.state == Run.State.RUNNING
    runner.handle_work(run.kind, run.pk)
    run.refresh_from_db()
    assert run.state == Run.State.FAILED
    assert "503" in run.message
    assert events() == ["refresh.failed"]


def test_a_list_without_services_is_a_failure(elsewhere: tuple[Elsewhere, Served]) -> None:
    server = elsewhere[1]
    server.faults = [Reply(b"<html><title>Moved</title>")]
    run = requests.request_refresh()
    runner.handle_work(run.kind, run.pk)
    run.refresh_from_db()
    assert run.state == Run.State.FAILED
    assert "Moved" in run.message


def test_an_edition_that_must_be_ordered_is_waited_for_without_a_worker(
    elsewhere: tuple[Elsewhere, Served],
    loaded: Region,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    del elsewhere[0].editions[2023]
    monkeypatch.setattr(fetch, "POLL_SECONDS", 0.0)
    monkeypatch.setattr(fetch, "POLLS", 1)
    service = DownloadService(
        archive=zipped(**{"clc.tif": tiff(loaded.codes[2023], AREA)}),
        datasets=[dataset("clc", "CLC+ Backbone 2023 (raster 10 m), Europe", "Raster")],
        polls=3,
    )
    with served(service) as server:
        service.url = server.url
        key = tmp_path / "key.json"
        key.write_text(json.dumps(key_for(server.url).model_dump()))
        trusted = (*settings.SOURCE_HOSTS, server.host)
        with override_settings(
            DOWNLOAD_API_URL=server.url, CLMS_KEY_FILE=key, SOURCE_HOSTS=trusted
        ):
            run = requests.request_refresh()
            go_on()
            for _ in range(3):
                go_on()
                run.refresh_from_db()
                assert (run.state, run.message) == (Run.State.RUNNING, "2023: fetch")
            assert refreshed(run).message == "2023: published"
    assert len(service.orders) == 1


def test_overseas_territories_are_left_out_of_the_window(loaded: Region) -> None:
    inside = fetch.window_of_zones("region:*")
    Zone.objects.filter(code="0V001").update(
        # Where Guadeloupe lies in this system.
        geometry=MultiPolygon(Polygon.from_bbox((-2.61e6, 2.68e6, -2.59e6, 2.7e6)), srid=3035)
    )
    found = fetch.window_of_zones("commune:*")
    assert found.intersection(inside) == found
    with pytest.raises(UnknownLevel, match="within Europe"):
        fetch.window_of_zones("commune:0V001")


class Killed(BaseException):
    """The worker ends here."""


STEPS = ("_look", *execution._STEPS)


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_that_is_killed_in_a_step_loses_nothing(
    elsewhere: tuple[Elsewhere, Served], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """After all that the step did, before any of it is stored."""
    killed: list[str] = []

    def dying(own: Callable[..., Any], *arguments: Any) -> Any:
        result = own(*arguments)
        if not killed and result is not False:
            killed.append(step)
            raise Killed
        return result

    if step == "_look":
        monkeypatch.setattr(offers, "lacking", partial(dying, offers.lacking))
    else:
        steps = {**execution._STEPS, step: partial(dying, execution._STEPS[step])}
        monkeypatch.setattr(execution, "_STEPS", steps)
    run = requests.request_refresh()
    for _ in range(20):
        try:
            if not go_on():
                break
        except Killed:
            continue
    run.refresh_from_db()
    assert killed == [step]
    assert (run.state, run.message) == (Run.State.SUCCEEDED, "2023: published")
    assert Edition.objects.filter(year=2023).count() == 1
    assert Run.objects.filter(kind=Run.Kind.FETCH).count() == 1
    assert Run.objects.filter(kind=Run.Kind.CHECK, edition__year=2023).count() == 1
    assert Publication.objects.filter(subject="clcplus-2023").count() == 1
    assert events() == ["edition.published"]


def test_waiting_costs_no_attempt_and_comes_back(
    elsewhere: tuple[Elsewhere, Served], quiet_broker: list[Any]
) -> None:
    run = requests.request_refresh()
    for _ in range(9):
        quiet_broker.clear()
        runner.handle_work(run.kind, run.pk)
        assert quiet_broker == [("work", "refresh", run.pk)]
        run.refresh_from_db()
        assert (run.state, run.attempts) == (Run.State.RUNNING, 0)
    assert run.message == "2023: fetch"


def test_a_second_request_finds_the_first(elsewhere: tuple[Elsewhere, Served]) -> None:
    first = requests.request_refresh()
    assert requests.request_refresh() == first
    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.create(kind=Run.Kind.REFRESH)
    runs.cancel(first.pk)
    second = requests.request_refresh()
    assert second != first
    with pytest.raises(WrongState, match="another refresh"):
        runs.resume(first)
    runs.succeed(second.pk)
    runs.resume(first)
    assert requests.request_refresh() == first


def test_a_missed_beat_is_caught_up_once(elsewhere: tuple[Elsewhere, Served]) -> None:
    aged(400)
    with override_settings(REFRESH_ON=due_day(40)):
        run = requests.plan_due()
        assert run is not None
        assert requests.plan_due() is None
        runs.succeed(run.pk)
        assert requests.plan_due() is None
    # A year later it is due again.
    Run.objects.filter(kind=Run.Kind.REFRESH).update(
        created_at=timezone.now() - timedelta(days=366)
    )
    with override_settings(REFRESH_ON=due_day(40)):
        assert requests.plan_due() is not None


def test_a_refresh_of_the_calendar_that_fails_is_resumed_a_day_later(
    elsewhere: tuple[Elsewhere, Served],
) -> None:
    server = elsewhere[1]
    server.faults = [Reply(b"<html><title>Moved</title>")]
    aged(400)
    with override_settings(REFRESH_ON=due_day(40)):
        run = requests.plan_due()
        assert run is not None
        assert refreshed(run).state == Run.State.FAILED
        assert requests.plan_due() is None
        a_day_ago = timezone.now() - timedelta(days=1, minutes=1)
        Run.objects.filter(pk=run.pk).update(finished_at=a_day_ago)
        Run.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(days=8))
        assert requests.plan_due() is None
        Run.objects.filter(pk=run.pk).update(created_at=a_day_ago)
        assert requests.plan_due() == run
        assert requests.plan_due() is None
    runs.cancel(run.pk)
    # One that a person has asked for is that person's.
    server.faults = [Reply(b"<html><title>Moved</title>")]
    asked = refreshed(requests.request_refresh())
    assert asked.state == Run.State.FAILED
    Run.objects.filter(pk=asked.pk).update(finished_at=a_day_ago)
    assert requests.plan_due() is None


def test_a_young_platform_a_demonstration_and_a_switched_off_one_wait(
    elsewhere: tuple[Elsewhere, Served],
) -> None:
    with override_settings(REFRESH_ON=due_day(40)):
        assert requests.plan_due() is None
        aged(400)
        with override_settings(DEMONSTRATION=True):
            assert requests.plan_due() is None
        with override_settings(REFRESH_ON=None):
            assert requests.plan_due() is None
        assert requests.plan_due() is not None


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2027, 3, 1, tzinfo=UTC), 2027),
        (datetime(2027, 2, 28, 23, 59, tzinfo=UTC), 2026),
        (datetime(2028, 2, 29, tzinfo=UTC), 2027),
        (datetime(2027, 12, 31, tzinfo=UTC), 2027),
    ],
)
def test_the_lastdue_day(now: datetime, expected: int) -> None:
    assert requests.last_due(now, month=3, day=1) == datetime(expected, 3, 1, tzinfo=UTC)


def test_the_schedule_goes_on_where_territories_are_missing(loaded: Region) -> None:
    """A refresh that cannot begin fails with a reason; other kinds are planned all the same."""
    aged(400)
    with override_settings(REFRESH_ON=due_day(40), REFRESH_AREA=("county:*",)):
        runner.plan_missed()
        run = Run.objects.get(kind=Run.Kind.REFRESH)
        runner.handle_work(run.kind, run.pk)
    run.refresh_from_db()
    assert run.state == Run.State.FAILED
    assert "county" in run.message


def test_a_dry_run_says_what_would_be_done_and_changes_nothing(
    elsewhere: tuple[Elsewhere, Served],
) -> None:
    before = (Run.objects.count(), Publication.objects.count())
    out = StringIO()
    call_command("refresh", "--dry-run", stdout=out)
    assert out.getvalue().splitlines() == [
        "2018 (image-server): known",
        "2021 (image-server): known",
        "2023 (image-server): new, to be fetched over region:*",
    ]
    assert (Run.objects.count(), Publication.objects.count()) == before
    assert [request.path for request in elsewhere[1].requests] == ["/CLC_plus"]


def test_the_command_starts_a_refresh(elsewhere: tuple[Elsewhere, Served]) -> None:
    out = StringIO()
    call_command("refresh", "--no-wait", stdout=out)
    assert str(Run.objects.get(kind=Run.Kind.REFRESH).pk) in out.getvalue()


def test_without_territories_the_command_says_so_in_one_line(loaded: Region) -> None:
    Layer.objects.update(active=False)
    for arguments in ([], ["--dry-run"]):
        with pytest.raises(CommandError, match="import_zones") as found:
            call_command("refresh", *arguments)
        assert "\n" not in str(found.value)
    assert not Run.objects.filter(kind=Run.Kind.REFRESH).exists()


def test_the_area_is_that_of_the_settings(elsewhere: tuple[Elsewhere, Served]) -> None:
    assert requests.area() == "region:*"
    with override_settings(REFRESH_AREA=("departement:0V", "commune:0V009")):
        assert requests.area() == "departement:0V,commune:0V009"
    with override_settings(REFRESH_AREA=("departement:nowhere",)), pytest.raises(UnknownLevel):
        requests.area()


def test_what_others_fetch_is_not_fetched_again(
    elsewhere: tuple[Elsewhere, Served], region: Region
) -> None:
    fetch.request_fetch(year=2023, zone="region:07", source=fetch.IMAGE_SERVER)
    assert offers.lacking() == []


@pytest.fixture
def watched(loaded: Region, tmp_path: Path) -> Iterator[Path]:
    """A watched place, on a machine without a way to services elsewhere."""
    place = tmp_path / "watched"
    place.mkdir()
    with override_settings(
        CLCPLUS_WATCH=str(place),
        WATCH_STILL_SECONDS=0,
        CLCPLUS_INBOX=tmp_path / "inbox",
        IMAGE_SERVER_URL="http://127.0.0.1:1",
        NOTIFY_MAIL=("operators@sealing.example",),
    ):
        yield place


def test_what_is_copied_into_the_watched_place_is_published(
    watched: Path, loaded: Region, mailoutbox: list[Any]
) -> None:
    shutil.copy(loaded.edition(2023), watched / "CLMS_CLCplus_RASTER_2023_010m_eu_03035_V1_1.tif")
    for _ in range(2):
        watch.look()
        requests.plan_due()
    drain_all()
    run = Run.objects.get(kind=Run.Kind.REFRESH)
    assert (run.state, run.message) == (Run.State.SUCCEEDED, "2023: published")
    assert Edition.objects.get(year=2023).status == Edition.Status.PUBLISHED
    assert events() == ["edition.published"]
    # It is followed once.
    assert requests.plan_due() is None


def test_what_is_copied_during_a_refresh_is_followed_by_the_next(
    watched: Path, loaded: Region
) -> None:
    Run.objects.create(
        kind=Run.Kind.REGISTER,
        parameters={"watched": {}, "product": "clcplus", "year": 2023},
        state=Run.State.FAILED,
        message="a raster that cannot be read",
    )
    under_way = Run.objects.create(kind=Run.Kind.REFRESH, parameters={"editions": []})
    assert requests.plan_due() is None
    runs.succeed(under_way.pk)
    run = requests.plan_due()
    assert run is not None
    refreshed(run)
    assert run.state == Run.State.FAILED
    assert "cannot be read" in run.message
    assert events() == ["refresh.failed"]
