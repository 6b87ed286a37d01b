"""Bodies that an answer did not wait for, read to their end behind the proxy.

A request may be refused by its head. The proxy is still sending the body then, and would lose the
answer with the connection. It has the whole body already, so that reading on takes no time; without
a proxy nothing is read on, since a client may be slow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

_CHUNK = 1 << 16

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class _Answer:
    """An answer; when it is done with, the rest of the body is read."""

    def __init__(self, pieces: Iterable[bytes], body: Any) -> None:
        self._pieces = pieces
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)

    def close(self) -> None:
        """What the server calls at the end, also where the answer has failed."""
        if hasattr(self._pieces, "close"):
            self._pieces.close()
        with suppress(OSError):  # the proxy has gone
            while self._body.read(_CHUNK):
                pass


def read_to_their_end(application: Application) -> Application:
    """The WSGI application that leaves no body unread."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        pieces = application(environ, start_response)
        if environ.get("CONTENT_LENGTH", "") in {"", "0"}:
            return pieces
        return _Answer(pieces, environ["wsgi.input"])

    return answer
