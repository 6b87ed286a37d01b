"""Requests as a server hands them to the WSGI application: bytes that a well-meant client would
have encoded, left out or refused reach it as they are."""

from __future__ import annotations

import functools
import io
import sys
from dataclasses import dataclass
from typing import Any

from clcplus.http.request_text import Handler


@functools.cache
def application() -> Handler:
    """As clcplus.wsgi makes it, with the settings of the tests."""
    return Handler()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the application has answered."""

    status: int
    headers: dict[str, str]
    body: bytes


def ask(
    path: bytes | str,
    *,
    method: str = "GET",
    query: bytes | str = b"",
    body: bytes = b"",
    **environ: str,
) -> Answer:
    """The answer to a request; ``path`` is decoded, as servers hand it on, ``query`` is not."""
    asked: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": _latin(path),
        "QUERY_STRING": _latin(query),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "CONTENT_LENGTH": str(len(body)) if body else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **environ,
    }
    told: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        told.extend((int(status.split()[0]), dict(headers)))

    response = application()(asked, start)
    try:
        content = b"".join(response)
    finally:
        close = getattr(response, "close", None)
        if close is not None:
            close()
    status, headers = told
    for name, value in headers.items():
        assert not set("\r\n\x00") & set(name + value), (name, value)
    return Answer(status, headers, content)


def _latin(text: bytes | str) -> str:
    return (text.encode() if isinstance(text, str) else text).decode("iso-8859-1")
