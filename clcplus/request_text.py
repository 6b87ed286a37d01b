"""The text of a request: UTF-8 wherever it stands, and free of signs that no database takes.

One place for the path, the query, headers, cookies and forms of every request. JSON bodies have
theirs in :mod:`clcplus.api.json_text`. What is refused here reaches no view, no cache and no
statement.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from types import MethodType
from typing import Any
from urllib.parse import quote

from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

NUL = "\x00"
_SURROGATE = re.compile("[\ud800-\udfff]")
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Their bodies are not read."""
_UTF8 = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
_PRINTABLE = "".join(chr(number) for number in range(0x21, 0x7F))
_LENGTH = re.compile(r"[0-9]{1,18}")
_SHOWN = 60


def storable(text: str) -> bool:
    """Whether a text has neither NUL nor half of a surrogate pair: PostgreSQL takes neither."""
    return NUL not in text and _SURROGATE.search(text) is None


class Request(WSGIRequest):
    """Django's, which ends with an error of the server where a Content-Type cannot be read."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]
        except ValueError:
            # Its charset is unknown, or has a sign that no charset has.
            self.content_type = meta["CONTENT_TYPE"].partition(";")[0].strip().lower()
            self.content_params = {"charset": "unreadable"}


class Handler(WSGIHandler):
    """Django's, with these requests."""

    request_class = Request


class _Refused(Exception):
    """A request that is not read, with the status that says why."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        self.status = status
        self.detail = detail
        super().__init__(detail)


def plain_text(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: read the request as UTF-8, or refuse it. It stands before all that reads a
    parameter, a cookie or a form."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        try:
            _check_body(request)
            _check_address(request)
            _check_headers(request)
        except _Refused as refused:
            return HttpResponse(
                f"{refused.detail}\n",
                content_type="text/plain; charset=utf-8",
                status=refused.status,
                headers={"Cache-Control": "no-store"},
            )
        _check_forms(request)
        return get_response(request)

    return answer


def _check_body(request: HttpRequest) -> None:
    """Refuse a body of another charset, or of no readable length."""
    if request.method not in _SAFE_METHODS:
        for name, value in (request.content_params or {}).items():
            if name.lower() == "charset" and value.strip().lower().replace("_", "-") not in _UTF8:
                raise _Refused(
                    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                    f"Content-Type: found the charset {_shown(value)}; expected UTF-8",
                )
    length = request.META.get("CONTENT_LENGTH") or "0"
    if _LENGTH.fullmatch(length) is None:
        too_long = length.isascii() and length.isdigit()
        raise _Refused(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE if too_long else HTTPStatus.BAD_REQUEST,
            f"Content-Length: found {_shown(length)}; expected the number of bytes of the body",
        )


def _check_address(request: HttpRequest) -> None:
    """Read the query as UTF-8, and have it in one form only.

    A charset in the Content-Type of a GET would change what the query means, and bytes that are
    not percent-encoded are read in another way than they are written: two requests with the same
    address, as caches know it, would have two answers.
    """
    if request.encoding is not None:
        request.encoding = "utf-8"
    query = request.META.get("QUERY_STRING", "")
    if not (query.isascii() and query.isprintable()) or " " in query:
        query = quote(query.encode("iso-8859-1", "replace"), safe=_PRINTABLE)
        request.META["QUERY_STRING"] = query
    if NUL in request.path_info or "%00" in query:
        raise _Refused(HTTPStatus.BAD_REQUEST, "address: found the sign NUL; expected text")


def _check_headers(request: HttpRequest) -> None:
    """Refuse NUL in a header; a cookie with one is none of ours, and is not looked at."""
    for name, value in request.META.items():
        if name.startswith("HTTP_") and NUL in value:
            shown = name.removeprefix("HTTP_").replace("_", "-").title()
            raise _Refused(HTTPStatus.BAD_REQUEST, f"{shown}: found the sign NUL; expected text")
    if "HTTP_COOKIE" in request.META:
        for name, value in list(request.COOKIES.items()):
            # Written as \000 within quotes, for one.
            if not (storable(name) and storable(value)):
                del request.COOKIES[name]


def _check_forms(request: HttpRequest) -> None:
    """Have a form refused, once somebody reads it, where its text cannot be stored."""
    load = request._load_post_and_files

    def checked(self: HttpRequest) -> None:
        load()
        for name, values in self._post.lists():  # type: ignore[attr-defined]
            if not all(map(storable, (name, *values))):
                raise BadRequest(f"{_shown(name)}: found the sign NUL; expected text")

    request._load_post_and_files = MethodType(checked, request)  # type: ignore[method-assign]


def _shown(text: str) -> str:
    return ascii(text[:_SHOWN])
