"""A real worker in another process, on the test's own database and store."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection


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
