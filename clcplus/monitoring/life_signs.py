"""Signs of life of workers and of the schedule, in Redis: they pass away by themselves.

A worker notes every few seconds which queues it serves, in a sorted set for each queue, by the time
that Redis has: clocks of machines differ.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

import redis
from django.conf import settings

logger = logging.getLogger(__name__)

EVERY_SECONDS = 15
ALIVE_SECONDS = 60
"""A worker of which nothing was heard for so long has ended."""
_SECONDS = 2
_WORKERS = "clcplus:alive:{queue}"
_SCHEDULE = "clcplus:schedule"


def client() -> redis.Redis:
    """Redis, which is asked for two seconds at most."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=_SECONDS, socket_timeout=_SECONDS
    )


def note_worker(name: str, queues: Iterable[str]) -> None:
    """A worker is alive and serves these queues."""
    try:
        with client() as server:
            now = _now(server)
            with server.pipeline(transaction=False) as steps:
                for queue in queues:
                    key = _WORKERS.format(queue=queue)
                    steps.zadd(key, {name: now})
                    steps.zremrangebyscore(key, "-inf", now - ALIVE_SECONDS)
                    steps.expire(key, 2 * ALIVE_SECONDS)
                steps.execute()
    except redis.RedisError as error:
        logger.debug("no sign of life: %s", error)


def note_schedule() -> None:
    """The schedule has looked for open jobs."""
    try:
        with client() as server:
            server.set(_SCHEDULE, _now(server))
    except redis.RedisError as error:
        logger.debug("no sign of life of the schedule: %s", error)


def workers(queues: Iterable[str]) -> dict[str, int]:
    """Number of living workers of each queue. Raises redis.RedisError."""
    names = list(queues)
    with client() as server:
        since = _now(server) - ALIVE_SECONDS
        with server.pipeline(transaction=False) as steps:
            for queue in names:
                steps.zcount(_WORKERS.format(queue=queue), since, "+inf")
            return dict(zip(names, steps.execute(), strict=True))


def schedule_age() -> float | None:
    """Seconds since the schedule has last looked; None if it never has. Raises redis.RedisError."""
    with client() as server:
        noted = server.get(_SCHEDULE)
        try:
            return None if noted is None else max(0.0, _now(server) - float(noted))
        except ValueError:
            return None


def _now(server: redis.Redis) -> float:
    seconds, micro = server.time()
    return float(seconds) + float(micro) / 1e6
