"""What follows from how a step ends: tried again, given up, or left to the schedule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone
from sqlalchemy.exc import OperationalError as ReadError

from analytics.errors import RasterError, StoreError
from clcplus.jobs import faults, kinds, queue, runner, runs
from clcplus.jobs.kinds import Attempt
from clcplus.models import Run

pytestmark = pytest.mark.django_db

Message = tuple[str, dict[str, Any]]


@pytest.fixture
def run() -> Run:
    """A run that is one unit."""
    return Run.objects.create(kind=Run.Kind.REGISTER)


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> list[Message]:
    """What is sent to the broker, with its options."""
    sent: list[Message] = []
    monkeypatch.setattr(
        queue.current_app, "send_task", lambda name, **options: sent.append((name, options))
    )
    return sent


@pytest.fixture
def fails(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """Have the work of the kind end with an error."""

    def with_error(error: Exception) -> None:
        def work(attempt: Attempt) -> bool:
            raise error

        find = kinds.find
        failing = replace(find("register"), work=work)
        monkeypatch.setattr(
            kinds, "find", lambda name: failing if name == failing.name else find(name)
        )

    return with_error


def gone(state: str | None) -> OperationalError:
    """An error as Django raises it, with the state that PostgreSQL gives."""
    error = OperationalError("the server closed the connection")
    cause = psycopg.OperationalError("closed")
    cause.sqlstate = state
    error.__cause__ = cause
    return error


@pytest.mark.parametrize("state", [None, "08006", "57P01", "57P02", "57P03", "53300"])
def test_a_server_that_was_away_is_an_outage(state: str | None) -> None:
    assert faults.is_outage(gone(state))
    cause = psycopg.OperationalError("closed")
    cause.sqlstate = state
    assert faults.is_outage(ReadError("SELECT 1", {}, cause))
    assert faults.is_outage(InterfaceError("connection already closed"))


@pytest.mark.parametrize("state", ["53100", "40P01", "55P03", "57014"])
def test_a_failed_statement_is_no_outage(state: str) -> None:
    assert not faults.is_outage(gone(state))
    assert not faults.is_outage(StoreError("key", found="nothing", expected="a raster"))


def test_postgresql_says_so_itself() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 1")
        with pytest.raises(OperationalError) as timed_out:
            cursor.execute("SELECT pg_sleep(10)")
    assert not faults.is_outage(timed_out.value)
    with pytest.raises(psycopg.OperationalError) as refused:
        psycopg.connect(host="/nowhere", connect_timeout=1)
    error = OperationalError("no server")
    error.__cause__ = refused.value
    assert faults.is_outage(error)


def test_outages_are_never_counted_and_the_schedule_takes_over(
    run: Run, messages: list[Message], fails: Callable[[Exception], None]
) -> None:
    fails(gone("57P01"))
    pauses = []
    for tries in range(runner.MESSAGES):
        messages.clear()
        runner.handle_work("register", run.pk, tries=tries)
        run.refresh_from_db()
        assert (run.state, run.attempts) == (Run.State.RUNNING, 0)
        if messages:
            [(name, options)] = messages
            assert (name, options["kwargs"]) == ("clcplus.tasks.work", {"tries": tries + 1})
            pauses.append(options["countdown"])
    assert messages == []
    assert len(pauses) == runner.MESSAGES - 1
    for tries, pause in enumerate(pauses):
        longest = min(runner.LONGEST_PAUSE, 2.0**tries)
        assert longest / 2 <= pause <= longest
    # Long after the last message the schedule begins anew.
    assert runner.take_up() == 0
    Run.objects.update(updated_at=timezone.now() - runner.SILENCE - timedelta(seconds=1))
    assert runner.take_up() == 1
    assert messages[-1][1]["kwargs"] == {"tries": 0}


def test_transient_errors_are_counted_and_then_given_up(
    run: Run, messages: list[Message], fails: Callable[[Exception], None]
) -> None:
    fails(OSError("the drive is away"))
    attempts = kinds.find("register").attempts
    for tries in range(attempts):
        run.refresh_from_db()
        assert (run.state in ("queued", "running"), run.attempts) == (True, tries)
        runner.handle_work("register", run.pk, tries=tries)
    run.refresh_from_db()
    assert (run.state, run.message) == (Run.State.FAILED, "the drive is away")
    assert len(messages) == attempts - 1
    runs.resume(run)
    run.refresh_from_db()
    assert (run.state, run.attempts) == (Run.State.QUEUED, 0)


def test_a_final_error_fails_at_once(
    run: Run, messages: list[Message], fails: Callable[[Exception], None]
) -> None:
    fails(RasterError("a.tif", found="no raster", expected="one"))
    runner.handle_work("register", run.pk)
    run.refresh_from_db()
    assert (run.state, run.message) == (Run.State.FAILED, "a.tif: found no raster; expected one")
    assert messages == []


def test_an_unforeseen_error_is_logged_too(
    run: Run, messages: list[Message], fails: Callable[[Exception], None]
) -> None:
    fails(KeyError("x"))
    with pytest.raises(KeyError):
        runner.handle_work("register", run.pk)
    run.refresh_from_db()
    assert (run.state, run.message) == (Run.State.FAILED, "KeyError: 'x'")


def test_a_unit_that_kills_its_worker_is_given_up(
    run: Run, messages: list[Message], fails: Callable[[Exception], None]
) -> None:
    fails(AssertionError("it does not get so far"))
    Run.objects.update(attempts=kinds.find("register").attempts)
    runner.handle_work("register", run.pk)
    run.refresh_from_db()
    assert run.state == Run.State.FAILED
    assert "ended its worker 5 times" in run.message


def test_a_late_error_does_not_fail_a_cancelled_run(run: Run) -> None:
    runs.cancel(run.pk)
    assert not runs.fail(run.pk, "too late")
    assert not runs.succeed(run.pk)
    run.refresh_from_db()
    assert (run.state, run.message) == (Run.State.CANCELLED, "")


def test_work_stops_once_its_run_has_ended(
    run: Run, messages: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    reached = []

    def work(attempt: Attempt) -> bool:
        progress = runs.Progress(Run.objects.get(pk=attempt.number))
        monkeypatch.setattr(runs, "PROGRESS_SECONDS", 0.0)
        for done in range(1, 4):
            progress.go_on(done, 4)
            reached.append(done)
            if done == 2:
                runs.cancel(run.pk)
        return True

    find = kinds.find
    stopping = replace(find("register"), work=work)
    monkeypatch.setattr(kinds, "find", lambda name: stopping)
    assert not runner.work("register", run.pk)
    run.refresh_from_db()
    assert (run.state, run.cells_done, run.message) == (Run.State.CANCELLED, 2, "")
    assert reached == [1, 2]
    assert messages == []
