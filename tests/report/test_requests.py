"""Reports are made once, one at a time, within bounds; and again after their worker was killed."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.utils import timezone

from analytics.errors import StoreError
from analytics.rasters.store import open_store
from clcplus import locks
from clcplus.actions import reports
from clcplus.errors import Outdated, QueueFull
from clcplus.jobs import queue, runner
from clcplus.models import Publication, Report
from clcplus.report import pdf_pages, production
from tests.report.conftest import Asked, made

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Setting the pages is other tests' matter: here a file is a file."""
    monkeypatch.setattr(
        pdf_pages,
        "render",
        lambda html, parts, *, identifier, each_page: (
            each_page(),
            pdf_pages.Rendered(content=b"%PDF-" + identifier, pages=1),
        )[1],
    )


def sent(quiet_broker: list[Any]) -> list[str]:
    return [str(number) for _, kind, number in quiet_broker if kind == reports.KIND]


def test_two_clicks_are_one_report_and_one_task(
    ask: Asked, quiet_broker: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        first, second = ask(), ask()
    assert first == second
    assert Report.objects.count() == 1
    assert sent(quiet_broker) == [str(first.pk)]
    with django_capture_on_commit_callbacks(execute=True):
        made(first)
        assert ask().state == Report.State.DONE
    assert len(sent(quiet_broker)) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"code": "0V002"},
        {"language": "fr"},
        {"earlier": "clcplus-2021"},
        {"data": "another"},
        {"site": "https://other.test"},
        {"vintage": 2020},
    ],
)
def test_different_requests_are_different_reports(ask: Asked, other: dict[str, Any]) -> None:
    first = ask()
    assert ask(**other).pk != first.pk
    assert ask().pk == first.pk


def test_another_release_makes_another_report(ask: Asked) -> None:
    first = ask()
    assert ask(release="next").pk != first.pk


def test_the_number_of_waiting_reports_is_bounded(
    ask: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "WAITING", 2)
    first, _second = ask(), ask("0V002")
    with pytest.raises(QueueFull, match="found 2 that wait"):
        ask("0V003")
    # Who has asked already is not sent away, and a finished report makes room.
    assert ask() == first
    made(first)
    assert ask("0V003").state == Report.State.QUEUED


def test_progress_is_reported_while_a_report_is_made(
    ask: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = ask()
    told: list[tuple[str, int]] = []
    real = reports.move_report

    def note(number: Any, **changed: Any) -> None:
        real(number, **changed)
        seen = Report.objects.get(pk=number)
        told.append((seen.stage, seen.percent))

    def begun(*asked: Any, **options: Any) -> Any:
        seen = Report.objects.get(pk=report.pk)
        assert (seen.state, seen.stage, seen.percent) == (Report.State.RUNNING, "figures", 5)
        return make(*asked, **options)

    make = production.make
    monkeypatch.setattr(production, "make", begun)
    monkeypatch.setattr(reports, "move_report", note)
    made(report)
    assert [stage for stage, _ in told] == ["map", "charts", "pages", "pages", "pages"]
    percents = [percent for _, percent in told]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    assert report.state == Report.State.DONE


def test_one_worker_at_a_time(ask: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    report = ask()
    monkeypatch.setattr(locks, "try_lock", lambda kind, number: nullcontext(enter_result=False))
    assert not runner.work("report", report.pk)
    report.refresh_from_db()
    assert (report.state, report.attempts) == (Report.State.QUEUED, 0)


def test_a_stalled_report_is_queued_again(ask: Asked, quiet_broker: list[Any]) -> None:
    report = ask()
    Report.objects.update(state=Report.State.RUNNING, attempts=1)
    quiet_broker.clear()
    assert runner.take_up() == 0
    Report.objects.update(moved_at=timezone.now() - runner.SILENCE - timedelta(seconds=1))
    assert runner.take_up() == 1
    assert sent(quiet_broker) == [str(report.pk)]
    report.refresh_from_db()
    assert report.state == Report.State.QUEUED
    # It has been queued just now: the next look leaves it alone.
    assert runner.take_up() == 0
    assert made(report).attempts == 2


def test_a_report_that_kills_its_worker_is_given_up(ask: Asked) -> None:
    report = ask()
    Report.objects.update(attempts=reports.ATTEMPTS)
    assert not runner.work("report", report.pk)
    report.refresh_from_db()
    assert (report.state, report.error) == (Report.State.FAILED, reports.ENDED)
    again = ask()
    assert (again.pk, again.state, again.attempts) == (report.pk, Report.State.QUEUED, 0)


def test_old_data_are_not_presented_as_new(ask: Asked) -> None:
    report = ask(data="0")
    with pytest.raises(Outdated):
        runner.work("report", report.pk)
    runner.handle_work("report", str(report.pk))
    report.refresh_from_db()
    assert (report.state, report.error) == (Report.State.FAILED, reports.OUTDATED)


def test_an_unforeseen_error_ends_with_a_reason(
    ask: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = ask()

    def fail(*_: object, **__: object) -> None:
        raise KeyError("secret")

    monkeypatch.setattr("clcplus.report.production.make", fail)
    with pytest.raises(KeyError):
        runner.handle_work("report", str(report.pk))
    report.refresh_from_db()
    assert (report.state, report.error) == (Report.State.FAILED, reports.UNFORESEEN)


@pytest.mark.parametrize(
    "fault", [StoreError("s3://x", found="nothing", expected="a bucket"), OSError("no room")]
)
def test_a_transient_error_is_tried_again(
    ask: Asked, monkeypatch: pytest.MonkeyPatch, fault: Exception, quiet_broker: list[Any]
) -> None:
    report = ask()

    def fail(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr("clcplus.report.production.make", fail)
    for attempt in range(1, reports.ATTEMPTS):
        quiet_broker.clear()
        runner.handle_work("report", report.pk, tries=attempt - 1)
        report.refresh_from_db()
        assert (report.open, report.attempts) == (True, attempt)
        assert sent(quiet_broker) == [str(report.pk)]
    quiet_broker.clear()
    runner.handle_work("report", report.pk)
    report.refresh_from_db()
    assert sent(quiet_broker) == []
    assert (report.state, report.error) == (Report.State.FAILED, reports.UNREACHABLE)


def test_a_timeout_is_reported(ask: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    report = ask()

    def fail(*_: object, **__: object) -> None:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr("clcplus.report.production.make", fail)
    runner.handle_work("report", str(report.pk))
    report.refresh_from_db()
    assert (report.state, report.error) == (Report.State.FAILED, reports.TOO_LONG)


def test_the_message_has_a_limit_and_a_queue_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: dict[str, Any] = {}
    monkeypatch.setattr(
        current_app, "send_task", lambda name, **options: sent.update(options, name=name)
    )
    queue.send(queue.Step.WORK, reports.KIND, 7)
    assert (sent["name"], sent["args"]) == ("clcplus.tasks.work", ("report", 7))
    assert sent["soft_time_limit"] < sent["time_limit"]
    assert sent["queue"] == "reports"
    queues = {queue.name for queue in settings.CELERY_TASK_QUEUES}
    assert {"clcplus", "reports", "uploads", "zones"} == queues
    for name in ("take_up_jobs", "remove_old_reports"):
        assert f"clcplus.tasks.{name}" in {
            entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()
        }


def test_old_reports_are_removed_with_their_files(
    ask: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, former, kept, waiting = ask(), ask("0V002"), ask("0V003"), ask("0V004")
    for report in (old, former, kept):
        made(report)
    now = timezone.now()
    Report.objects.filter(pk=old.pk).update(finished_at=now - reports.KEPT - timedelta(hours=1))
    Report.objects.filter(pk=former.pk).update(
        release="before", finished_at=now - reports.KEPT_FORMER - timedelta(hours=1)
    )
    Report.objects.filter(pk=kept.pk).update(
        finished_at=now - reports.KEPT_FORMER - timedelta(hours=1)
    )
    store = open_store(settings.RASTER_STORE)
    assert store.read(old.key).startswith(b"%PDF-")
    assert reports.remove_old_reports() == 2
    assert set(Report.objects.all()) == {kept, waiting}
    assert store.read(kept.key).startswith(b"%PDF-")
    for report in (old, former):
        with pytest.raises(StoreError):
            store.read(report.key)
    assert Publication.objects.exists()
    # It is made again, at the same address.
    assert made(ask()).pk == old.pk
