"""A PostgreSQL and a Redis of the tests' own, which are stopped and started at will, and the
processes of the platform on them: nothing is replaced."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import kombu.pools
import redis
from celery import current_app
from django.db import connection, connections
from django.test import override_settings

from clcplus import environment as addresses
from clcplus.database import read_side
from ops.processes import Child
from ops.services import Services
from tests.workers import environment

LOOK_SECONDS = 1
"""Between two looks of the schedule: 30 on a platform, too long for a test."""


@dataclass
class Servers:
    """The two servers, running or not."""

    services: Services
    running: dict[str, Child] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """Bring ``postgresql`` or ``redis`` up; waits until it answers."""
        services = self.services
        server = services.cluster if name == "postgresql" else services.redis
        self.running[name] = server.start()

    def stop(self, name: str) -> None:
        """End it as an administrator does. Redis forgets everything."""
        self.running.pop(name).stop()

    def kill(self, name: str) -> None:
        """End it at once, without a chance to tidy up."""
        child = self.running.pop(name)
        child.record.identity.send(signal.SIGKILL)
        child.stop()

    def messages(self, queues: Sequence[str]) -> int:
        """Messages that wait in Redis, or that a worker has received and not ended yet."""
        with redis.Redis.from_url(self.services.redis.url()) as opened:
            waiting = sum(int(opened.llen(name)) for name in queues)
            return waiting + int(opened.hlen("unacked"))

    def forget_messages(self) -> None:
        """Empty Redis."""
        with redis.Redis.from_url(self.services.redis.url()) as opened:
            opened.flushall()

    @contextmanager
    def away(self, name: str, *, seconds: float) -> Iterator[None]:
        """An outage; the block runs while the server is away."""
        self.stop(name)
        ends = time.monotonic() + seconds
        try:
            yield
            time.sleep(max(0.0, ends - time.monotonic()))
        finally:
            self.start(name)


@contextmanager
def own_servers(folder: Path) -> Iterator[Servers]:
    """Both servers, with the platform's tables; this process talks to them inside the block."""
    servers = Servers(Services(folder, durable=False))
    former = dict(connection.settings_dict)
    read_side.dispose()
    connections.close_all()
    try:
        for name in ("postgresql", "redis"):
            servers.start(name)
        found = servers.services.database_settings() | servers.services.redis_settings()
        broker = addresses.celery_broker(found["REDIS_URL"])
        connection.settings_dict.update(addresses.database(found["DATABASE_URL"]))
        with (
            override_settings(
                DATABASE_URL=found["DATABASE_URL"],
                DATABASE_READ_URL="",
                REDIS_URL=found["REDIS_URL"],
            ),
            _broker(broker),
        ):
            manage = [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity", "0"]
            subprocess.run(manage, env=environment(), check=True)
            yield servers
    finally:
        read_side.dispose()
        connections.close_all()
        connection.settings_dict.clear()
        connection.settings_dict.update(former)
        for child in servers.running.values():
            child.stop()
        servers.services.place.remove()


@contextmanager
def _broker(address: str) -> Iterator[None]:
    """Messages of this process go to another broker."""
    former = os.environ.get("CELERY_BROKER_URL")
    os.environ["CELERY_BROKER_URL"] = address
    _forget_connections()
    try:
        yield
    finally:
        if former is None:
            del os.environ["CELERY_BROKER_URL"]
        else:
            os.environ["CELERY_BROKER_URL"] = former
        _forget_connections()


def _forget_connections() -> None:
    kombu.pools.reset()
    current_app._pool = None
    current_app.amqp._producer_pool = None


@contextmanager
def schedule(*, log: Path) -> Iterator[None]:
    """The schedule, as a platform runs it."""
    with log.open("ab") as output:
        beat = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "celery", "-A", "clcplus", "beat"],
            env=environment(),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            yield
        finally:
            beat.kill()
            beat.wait()


@contextmanager
def quick_looks() -> Iterator[None]:
    """Workers and the schedule look every second."""
    former = os.environ.get("JOBS_LOOK_SECONDS")
    os.environ["JOBS_LOOK_SECONDS"] = str(LOOK_SECONDS)
    try:
        yield
    finally:
        if former is None:
            del os.environ["JOBS_LOOK_SECONDS"]
        else:
            os.environ["JOBS_LOOK_SECONDS"] = former
