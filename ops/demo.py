"""`make demo`: from a fresh clone to the running dashboard.

    PORT=8000 DETACH=0 FORWARD=0 python3 -m ops.demo

Runs in the foreground until Ctrl-C or `make stop`; with DETACH=1 it returns once the site is ready
and leaves the supervisor in the background. With FORWARD=1 it also trains a network on imagery of
the region and publishes what it predicts for a later year.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path

from ops import (
    account,
    frontend,
    platform_environment,
    sites,
    system_packages,
    translations,
    virtual_environment,
)
from ops.interruption import Ended, listen, undisturbed
from ops.layout import LOCAL, LOGS, ROOT, RUN, TESTS, make_closed, make_local
from ops.locks import held
from ops.privacy import UMASK, close
from ops.problems import Problem, run
from ops.processes import Identity, Record, read_record
from ops.sites import Site
from ops.supervisor import ADMIN_PASSWORD, Supervisor, stop_leftovers
from ops.terminal import say

SUPERVISOR = "supervisor"


def main() -> int:
    """Set up, start, and stay; see the module."""
    return bring(sites.demonstration(forward=_asked("FORWARD")))


def bring(site: Site) -> int:
    """Set up a site, start it, and stay until asked to end, or leave it in the background."""
    port, detach = _port(), _asked("DETACH")
    listen()
    os.umask(UMASK)
    make_local(LOCAL)
    make_closed(LOGS)
    with held(RUN / "demo.lock", wait=False) as mine:
        if not mine:
            return _already(site)
        supervisor = Supervisor(site, port)
        try:
            _announce(supervisor)
            stop_leftovers()
            close(LOCAL, doors=frozenset({LOCAL, *_doors_of_tests()}))
            _claim(port, site)
            began = time.monotonic()
            _set_up(list(site.packages))
            if detach:
                return _in_background(supervisor, began)
            return _supervise(supervisor, began)
        finally:
            _withdraw()


def _doors_of_tests() -> list[Path]:
    """Folders of test runs, which have servers of their own."""
    return [TESTS, *(folder for folder in TESTS.glob("*") if folder.is_dir())]


def _port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise Problem(f"PORT={text} is not a port: give a number from 1 to 65535")
    return int(text)


def _asked(name: str) -> bool:
    return os.environ.get(name, "") not in ("", "0")


def _already(site: Site) -> int:
    record = read_record(RUN, SUPERVISOR)
    where = f" at {record.address}" if record else ""
    say(f"`{site.command}` runs already{where} (`make stop` ends it)")
    return 0


def _announce(supervisor: Supervisor) -> None:
    """Write down who supervises, for `make stop` and for a second `make demo`."""
    identity = Identity.of(os.getpid())
    assert identity is not None
    Record(SUPERVISOR, identity, str(RUN.resolve()), address=supervisor.address).write(RUN)


def _withdraw() -> None:
    """Take our own record away, not that of a supervisor in the background."""
    record = read_record(RUN, SUPERVISOR)
    if record is not None and record.identity.pid == os.getpid():
        (RUN / f"{SUPERVISOR}.json").unlink()


def _claim(port: int, site: Site) -> None:
    """See that the port is free, before anything else takes time."""
    if account.of_servers().dropped and port < _first_open_port():
        raise Problem(f"port {port} needs rights of root, which the proxy gives up: take another")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Problem(
                f"port {port} cannot be used ({error.strerror}): choose another one, as in "
                f"`{site.command} PORT={port + 10 if port < 65000 else 8010}`"
            ) from None


def _first_open_port() -> int:
    """The lowest port that any account may listen on."""
    return int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())


def _set_up(packages: list[str]) -> None:
    needs = [*system_packages.RUNTIME, system_packages.NGINX]
    if not platform_environment.given(platform_environment.DATABASE):
        needs.append(system_packages.POSTGIS)
    if not platform_environment.given(platform_environment.REDIS):
        needs.append(system_packages.REDIS)
    system_packages.ensure(needs)
    virtual_environment.ensure(packages)
    frontend.ensure()
    translations.compile_all()


def _supervise(supervisor: Supervisor, began: float, ready: int | None = None) -> int:
    """Start everything and keep it running; ``ready`` is told when the site answers."""
    try:
        supervisor.bring_up()
        _invite(supervisor, began, detached=ready is not None)
        if ready is not None:
            _let_go(ready)
        supervisor.watch()
    except Ended:
        say("stopping")
    finally:
        with undisturbed():
            supervisor.stop()
    return 0


def _invite(supervisor: Supervisor, began: float, *, detached: bool) -> None:
    say(f"{time.monotonic() - began:6.1f} s  in all")
    say("")
    say(f"  {supervisor.address}")
    say(f"  administrator: admin, password in {ADMIN_PASSWORD.relative_to(ROOT)}")
    say(
        "  `make stop` ends it"
        if detached
        else f"  Ctrl-C ends it; logs in {LOGS.relative_to(ROOT)}"
    )


def _in_background(supervisor: Supervisor, began: float) -> int:
    """Leave the supervisor behind in a session of its own; return once it is ready."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.setsid()
        _announce(supervisor)
        try:
            status = _supervise(supervisor, began, ready=writing)
        except Problem as problem:
            print(f"error: {problem}", file=sys.stderr)
            status = 1
        finally:
            _withdraw()
        sys.stdout.flush()
        os._exit(status)
    os.close(writing)
    identity = Identity.of(child)
    try:
        ready = os.read(reading, 1) == b"1"
    except Ended:
        if identity is not None:
            identity.send(15)
        os.waitpid(child, 0)
        raise
    return 0 if ready else 1


def _let_go(ready: int) -> None:
    """Say "ready" to the waiting parent and leave its terminal."""
    with (LOGS / "supervisor.log").open("ab") as log, open(os.devnull, "rb") as nothing:
        sys.stdout.flush()
        os.dup2(nothing.fileno(), 0)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    os.write(ready, b"1")
    os.close(ready)


if __name__ == "__main__":
    run(main)
