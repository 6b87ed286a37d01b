"""Runs in tests: done at once in this process, or by a real worker in another."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from clcplus.actions import registration, zones
from clcplus.database import read_side
from clcplus.jobs import runner
from clcplus.models import Edition, Run, Unit
from tests.region import Region


def work_unit(number: int) -> bool:
    """Do a unit of a run in this process; whether it is done now."""
    return runner.work(Unit.objects.get(pk=number).run.kind, number)


def drain(run: Run) -> Run:
    """Do a run's units and finalise it, as a worker would, until it has ended."""
    for _ in range(5):
        for number in Unit.objects.filter(run=run, state="queued").values_list("pk", flat=True):
            assert work_unit(number)
        runner.finish(run.kind, run.pk)
        run.refresh_from_db()
        if run.state not in ("queued", "running"):
            return run
    raise AssertionError(f"{run} does not end")


def load_zones(region: Region, *, vintage: int = 2024) -> None:
    """Import the communes of a region and dissolve the levels above."""
    zones.import_zones(
        paths=[region.communes],
        level="commune",
        vintage=vintage,
        code_field="code",
        name_field="name",
        parent_field="parent",
    )
    zones.dissolve_zones(
        path=region.departements,
        level="departement",
        from_level="commune",
        vintage=vintage,
        parent_field="region",
    )
    zones.dissolve_zones(
        path=region.regions, level="region", from_level="departement", vintage=vintage
    )


@contextmanager
def committed(region: Region, *, store: Path) -> Iterator[Region]:
    """The region with its zones and editions in a store of its own, for the tests of a module; the
    database is empty again afterwards."""
    with (
        override_settings(RASTER_STORE=str(store)),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr("clcplus.jobs.queue.send", lambda *_, **__: None)
        load_zones(region)
        load_editions(region)
        cache.clear()
        yield region
        read_side.dispose()
        call_command("flush", interactive=False, verbosity=0)


def register(region: Region, year: int, *, publish: bool = True, **options: Any) -> Run:
    """Check an edition of a region and register it."""
    sources = registration.check_sources(paths=[region.edition(year)], product="clcplus", year=year)
    return registration.register_edition(
        sources=sources, product="clcplus", year=year, publish=publish, **options
    )


def load_editions(
    region: Region, years: tuple[int, ...] = (2021, 2018, 2023)
) -> dict[int, Edition]:
    """Ingest editions of a region one after the other and publish them."""
    loaded = {}
    for year in years:
        run = drain(register(region, year))
        assert run.state == Run.State.SUCCEEDED, run.message
        loaded[year] = run.edition
    return {year: Edition.objects.get(pk=edition.pk) for year, edition in loaded.items()}


def environment() -> dict[str, str]:
    """What a process needs to work on the test's own database and store."""
    database = connection.settings_dict
    options = f"?host={database['HOST']}" if str(database["HOST"]).startswith("/") else ""
    host = "" if options else f"{database['HOST']}:{database['PORT'] or 5432}"
    password = f":{database['PASSWORD']}" if database["PASSWORD"] else ""
    return {
        **os.environ,
        "DATABASE_URL": f"postgresql://{database['USER']}{password}@{host}/{database['NAME']}{options}",
        "DATABASE_READ_URL": "",
        "REDIS_URL": settings.REDIS_URL,
        "RASTER_STORE": settings.RASTER_STORE,
        "CLCPLUS_CHECKPOINTS": str(settings.CLCPLUS_CHECKPOINTS),
        "CLCPLUS_IMAGERY": str(settings.CLCPLUS_IMAGERY),
        "CLCPLUS_PREDICTIONS": str(settings.CLCPLUS_PREDICTIONS),
        "SECRET_KEY": settings.SECRET_KEY,
    }


@contextmanager
def worker(*, log: Path, processes: int = 2, queues: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """A Celery worker on the test's database; ended with the block, if it has not been before."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                "-W",
                "ignore",
                "-m",
                "celery",
                "-A",
                "clcplus",
                "worker",
                "--concurrency",
                str(processes),
                "--loglevel",
                "INFO",
                "--without-gossip",
                "--without-mingle",
                *(("--queues", queues) if queues else ()),
            ],
            env=environment(),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    kill(process)


@contextmanager
def supervised_worker(*, log: Path, processes: int = 2, queues: str = "") -> Iterator[None]:
    """A worker that is started again a second after it ends, as the supervisor and compose do.

    Celery ends a worker whose broker goes away while it gives unfinished messages back.
    """
    over = threading.Event()

    def supervise() -> None:
        while not over.is_set():
            with worker(log=log, processes=processes, queues=queues) as process:
                while process.poll() is None and not over.wait(0.1):
                    pass
                if process.poll() is not None:
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)
            over.wait(1)

    supervisor = threading.Thread(target=supervise)
    supervisor.start()
    try:
        yield
    finally:
        over.set()
        supervisor.join()


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a worker and its children at once, without a chance to tidy up."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for(
    condition: Callable[[], Any], *, seconds: float = 60, what: str = "it", pause: float = 0.02
) -> Any:
    """Wait until a condition, looked at after each pause, holds; its value."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(pause)
    raise AssertionError(f"waited {seconds} s for {what}")
