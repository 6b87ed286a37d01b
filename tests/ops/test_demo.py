"""`make demo` and `make stop`, with real servers and stubs for the platform's own processes."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.processes import wait_until
from tests.ops.clone import Clone

ALL = ["beat", "postgresql", "proxy", "redis", "supervisor", "uploads-worker", "web", "worker"]


@pytest.fixture
def clone(open_folder: Path) -> Iterator[Clone]:
    clone = Clone(open_folder)
    yield clone
    clone.run("stop")


def test_from_start_to_stop(clone: Clone) -> None:
    started = clone.run("demo", DETACH="1")
    assert started.returncode == 0, started.stderr
    assert f"http://127.0.0.1:{clone.port}" in started.stdout
    assert "counting zones postgresql" in started.stdout
    assert "installing ['runtime', 'frontend']\n" in started.stdout
    assert "imagery in" not in started.stdout
    assert ".local/admin-password" in started.stdout
    assert (clone.folder / ".local" / "secret-key").stat().st_mode & 0o777 == 0o600
    assert clone.running() == ALL
    assert clone.answers()

    again = clone.run("demo", DETACH="1")
    assert again.returncode == 0
    assert f"runs already at http://127.0.0.1:{clone.port}" in again.stdout

    crashed = clone.identity("worker")
    crashed.send(signal.SIGKILL)
    assert wait_until(lambda: clone.identity("worker") != crashed, 10)
    assert wait_until(lambda: clone.running() == ALL, 5)
    log = (clone.folder / ".local" / "log" / "supervisor.log").read_text()
    assert "worker ended (signal 9); again in 1 s" in log

    identities = [clone.identity(name) for name in ALL]
    with subprocess.Popen(["sleep", "60"], cwd=clone.folder) as bystander:
        stopped = clone.run("stop")
        assert stopped.stdout == "stopped\n"
        assert bystander.poll() is None
        bystander.kill()
    assert not any(identity.alive for identity in identities)
    assert not clone.answers()
    assert "nothing to stop" in clone.run("stop").stdout


def test_with_forward_there_are_the_packages_a_gpu_worker_and_a_modelled_edition(
    clone: Clone,
) -> None:
    started = clone.run("demo", DETACH="1", FORWARD="1")
    assert started.returncode == 0, started.stderr
    assert "installing ['runtime', 'frontend', 'model']\n" in started.stdout
    imagery = clone.folder / ".local" / "demonstration" / "imagery"
    assert f"imagery in {imagery}" in started.stdout
    assert clone.running() == sorted([*ALL, "gpu-worker"])

    worker = clone.identity("gpu-worker")
    assert clone.run("stop").stdout == "stopped\n"
    assert not worker.alive


def test_a_killed_supervisor_takes_everything_along_and_a_new_start_works(clone: Clone) -> None:
    assert clone.run("demo", DETACH="1").returncode == 0
    identities = [clone.identity(name) for name in ALL]
    clone.identity("supervisor").send(signal.SIGKILL)
    assert wait_until(lambda: not any(identity.alive for identity in identities), 15)
    again = clone.run("demo", DETACH="1")
    assert again.returncode == 0, again.stderr
    assert clone.running() == ALL


def test_interrupted_in_the_foreground_it_stops_everything(clone: Clone) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "ops.demo"],
        cwd=clone.folder,
        env=clone.environment(),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as demo:
        assert demo.stdout is not None
        for line in demo.stdout:
            if "Ctrl-C" in line:
                break
        identities = [clone.identity(name) for name in ALL]
        assert all(identity.alive for identity in identities)
        demo.send_signal(signal.SIGINT)
        assert demo.wait(30) == 0
    assert not any(identity.alive for identity in identities)


def test_a_taken_port_is_reported_in_one_line(clone: Clone) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", clone.port))
        taken.listen()
        started = clone.run("demo", DETACH="1")
    assert started.returncode == 1
    assert len(started.stderr.splitlines()) == 1
    assert f"port {clone.port} cannot be used" in started.stderr
    assert "make demo PORT=" in started.stderr


@pytest.mark.parametrize("port", ["http", "0", "70000"])
def test_an_invalid_port_is_reported_in_one_line(clone: Clone, port: str) -> None:
    started = clone.run("demo", PORT=port)
    assert started.returncode == 1
    assert f"PORT={port} is not a port" in started.stderr


def test_a_failing_step_stops_what_was_started(clone: Clone) -> None:
    (clone.folder / "manage.py").write_text("raise SystemExit('no such table')\n")
    started = clone.run("demo", DETACH="1")
    assert started.returncode == 1
    assert "`manage.py migrate` failed" in started.stderr
    assert "no such table" in started.stderr
    assert "Traceback" not in started.stderr
    assert clone.running() == []


def test_servers_that_are_given_are_not_started(clone: Clone) -> None:
    given = {"DATABASE_URL": "postgresql://u@db.example/x", "REDIS_URL": "redis://cache.example/0"}
    started = clone.run("demo", DETACH="1", **given)
    assert started.returncode == 0, started.stderr
    assert clone.running() == ["beat", "proxy", "supervisor", "uploads-worker", "web", "worker"]
