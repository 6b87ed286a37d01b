"""A command gets servers of its own, which end with it in every way it may end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ops.processes import living_in, wait_until
from tests.ops.clone import Clone


@pytest.fixture
def clone(open_folder: Path) -> Clone:
    return Clone(open_folder)


def command(clone: Clone, *words: str) -> list[str]:
    return [sys.executable, str(clone.folder / "ops" / "with_services.py"), "--", *words]


def test_the_status_is_the_commands_and_the_servers_are_its_own(clone: Clone) -> None:
    script = 'echo "$DATABASE_URL $REDIS_URL"; exit 7'
    done = subprocess.run(
        command(clone, "sh", "-c", script),
        env=os.environ | {"DATABASE_URL": "postgresql://real.example/x"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 7
    assert done.stdout.startswith("postgresql://clcplus@/clcplus?host=/tmp/clcplus-")
    assert re.search(r"unix://:[\w-]{64,}@/tmp/clcplus-", done.stdout)


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_servers_end_with_it(clone: Clone, number: signal.Signals, status: int) -> None:
    script = "echo up; exec sleep 60"
    home = clone.folder / ".local" / "test" / "0"
    folders = [home / "postgresql" / "data", home / "redis"]
    with subprocess.Popen(command(clone, "sh", "-c", script), stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"up\n"
        assert all(living_in(folder) for folder in folders)
        running.send_signal(number)
        assert running.wait(20) == status
    assert wait_until(lambda: not any(living_in(folder) for folder in folders), 15)


def test_runs_side_by_side_take_a_slot_each(clone: Clone) -> None:
    script = 'echo "$REDIS_URL"; read wait'
    words = command(clone, "sh", "-c", script)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(words, **pipes) as one, subprocess.Popen(words, **pipes) as other:
        assert one.stdout is not None
        assert other.stdout is not None
        assert one.stdout.readline() != other.stdout.readline()
        one.communicate(b"\n")
        other.communicate(b"\n")


def test_without_a_command_it_says_how_it_is_used(clone: Clone) -> None:
    done = subprocess.run(command(clone), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("usage:")
