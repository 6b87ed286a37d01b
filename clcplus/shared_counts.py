"""The connection to Redis for what all processes count together."""

from __future__ import annotations

import functools

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

PREFIX = "clcplus:count"
_SECONDS = 1.0
"""After which Redis is taken to be away: a reader waits for the answer."""


def connection() -> redis.Redis:
    """A connection that gives up soon. One retry: the server may have closed an idle one."""
    return _connection(settings.REDIS_URL)


@functools.cache
def _connection(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url,
        socket_timeout=_SECONDS,
        socket_connect_timeout=_SECONDS,
        retry=Retry(NoBackoff(), 1),
    )
