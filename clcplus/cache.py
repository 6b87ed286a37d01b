"""The cache in Redis, without pickle: nothing that somebody else wrote there can run.

One byte before a value names its form: ``b`` bytes, ``j`` JSON. Whole numbers stand bare, so that
Redis can count with them. Anything else is dropped, and is a miss.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient

logger = logging.getLogger(__name__)

_BYTES, _JSON = b"b", b"j"


class Foreign(ValueError):
    """A value in the cache that is not written as ours are."""


class Serializer:
    """Bytes, and what JSON can hold, to and from what Redis keeps."""

    def dumps(self, value: Any) -> bytes | int:
        """Raises TypeError for anything else."""
        if type(value) is int:
            return value
        if isinstance(value, bytes):
            return _BYTES + value
        return _JSON + json.dumps(value, allow_nan=False).encode()

    def loads(self, data: bytes) -> Any:
        """Raises Foreign."""
        kind, content = data[:1], data[1:]
        try:
            if kind == _BYTES:
                return content
            if kind == _JSON:
                return json.loads(content)
            return int(data)
        except (ValueError, RecursionError):
            raise Foreign(f"a value of {len(data)} bytes") from None


class _Client(RedisCacheClient):
    """Django's, for which a value that is not ours is none."""

    _serializer: Serializer

    def get(self, key: Any, default: Any) -> Any:
        data: Any = self.get_client(key).get(key)
        if data is None:
            return default
        try:
            return self._serializer.loads(data)
        except Foreign as error:
            logger.warning("dropped from the cache: %s under %s", error, key)
            self.delete(key)
            return default

    def get_many(self, keys: Iterable[Any]) -> dict[Any, Any]:
        missing = object()
        found = {key: self.get(key, missing) for key in keys}
        return {key: value for key, value in found.items() if value is not missing}


class Cache(RedisCache):
    """Django's cache in Redis with values that are data alone."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        options = {"serializer": Serializer, **params.get("OPTIONS", {})}
        super().__init__(server, {**params, "OPTIONS": options})
        self._class = _Client
