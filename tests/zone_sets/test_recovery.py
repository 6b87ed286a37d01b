"""Killed in mid-batch: a worker, PostgreSQL, Redis. Nothing is lost; the numbers are the same."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.test import override_settings

from clcplus import locks, reading
from clcplus.actions.zone_sets import batches, computing
from clcplus.models import Layer, Run, ZoneBatch, ZoneChange, ZoneStatistics
from tests.running import kill, wait_for, worker
from tests.zone_sets.landscape import Landscape, figures
from tests.zone_sets.layers import drain, layer_of, planned
from tests.zone_sets.test_computing import random_areas

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("store", "empty_queue"),
]


@pytest.fixture
def layer(published: Landscape, monkeypatch: pytest.MonkeyPatch) -> Layer:
    """Sixty zones, to be counted in twelve batches."""
    monkeypatch.setattr(batches, "MOST_ZONES", 5)
    return layer_of(random_areas(60, seed=31))


@pytest.fixture
def expected(layer: Layer) -> tuple[list[Any], list[Any]]:
    """The figures of an undisturbed computation, which are gone again."""
    run = drain(planned(layer))
    assert run.state == Run.State.SUCCEEDED
    counted = figures(layer)
    assert len(counted[0]) == len(counted[1]) == 180
    ZoneStatistics.objects.filter(zone__layer=layer).delete()
    ZoneChange.objects.filter(zone__layer=layer).delete()
    run.delete()
    return counted


def ended(run: Run) -> bool:
    run.refresh_from_db()
    return run.state in (Run.State.SUCCEEDED, Run.State.FAILED)


def ended_or_resumed(run: Run) -> bool:
    """What the schedule does every half minute: a task may have ended with its database."""
    if not ended(run):
        computing.resume(at_once=True)
    return ended(run)


def in_mid_batch(run: Run) -> list[int]:
    """Batches that a worker is at."""
    return [n for n in batches.left(run) if locks.is_held(locks.Kind.ZONE_BATCH, n)]


def done(run: Run) -> int:
    return ZoneBatch.objects.filter(run=run, state=ZoneBatch.State.DONE).count()


@contextmanager
def nothing_stored(layer: Layer) -> Iterator[None]:
    """Workers count, and wait before they store anything: each of them stays in mid-batch."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM clcplus_zoneset WHERE layer_id = %s FOR UPDATE", [layer.pk])
        yield


def test_a_worker_killed_in_mid_batch(
    layer: Layer, expected: tuple[list[Any], list[Any]], tmp_path: Path
) -> None:
    run = planned(layer)
    with nothing_stored(layer), worker(log=tmp_path / "first.log", processes=2) as process:
        wait_for(partial(in_mid_batch, run), what="a batch")
        kill(process)
    wait_for(lambda: not in_mid_batch(run), what="the locks of the dead")
    assert figures(layer) == ([], [])
    for enough in (1, 4, 7):
        with worker(log=tmp_path / "killed.log", processes=1) as process:
            wait_for(lambda enough=enough: done(run) >= enough, what=f"{enough} batches")
            kill(process)
    with worker(log=tmp_path / "last.log"):
        wait_for(partial(ended, run), what="the rest")
    assert (run.state, run.units_done, run.message) == (Run.State.SUCCEEDED, 60, "")
    assert figures(layer) == expected


def test_postgresql_killed_in_mid_batch(
    layer: Layer, expected: tuple[list[Any], list[Any]], tmp_path: Path
) -> None:
    """A killed backend makes PostgreSQL end all others and recover from its log."""
    run = planned(layer)
    with worker(log=tmp_path / "worker.log", processes=2):
        with contextlib.suppress(OperationalError), nothing_stored(layer):
            wait_for(partial(in_mid_batch, run), what="a batch")
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = %s LIMIT 1",
                    [locks.Kind.ZONE_BATCH],
                )
                (backend,) = cursor.fetchone()
            os.kill(backend, signal.SIGKILL)
            wait_for(_is_gone, what="the end of all connections")
        connections.close_all()
        reading.dispose()
        wait_for(_answers, seconds=180, what="PostgreSQL")
        wait_for(partial(ended_or_resumed, run), seconds=180, what="the run", pause=3)
    assert (run.state, run.units_done, run.message) == (Run.State.SUCCEEDED, 60, "")
    assert figures(layer) == expected


def _is_gone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return False


def _answers() -> bool:
    try:
        Run.objects.exists()
    except OperationalError:
        connection.close()
        return False
    return True


def test_redis_killed_with_all_its_messages(
    layer: Layer, expected: tuple[list[Any], list[Any]], tmp_path: Path
) -> None:
    run = planned(layer)
    port = _free_port()
    with override_settings(REDIS_URL=f"redis://127.0.0.1:{port}/0"):
        with (
            _redis(port, tmp_path) as broker,
            worker(log=tmp_path / "first.log", processes=1) as process,
        ):
            with nothing_stored(layer):
                wait_for(partial(in_mid_batch, run), what="a batch")
                broker.kill()
                broker.wait()
            # What was under way is stored, though the messages are gone.
            wait_for(partial(done, run), what="the batch")
            kill(process)
        assert done(run) < 12
        with _redis(port, tmp_path), worker(log=tmp_path / "second.log"):
            wait_for(partial(ended, run), what="the run")
    assert (run.state, run.units_done, run.message) == (Run.State.SUCCEEDED, 60, "")
    assert figures(layer) == expected


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def _redis(port: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A Redis of the test's own that forgets everything when it ends."""
    program = shutil.which("redis-server")
    assert program is not None
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir"]
    process = subprocess.Popen([*command, str(folder)], stdout=subprocess.DEVNULL)
    try:
        wait_for(partial(_listens, port), what="Redis")
        yield process
    finally:
        process.kill()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
