"""The platform's processes, as they run for months: supervised workers, and the schedule."""

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

_WORKERS = {"clcplus,reports,zones,uploads": 19, "inference": 1}
"""Queues of each worker, and its processes: one for each unit that a test holds in its midst, and
some more. As on a platform, the network has a worker of its own."""
QUEUES = [queue for queues in _WORKERS for queue in queues.split(",")]
_PAUSE = 0.1
_START = 120.0
"""Seconds in which a worker starts on a busy machine; a failure, not a measure."""


class Platform:
    """Workers that are started again a second after they end, as the supervisor and compose do,
    and the schedule beside them. Celery ends a worker whose broker goes away while it gives
    unfinished messages back."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._over = threading.Event()
        self._workers: dict[str, Popen[bytes]] = {}

    def _supervise(self, queues: str, processes: int) -> None:
        log = self._folder / f"worker-{queues.replace(',', '-')}.log"
        while not self._over.is_set():
            with worker(log=log, processes=processes, queues=queues) as process:
                self._workers[queues] = process
                while process.poll() is None and not self._over.wait(_PAUSE):
                    pass
                if process.poll() is not None:
                    _signal(process, signal.SIGKILL)
            self._over.wait(1)

    def kill_workers(self) -> None:
        """End the workers and their children at once, without a chance to tidy up."""
        for process in self._running():
            _signal(process, signal.SIGKILL)
            process.wait()

    def hold(self) -> None:
        """Stop the workers' processes at a moment when none of them is in a transaction."""
        for _ in range(int(_START / _PAUSE)):
            running = self._running()
            for process in running:
                _signal(process, signal.SIGSTOP)
            if not _in_transaction():
                return
            for process in running:
                _signal(process, signal.SIGCONT)
            self._over.wait(_PAUSE)
        raise AssertionError("the workers never rest")

    def go_on(self) -> None:
        """Let the workers' processes go on, if they were held."""
        for process in self._running():
            _signal(process, signal.SIGCONT)

    def _running(self) -> list[Popen[bytes]]:
        def found() -> list[Popen[bytes]] | None:
            running = [one for one in list(self._workers.values()) if one.poll() is None]
            return running if len(running) == len(_WORKERS) else None

        running: list[Popen[bytes]] = wait_for(
            found, seconds=_START, what="the workers", pause=_PAUSE
        )
        return running

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator[Platform]:
        """The processes work inside the block, on the servers and the store of the tests."""
        platform = cls(folder)
        supervisors = [
            threading.Thread(target=platform._supervise, args=worker) for worker in _WORKERS.items()
        ]
        for supervisor in supervisors:
            supervisor.start()
        try:
            with schedule(log=folder / "beat.log"):
                yield platform
        finally:
            platform._over.set()
            for supervisor in supervisors:
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
