"""Bodies of requests: refused by their headers, received up to a bound, and read to their end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest

from clcplus.http.errors import WrongMediaType

_SHOWN = 60
_MEGABYTE = 1_000_000
_CHUNK = 1 << 16

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def check_media_type(
    request: HttpRequest, allowed: Sequence[str], *, expected: str, content: str
) -> None:
    """Raises WrongMediaType for another media type, or a body that is compressed.

    ``expected`` and ``content`` name the media types and the content in the message.
    """
    media_type = request.content_type or ""
    if media_type not in allowed:
        raise WrongMediaType(
            f"Content-Type: found {media_type[:_SHOWN] or 'none'}; expected {expected}",
            allowed=list(allowed),
        )
    encoding = request.headers.get("Content-Encoding", "identity")
    if encoding.lower() != "identity":
        raise WrongMediaType(
            f"Content-Encoding: found {encoding[:_SHOWN]}; expected none. Send the {content} as it "
            "is"
        )


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Files go to the disk, and no further than the largest upload that is allowed.

    The framework reads the whole body to find the token against forged requests: without a bound
    anybody could fill the disk. What is over it ends the connection; one byte more than allowed is
    taken, so that the view can say in words that a file was too large.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.taken = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.taken += len(raw_data)
        if self.taken > settings.UPLOAD_MEGABYTES * _MEGABYTE + self.chunk_size:
            raise StopUpload(connection_reset=True)
        super().receive_data_chunk(raw_data, start)


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
    """The WSGI application that leaves no body unread behind the proxy.

    A request may be refused by its head. The proxy is still sending the body then, and would lose
    the answer with the connection. It has the whole body already, so reading on takes no time.
    Without a proxy nothing is read on, since a client may be slow.
    """

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        pieces = application(environ, start_response)
        if environ.get("CONTENT_LENGTH", "") in {"", "0"}:
            return pieces
        return _Answer(pieces, environ["wsgi.input"])

    return answer
