"""Figures of jobs, queues, editions and workers: what the database and Redis say."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.test import override_settings
from django.utils import timezone
from prometheus_client import CollectorRegistry

from clcplus.jobs import kinds, runner, tally
from clcplus.jobs.kinds import Attempt
from clcplus.jobs.records import UndividedJobs
from clcplus.models import Notice, Report, Run, Unit, ZoneSet
from clcplus.monitoring import life_signs
from clcplus.monitoring.job_measures import JobMeasures
from tests import workers
from tests.world import World

pytestmark = pytest.mark.django_db

Labels = dict[str, str]


def scraped() -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(JobMeasures())
    return registry


def value(name: str, **labels: str) -> float | None:
    return scraped().get_sample_value(name, labels)


def test_each_kind_and_state_has_a_figure_before_there_is_any_job() -> None:
    found = scraped()
    for kind in kinds.names():
        for state in Run.State.values:
            assert found.get_sample_value("clcplus_jobs", {"kind": kind, "state": state}) == 0
    for queue in {kind.queue for kind in kinds.all_kinds()}:
        assert found.get_sample_value("clcplus_queue_units", {"queue": queue}) == 0
        assert found.get_sample_value("clcplus_queue_oldest_seconds", {"queue": queue}) == 0


def test_units_of_open_jobs_wait_in_the_queue_of_their_kind(world: World) -> None:
    now = timezone.now()
    open_run = Run.objects.create(kind="ingest", queued_at=now - timedelta(seconds=500))
    failed = Run.objects.create(kind="ingest", state=Run.State.FAILED)
    edition = world.editions[2021]
    for run, states in ((open_run, ("queued", "queued", "done")), (failed, ("queued",))):
        for number, state in enumerate(states):
            Unit.objects.create(run=run, edition=edition, tile=f"E{number}", cells=1, state=state)
    Run.objects.create(kind="sample", state=Run.State.RUNNING, queued_at=now - timedelta(days=2))
    assert value("clcplus_queue_units", queue="clcplus") == 2 + 1
    assert value("clcplus_jobs", kind="ingest", state="queued") == 1
    assert value("clcplus_jobs", kind="ingest", state="failed") == 1
    # The draw of the sample is under way: it does not wait.
    assert value("clcplus_queue_oldest_seconds", queue="clcplus") == pytest.approx(500, abs=5)


def test_reports_and_uploads_are_jobs_too(world: World, django_user_model: type) -> None:
    old = timezone.now() - timedelta(seconds=90)
    made = {"vintage": 2024, "queued_at": old, "moved_at": old}
    for number, state in enumerate(Report.State.values):
        Report.objects.create(id=f"{number:032d}", state=state, **made)
    owner = django_user_model.objects.create(username="owner")  # type: ignore[attr-defined]
    for number, stage in enumerate(ZoneSet.Stage.values):
        ZoneSet.objects.create(
            id=f"{number:032d}", owner=owner, stage=stage, kind="file", file_bytes=1
        )
    for state in ("queued", "running", "succeeded", "failed"):
        assert value("clcplus_jobs", kind="report", state=state) == 1
    assert value("clcplus_queue_units", queue="reports") == 2
    assert value("clcplus_queue_oldest_seconds", queue="reports") == pytest.approx(90, abs=5)
    assert value("clcplus_jobs", kind="upload", state="queued") == 1
    assert value("clcplus_jobs", kind="upload", state="succeeded") == 3
    assert value("clcplus_jobs", kind="upload", state="failed") == 1
    assert value("clcplus_queue_units", queue="uploads") == 1


def test_each_state_of_a_job_that_is_no_run_is_known() -> None:
    found = 0
    for kind in kinds.all_kinds():
        records = kind.records
        if isinstance(records, UndividedJobs):
            choices = records.model._meta.get_field(records.state).choices
            assert set(records.states) == {value for value, _ in choices or ()}, kind.name
            assert set(records.states.values()) <= set(Run.State.values)
            assert records.model._meta.get_field(records.since).get_internal_type() == (
                "DateTimeField"
            )
            found += records.model is not Run
    assert found >= 3


def test_a_notice_waits_from_when_it_is_due() -> None:
    now = timezone.now()
    for channel, due in (("mail", now - timedelta(seconds=70)), ("webhook", now + timedelta(1))):
        Notice.objects.create(
            event_id=uuid.uuid4(), event="refresh.failed", channel=channel, due_at=due
        )
    assert value("clcplus_jobs", kind="notify", state="queued") == 2
    assert value("clcplus_queue_units", queue="clcplus") == 1
    assert value("clcplus_queue_oldest_seconds", queue="clcplus") == pytest.approx(70, abs=5)


def test_editions_by_status(world: World) -> None:
    assert value("clcplus_editions", status="published") == 2
    assert value("clcplus_editions", status="loaded") == 1
    assert value("clcplus_editions", status="withdrawn") == 0


def test_a_done_unit_is_counted_once_and_stays_when_its_run_goes(
    world: World, quiet_broker: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run.objects.create(kind="sample")
    ended: list[Attempt] = []

    def work(attempt: Attempt) -> bool:
        ended.append(attempt)
        Run.objects.filter(pk=attempt.number).update(state=Run.State.SUCCEEDED)
        return True

    found = kinds.find("sample")
    changed = type(found)(
        **{name: getattr(found, name) for name in found.__slots__} | {"work": work}
    )
    monkeypatch.setattr(kinds, "find", lambda name: changed)
    runner.handle_work("sample", run.pk)
    runner.handle_work("sample", run.pk)
    assert len(ended) == 1
    monkeypatch.undo()
    run.delete()
    assert value("clcplus_units_total", kind="sample", outcome="done") == 1
    seconds = value("clcplus_unit_seconds_total", kind="sample")
    assert seconds is not None
    assert 0 < seconds < 5


def test_attempts_that_end_badly_are_counted(
    world: World, quiet_broker: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run.objects.create(kind="sample")

    def work(attempt: Attempt) -> bool:
        raise OSError("the store is away")

    found = kinds.find("sample")
    changed = type(found)(
        **{name: getattr(found, name) for name in found.__slots__} | {"work": work}
    )
    monkeypatch.setattr(kinds, "find", lambda name: changed)
    for _ in range(found.attempts):
        runner.handle_work("sample", run.pk)
    monkeypatch.undo()
    run.refresh_from_db()
    assert run.state == Run.State.FAILED
    assert value("clcplus_units_total", kind="sample", outcome="retried") == found.attempts - 1
    assert value("clcplus_units_total", kind="sample", outcome="failed") == 1
    assert value("clcplus_units_total", kind="sample", outcome="done") == 0


@pytest.mark.django_db(transaction=True)
def test_many_processes_count_in_one_row() -> None:
    def count() -> None:
        try:
            for _ in range(20):
                tally.count("ingest", tally.Outcome.DONE, seconds=0.5)
        finally:
            connection.close()

    threads = [threading.Thread(target=count) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert value("clcplus_units_total", kind="ingest", outcome="done") == 120
    assert value("clcplus_unit_seconds_total", kind="ingest") == 60


@contextmanager
def _held(table: str) -> Iterator[None]:
    """Nobody else can read a table."""
    with psycopg.connect(workers.environment()["DATABASE_URL"]) as other:
        other.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield


@pytest.mark.django_db(transaction=True)
def test_a_database_that_does_not_answer_is_no_nought() -> None:
    with _held("clcplus_edition"):
        found = scraped()
        text = {metric.name for metric in found.collect()}
    assert found.get_sample_value("clcplus_scrape_part_up", {"part": "database"}) is not None
    assert "clcplus_editions" not in text
    assert "clcplus_jobs" not in text
    assert value("clcplus_scrape_part_up", part="database") == 1
    with _held("clcplus_edition"):
        assert value("clcplus_scrape_part_up", part="database") == 0


def test_redis_that_is_away_is_no_nought() -> None:
    with override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
        found = scraped()
    with override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
        assert found.get_sample_value("clcplus_scrape_part_up", {"part": "redis"}) == 0
        assert found.get_sample_value("clcplus_workers", {"queue": "clcplus"}) is None
        assert found.get_sample_value("clcplus_scrape_part_up", {"part": "database"}) == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_gives_signs_of_life_for_its_queues_until_it_has_ended(
    store: Path, empty_queue: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with life_signs.client() as server:
        server.flushdb()
    with workers.worker(
        log=tmp_path / "worker.log", processes=1, queues="reports,zones"
    ) as process:
        workers.wait_for(lambda: life_signs.workers(["zones"])["zones"], what="a sign of life")
        assert life_signs.workers(["reports", "zones", "uploads"]) == {
            "reports": 1,
            "zones": 1,
            "uploads": 0,
        }
        workers.kill(process)
    assert value("clcplus_workers", queue="zones") == 1
    monkeypatch.setattr(life_signs, "ALIVE_SECONDS", 0)
    assert value("clcplus_workers", queue="zones") == 0


def test_the_age_of_the_schedule_is_unknown_until_it_has_looked() -> None:
    with life_signs.client() as server:
        server.flushdb()
    assert life_signs.schedule_age() is None
    life_signs.note_schedule()
    age = value("clcplus_schedule_age_seconds")
    assert age is not None
    assert 0 <= age < 5


def test_a_resumed_run_waits_from_when_it_was_resumed(quiet_broker: list[object]) -> None:
    from clcplus.jobs import runs

    run = Run.objects.create(
        kind="sample",
        state=Run.State.FAILED,
        queued_at=timezone.now() - timedelta(days=9),
    )
    runs.resume(run)
    waited = value("clcplus_queue_oldest_seconds", queue="clcplus")
    assert waited is not None
    assert waited < 60
