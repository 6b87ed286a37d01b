"""The platform's processes, as they run for months: a supervised worker, and the schedule."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import Popen

from django.db import connection

from tests.jobs.servers import schedule
from tests.workers import wait_for, worker

QUEUES = "clcplus,reports,zones,uploads,inference"
PROCESSES = 12
"""Of the worker: one for each unit that a test holds in its midst, and some more."""
_PAUSE = 0.1
_START = 120.0
"""Seconds in which a worker starts on a busy machine; a failure, not a measure."""


class Platform:
    """A worker that is started again a second after it ends, as the supervisor and compose do, and
    the schedule beside it. Celery ends a worker whose broker goes away while it gives unfinished
    messages back."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "worker.log"
        self._over = threading.Event()
        self._worker: Popen[bytes] | None = None

    def _supervise(self) -> None:
        while not self._over.is_set():
            with worker(log=self._log, processes=PROCESSES, queues=QUEUES) as process:
                self._worker = process
                while process.poll() is None and not self._over.wait(_PAUSE):
                    pass
                if process.poll() is not None:
                    _signal(process, signal.SIGKILL)
            self._over.wait(1)

    def kill_worker(self) -> None:
        """End the worker and its children at once, without a chance to tidy up."""
        process = self._running()
        _signal(process, signal.SIGKILL)
        process.wait()

    def hold(self) -> None:
        """Stop the worker's processes at a moment when none of them is in a transaction."""
        for _ in range(int(_START / _PAUSE)):
            process = self._running()
            _signal(process, signal.SIGSTOP)
            if not _in_transaction():
                return
            _signal(process, signal.SIGCONT)
            self._over.wait(_PAUSE)
        raise AssertionError("the worker never rests")

    def go_on(self) -> None:
        """Let the worker's processes go on, if they were held."""
        _signal(self._running(), signal.SIGCONT)

    def _running(self) -> Popen[bytes]:
        def found() -> Popen[bytes] | None:
            process = self._worker
            return process if process is not None and process.poll() is None else None

        running: Popen[bytes] = wait_for(found, seconds=_START, what="a worker", pause=_PAUSE)
        return running

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator[Platform]:
        """The processes work inside the block, on the servers and the store of the tests."""
        platform = cls(folder)
        supervisor = threading.Thread(target=platform._supervise)
        supervisor.start()
        try:
            with schedule(log=folder / "beat.log"):
                yield platform
        finally:
            platform._over.set()
            supervisor.join()


def _signal(process: Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _in_transaction() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            " AND xact_start IS NOT NULL)"
        )
        (found,) = cursor.fetchone()
    return bool(found)
