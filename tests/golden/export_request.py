"""One request of an export."""

from __future__ import annotations

import enum
import hashlib
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

LONGEST_NAME = 150


class Lane(enum.Enum):
    """Requests that one limit of the server counts together."""

    FREE = "free"
    COSTLY = "costly"  # settings.DOWNLOADS_PER_MINUTE
    AREAS = "areas"  # settings.POSTED_ZONES_PER_MINUTE


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, and the folder for its answer."""

    folder: str
    address: str
    lane: Lane = Lane.FREE
    method: str = "GET"
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    label: str = ""
    """Tells apart requests of one address, such as by their body."""

    @property
    def name(self) -> str:
        """The file for its answer, the same in every export."""
        words = [self.address, self.label, "" if self.method == "GET" else self.method]
        text = re.sub(r"[^A-Za-z0-9.,=-]+", "_", " ".join(filter(None, words))).strip("_")
        if len(text) > LONGEST_NAME:
            text = f"{text[:LONGEST_NAME]}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
        return f"{self.folder}/{text or 'root'}.txt"


def address(path: str, **query: Any) -> str:
    """A path with its query; ``from_`` stands for ``from`` and ``in_`` for ``in``."""
    parts = {name.rstrip("_"): value for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(parts, safe=':,')}" if parts else path
