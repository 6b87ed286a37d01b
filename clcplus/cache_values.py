"""Values of the cache as bytes: bytes as they are, all else as JSON.

Django's own way is pickle, which runs what it reads: whoever could write to Redis, as the worker of
uploads can, would run code in the web server.
"""

from __future__ import annotations

import json
from typing import Any

_BYTES, _JSON = b"b", b"j"


class PlainSerializer:
    """What ``OPTIONS["serializer"]`` of the cache names."""

    def dumps(self, value: Any) -> bytes | int:
        """Whole numbers stay numbers, so that Redis can count with them."""
        if type(value) is int:
            return value
        if isinstance(value, bytes):
            return _BYTES + value
        return _JSON + json.dumps(value, ensure_ascii=False).encode()

    def loads(self, data: bytes) -> Any:
        """Raises ValueError for what :meth:`dumps` has not written."""
        kind, rest = data[:1], data[1:]
        if kind == _BYTES:
            return rest
        return json.loads(rest) if kind == _JSON else int(data)
