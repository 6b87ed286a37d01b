"""Rates: at most so many within so many seconds for each key, over all processes.

Redis counts in one script, so that no two requests take the same place. While Redis is away, each
process counts for itself.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
import uuid
from collections import deque
from dataclasses import dataclass

import redis
from cachetools import LRUCache
from django.conf import settings
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger(__name__)

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


# KEYS: the window. ARGV: now, its seconds, the most in it, a name of this request.
# Answers 0 where the request was counted, else the milliseconds until the oldest leaves the window.
_TAKE = """
local now, seconds, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - seconds)
if redis.call('ZCARD', KEYS[1]) < most then
    redis.call('ZADD', KEYS[1], now, ARGV[4])
    redis.call('PEXPIRE', KEYS[1], math.ceil(seconds * 1000))
    return 0
end
local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return math.max(1, math.ceil((tonumber(oldest[2]) + seconds - now) * 1000))
"""


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``number`` within ``seconds`` for each key; the window slides."""

    name: str
    number: int
    seconds: float

    def take(self, key: str) -> float:
        """Count a request. 0 where it is within the rate; else the seconds until one will be, and
        the request is not counted."""
        now = time.time()
        whole = f"{PREFIX}:{self.name}:{key}"
        try:
            script = connection().register_script(_TAKE)
            waiting = script([whole], [now, self.seconds, self.number, uuid.uuid4().hex])
        except RedisError:
            logger.warning("Redis cannot be reached: this process counts for itself", exc_info=True)
            return local.take(whole, number=self.number, seconds=self.seconds)
        return float(waiting) / 1000

    def forget(self, key: str) -> None:
        """Forget what this process has counted for itself."""
        local.forget(f"{PREFIX}:{self.name}:{key}")


class LocalWindows:
    """The same within one process, for the time without Redis; only so many keys are kept."""

    def __init__(self, *, most: int = 10_000) -> None:
        self._taken: LRUCache[str, deque[float]] = LRUCache(maxsize=most)
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._taken)

    def take(self, key: str, *, number: int, seconds: float) -> float:
        """As :meth:`Rate.take`."""
        now = time.time()
        with self._lock:
            taken = self._taken.setdefault(key, deque())
            while taken and taken[0] <= now - seconds:
                taken.popleft()
            if len(taken) >= number:
                return taken[0] + seconds - now
            taken.append(now)
            return 0.0

    def forget(self, key: str) -> None:
        """Forget what was taken of a key."""
        with self._lock:
            self._taken.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._taken.clear()


local = LocalWindows()
