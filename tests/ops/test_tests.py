"""How the tests are started, and their turns."""

from __future__ import annotations

import fcntl
import os
import shlex
import threading
from pathlib import Path

import pytest

from ops import tests
from ops.problems import Problem
from tests.exclusive_tests import turn
from tests.workers import wait_for


def test_there_is_one_worker_more_than_cores_or_as_many_as_one_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("WORKERS", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: {0, 1, 2})
    assert tests.workers() == 4
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: set(range(64)))
    assert tests.workers() == tests.MOST_WORKERS
    monkeypatch.setenv("WORKERS", "1")
    assert tests.workers() == 1


@pytest.mark.parametrize("text", ["0", "-1", "two"])
def test_an_invalid_number_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("WORKERS", text)
    with pytest.raises(Problem, match=f"WORKERS: found {text}; expected"):
        tests.workers()


def test_each_worker_has_servers_of_its_own() -> None:
    services = shlex.join(tests.WITH_SERVICES)
    one = tests.command(["-k", "zonal or api"], number=1)
    assert one == [*tests.WITH_SERVICES, "-m", "pytest", "-k", "zonal or api"]
    several = tests.command(["-k", "zonal or api"], number=3)
    assert several[-2:] == ["-k", "zonal or api"]
    assert several[several.index("--tx") + 1] == f"3*popen//python={services}"


def test_an_exclusive_test_waits_for_the_others_and_is_not_overtaken(tmp_path: Path) -> None:
    events: list[str] = []
    leave = threading.Event()

    def test(name: str, *, alone: bool) -> None:
        with turn(tmp_path, alone=alone):
            events.append(name)
            if name == "first":
                leave.wait(60)
            events.append(f"{name} ends")

    def somebody_waits() -> bool:
        with (tmp_path / "door.lock").open("w") as door:
            try:
                fcntl.flock(door, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False

    def start(name: str, *, alone: bool) -> threading.Thread:
        thread = threading.Thread(target=test, args=(name,), kwargs={"alone": alone})
        thread.start()
        return thread

    threads = [start("first", alone=False)]
    wait_for(lambda: events == ["first"])
    threads.append(start("alone", alone=True))
    wait_for(somebody_waits)
    threads.append(start("last", alone=False))
    assert events == ["first"]
    leave.set()
    for thread in threads:
        thread.join(60)
    assert events == ["first", "first ends", "alone", "alone ends", "last", "last ends"]


def test_other_tests_run_beside_each_other(tmp_path: Path) -> None:
    with turn(tmp_path, alone=False), turn(tmp_path, alone=False):
        pass
