"""Tiles kept in the cache under the identity of what they show: nothing in it grows stale."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def kept(key: str, make: Callable[[], bytes]) -> bytes:
    """The bytes under a key, made where they are missing; a cache that is down costs time only.

    :func:`clcplus.snapshots.freshness.tile_key` makes the key."""
    try:
        found = cache.get(key)
    except RedisError:
        logger.warning("the cache cannot be reached: tiles are made anew", exc_info=True)
        return make()
    if isinstance(found, bytes):
        return found
    made = make()
    try:
        cache.set(key, made)
    except RedisError:
        logger.warning("the cache cannot be reached: a tile was not kept", exc_info=True)
    return made
