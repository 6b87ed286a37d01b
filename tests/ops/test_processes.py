"""Exactly the processes that were started are stopped."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.processes import Identity, Record, read_record, start, stop_process, wait_until
from ops.supervisor import stop_leftovers


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """A process that is none of ours."""
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def identity_of(process: subprocess.Popen[bytes]) -> Identity:
    identity = Identity.of(process.pid)
    assert identity is not None
    return identity


def test_identity_is_the_number_and_the_moment_of_the_start() -> None:
    own = Identity.of(os.getpid())
    assert own == Identity.of(os.getpid())
    assert own is not None
    assert own.alive
    assert not dataclasses.replace(own, started=own.started + 1).alive
    assert not dataclasses.replace(own, boot="another boot").alive


def test_a_process_that_has_ended_but_is_not_reaped_is_not_alive() -> None:
    process = subprocess.Popen(["true"])
    assert wait_until(lambda: Identity.of(process.pid) is None, 5)
    process.wait()


def test_a_recycled_number_is_not_signalled(bystander: subprocess.Popen[bytes]) -> None:
    recycled = dataclasses.replace(identity_of(bystander), started=1)
    assert not recycled.send(signal.SIGKILL)
    stop_process(recycled)
    assert bystander.poll() is None


def test_stop_leaves_a_process_whose_number_a_record_names_by_chance(
    bystander: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    recycled = dataclasses.replace(identity_of(bystander), started=1)
    Record("web", recycled, str(tmp_path)).write(tmp_path)
    assert stop_leftovers(tmp_path) == []
    assert bystander.poll() is None


def test_stop_leaves_the_processes_of_the_clone_this_one_was_copied_from(
    bystander: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    Record("web", identity_of(bystander), "/where/the/original/lies").write(tmp_path)
    assert stop_leftovers(tmp_path) == []
    assert bystander.poll() is None


def test_stop_ends_what_a_killed_supervisor_left(
    bystander: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    Record("worker", identity_of(bystander), str(tmp_path)).write(tmp_path)
    assert stop_leftovers(tmp_path) == ["worker"]
    assert bystander.wait(5) == -signal.SIGTERM
    assert not (tmp_path / "worker.json").exists()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"pid": "x"}', "not json"])
def test_a_damaged_record_names_nobody(tmp_path: Path, content: str) -> None:
    (tmp_path / "web.json").write_text(content)
    assert read_record(tmp_path, "web") is None


def test_a_process_deaf_to_the_polite_signal_is_killed_with_its_children(tmp_path: Path) -> None:
    script = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print(subprocess.Popen(['sleep', '60']).pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    log = tmp_path / "deaf.log"
    child = start(
        [sys.executable, "-c", script],
        name="deaf",
        records=tmp_path,
        log=log,
        env=dict(os.environ),
        cwd="/",
    )
    assert wait_until(lambda: log.read_text().endswith("\n"), 10)
    grandchild = Identity.of(int(log.read_text()))
    assert grandchild is not None
    child.stop(patience=0.3)
    assert child.ended() == -signal.SIGKILL
    assert wait_until(lambda: not grandchild.alive, 5)
    assert not (tmp_path / "deaf.json").exists()


def test_children_are_told_when_their_parent_is_killed(tmp_path: Path) -> None:
    script = (
        "import os, pathlib, sys, time\n"
        "from ops.processes import start\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "start(['sleep', '60'], name='child', records=folder, log=folder / 'child.log',\n"
        "      env=dict(os.environ), cwd='/')\n"
        "print('started', flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE)
    with parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"started\n"
        record = read_record(tmp_path, "child")
        assert record is not None
        parent.kill()
    assert wait_until(lambda: not record.identity.alive, 5)
