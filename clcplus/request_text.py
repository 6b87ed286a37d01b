"""The text of a request: UTF-8 wherever it stands, and free of signs that no database takes.

One place for the path, the query, headers, cookies and forms of every request. JSON bodies have
theirs in :mod:`clcplus.http.json_text`. What is refused here reaches no view, no cache and no
statement.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from types import MethodType
from typing import Any
from urllib.parse import quote

from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import parse_header_parameters

from analytics.uploads import storable
from clcplus.http.errors import (
    BadDocument,
    BadParameter,
    BodyTooLarge,
    LengthRequired,
    NothingHere,
    RequestError,
    WrongMediaType,
)
from clcplus.http.problems import problem_of
from clcplus.http.refusals import OF_PROGRAMS

NUL = "\x00"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Their bodies are not read."""
_UTF8 = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
_PRINTABLE = "".join(chr(number) for number in range(0x21, 0x7F))
_LONGEST_LENGTH = 18
"""Digits of a number of bytes: Python reads no number of thousands of digits."""
_SHOWN = 60
_UNREADABLE = "clcplus.unreadable_form"


class Request(WSGIRequest):
    """Django's, but no Content-Type changes in which charset the rest of the request is read."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        """As Django's own, which ends with an error of the server for a charset that is a codec and
        none of text, or that no codec can be called."""
        given = meta.get("CONTENT_TYPE", "")
        try:
            self.content_type, self.content_params = parse_header_parameters(given)
        except ValueError:
            self.content_type = given.partition(";")[0].strip().lower()
            self.content_params = {"charset": "unreadable"}


class Handler(WSGIHandler):
    """Django's, with these requests."""

    request_class = Request


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
        except RequestError as error:
            return _refusal(error, request)
        _check_forms(request)
        response = get_response(request)
        if response.status_code == HTTPStatus.INTERNAL_SERVER_ERROR and _UNREADABLE in request.META:
            # The page that says that there is no such page looks for the form's token.
            return _refusal(BadDocument("body: found a form that cannot be read"), request)
        return response

    return answer


def _refusal(error: RequestError, request: HttpRequest) -> HttpResponseBase:
    """A problem document below the addresses of programs, some plain words elsewhere."""
    told = problem_of(error, request)
    if request.path_info.startswith(OF_PROGRAMS):
        return told
    if isinstance(error, NothingHere):
        # The page that says so looks for a form's token: no form of a refused request is read.
        request._mark_post_parse_error()  # type: ignore[attr-defined]
        raise Http404(error.detail)
    return HttpResponse(
        f"{error.detail}\n",
        content_type="text/plain; charset=utf-8",
        status=told.status_code,
        headers={"Cache-Control": "no-store"},
    )


def _check_body(request: HttpRequest) -> None:
    """Refuse a body of another charset, or of no readable length."""
    if request.method not in _SAFE_METHODS:
        for name, value in (request.content_params or {}).items():
            if name.lower() == "charset" and value.strip().lower().replace("_", "-") not in _UTF8:
                raise WrongMediaType(
                    f"Content-Type: found the charset {_shown(value)}; expected UTF-8"
                )
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit()):
        raise LengthRequired(
            f"Content-Length: found {_shown(length)}; expected the number of bytes of the body"
        )
    if len(length) > _LONGEST_LENGTH:
        raise BodyTooLarge(f"body: found {length[:20]}… bytes; expected a number that can be read")


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
    if NUL in request.path_info:
        raise NothingHere("address: found the sign NUL; expected text")
    if "%00" in query:
        for name, values in request.GET.lists():
            if any(NUL in text for text in (name, *values)):
                raise BadParameter(
                    name.replace(NUL, ""), found=NUL, allowed="text without the sign NUL"
                )


def _check_headers(request: HttpRequest) -> None:
    """Refuse NUL in a header; a cookie with one is none of ours, and is not looked at."""
    for name, value in request.META.items():
        if name.startswith("HTTP_") and NUL in value:
            shown = name.removeprefix("HTTP_").replace("_", "-").title()
            raise BadParameter(shown, found=NUL, allowed="text without the sign NUL")
    if "HTTP_COOKIE" in request.META:
        for name, value in list(request.COOKIES.items()):
            # Written as \000 within quotes, for one.
            if not (storable(name) and storable(value)):
                del request.COOKIES[name]


def _check_forms(request: HttpRequest) -> None:
    """Have a form refused, once somebody reads it, where its text cannot be stored."""
    load = request._load_post_and_files

    def checked(self: HttpRequest) -> None:
        try:
            load()
        except Exception:
            drop_unfinished(self)
            self.META[_UNREADABLE] = True
            raise
        for name, values in self._post.lists():  # type: ignore[attr-defined]
            if not all(map(storable, (name, *values))):
                self.META[_UNREADABLE] = True
                raise BadRequest(f"{_shown(name)}: found the sign NUL; expected text")

    request._load_post_and_files = MethodType(checked, request)  # type: ignore[method-assign]


def drop_unfinished(request: HttpRequest) -> None:
    """Remove the file that was being received when a form could not be read further."""
    for handler in request.upload_handlers:
        handler.upload_interrupted()


def _shown(text: str) -> str:
    return ascii(text[:_SHOWN])
