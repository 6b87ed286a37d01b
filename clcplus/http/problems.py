"""Errors over HTTP: ``application/problem+json`` (RFC 9457), with a status and what to do."""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.signals import got_request_exception
from django.db import OperationalError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    UnreadablePostError,
)
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import resolve
from django.utils.cache import patch_vary_headers
from rest_framework.exceptions import APIException, MethodNotAllowed, Throttled
from rest_framework.views import set_rollback
from sqlalchemy.exc import OperationalError as ReadError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from analytics.errors import ExplainedError, LabelError, SampleError, StoreError
from clcplus.errors import TooManyAttempts, UnknownSample, UnknownZoneSet, WrongState
from clcplus.http import negotiation, slashes
from clcplus.http.cors import READING, open_to_other_sites, told_methods
from clcplus.http.errors import NothingHere, RequestError
from clcplus.monitoring import request_counts, request_ids

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
RETRY_SECONDS = 5

OF_PROGRAMS = ("/api/", "/tiles/")
"""Where addresses of programs begin: each of their errors is a problem document."""
_OF_ITS_BODY = frozenset({"content-length", "content-encoding", "etag"})

STATUSES: dict[type[Exception], HTTPStatus] = {
    Http404: HTTPStatus.NOT_FOUND,
    UnknownZoneSet: HTTPStatus.NOT_FOUND,
    UnknownSample: HTTPStatus.NOT_FOUND,
    SampleError: HTTPStatus.UNPROCESSABLE_ENTITY,
    LabelError: HTTPStatus.UNPROCESSABLE_ENTITY,
    PermissionDenied: HTTPStatus.FORBIDDEN,
    WrongState: HTTPStatus.CONFLICT,
    TooManyAttempts: HTTPStatus.TOO_MANY_REQUESTS,
    # Bodies that Django's own parser refuses, and senders who go away.
    RequestDataTooBig: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    SuspiciousOperation: HTTPStatus.BAD_REQUEST,
    BadRequest: HTTPStatus.BAD_REQUEST,
    MultiPartParserError: HTTPStatus.BAD_REQUEST,
    UnreadablePostError: HTTPStatus.BAD_REQUEST,
    OperationalError: HTTPStatus.SERVICE_UNAVAILABLE,
    ReadError: HTTPStatus.SERVICE_UNAVAILABLE,
    PoolTimeout: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreError: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Status of the errors that name none themselves, or of the nearest class they derive from."""
_REMEDIES = {
    400: "Correct the request as the detail says; /api/v1/docs/ describes each address.",
    401: "Send the token of an account as Authorization: Bearer TOKEN; administrators make tokens.",
    403: "Ask with an account that has this right; a session also has to send its CSRF token.",
    404: "Check the address: /api/v1/ leads to all others, /api/v1/search/ finds territories.",
    405: "Use one of the methods that the header Allow names.",
    406: "Accept one of the formats of the address, or leave the header Accept out.",
    409: "Look at the present state, change it as the detail says, and send the request again.",
    411: "Send the length of the body in the header Content-Length.",
    413: "Send less: simplify outlines, round coordinates, or split the file.",
    414: "Shorten the address.",
    415: "Send one of the media types that the address takes, in UTF-8 and not compressed.",
    422: "Correct what the detail names, and send the request again.",
    429: "Wait as many seconds as the header Retry-After says, then send the request again.",
    431: "Send fewer or shorter headers.",
    500: "Try again later; where it goes on, tell whoever operates the site.",
    503: "Wait as many seconds as the header Retry-After says, then send the request again.",
}


def action_of(status: int) -> str:
    """What to do about a problem of a status, in one sentence."""
    usual = _REMEDIES[400] if status < HTTPStatus.INTERNAL_SERVER_ERROR else _REMEDIES[500]
    return _REMEDIES.get(status, usual)


def problem_document(
    status: int, detail: str, *, action: str = "", **members: Any
) -> dict[str, Any]:
    """A problem document: ``type``, ``title``, ``status``, ``detail``, what to do (``action``), and
    further members."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        "action": action or action_of(status),
        **members,
    }


def problem(status: int, detail: str, **members: Any) -> HttpResponse:
    """The response with a problem document; it has the id by which logs tell of the request."""
    if request_id := request_ids.current():
        members = {request_ids.NAME: request_id, **members}
    # What was found is shown as it came: also where it cannot be written in UTF-8.
    text = json.dumps(problem_document(status, detail, **members), ensure_ascii=False)
    response = HttpResponse(
        text.encode(errors="backslashreplace"), content_type=CONTENT_TYPE, status=status
    )
    response["Cache-Control"] = "no-store"
    open_to_other_sites(response)
    if status == HTTPStatus.NOT_ACCEPTABLE:
        patch_vary_headers(response, ("Accept",))
    if status in {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS}:
        response["Retry-After"] = str(RETRY_SECONDS)
    return response


def _status(error: Exception) -> HTTPStatus:
    for kind in type(error).__mro__:
        if kind in STATUSES:
            return STATUSES[kind]
    return HTTPStatus.INTERNAL_SERVER_ERROR


def too_many_page(request: HttpRequest, template: str, *, seconds: int) -> HttpResponse:
    """429 as a page that says how long to wait."""
    plain = getattr(request, "_request", request)
    context = {"seconds": seconds, "address": plain.get_full_path()}
    response = render(plain, template, context, status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = str(seconds)
    response["Cache-Control"] = "no-store"
    return response


def _of_framework(error: APIException, request: HttpRequest) -> HttpResponse:
    """The problem of an error that the REST framework raised by itself."""
    if isinstance(error, Throttled) and negotiation.prefers_page(request):
        # For people who followed a link.
        response = too_many_page(
            request, "429.html", seconds=int(getattr(error, "wait", None) or 1)
        )
    else:
        response = problem(error.status_code, str(error.detail), **getattr(error, "members", {}))
    # Sent as the framework's own handler would: throttling and authentication need them.
    if wait := getattr(error, "wait", None):
        response["Retry-After"] = str(int(wait))
    if isinstance(error, MethodNotAllowed):
        response["Allow"] = ", ".join(READING)
    if challenge := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = challenge
    return response


def problem_of(error: Exception, request: HttpRequest) -> HttpResponse:
    """The problem that an error becomes; what was not foreseen is logged, and tells nothing."""
    if isinstance(error, APIException):
        request_counts.count_error(error)
        return _of_framework(error, request)
    if isinstance(error, RequestError):
        request_counts.count_error(error)
        return problem(error.status, error.detail, **error.members)
    status = _status(error)
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        request_counts.count_error(error)
        action = f"{error.hint}." if isinstance(error, ExplainedError) and error.hint else ""
        detail = str(error) or f"{request.path}: {status.phrase.lower()}"
        response = problem(status, detail, action=action)
        if isinstance(error, TooManyAttempts):
            response["Retry-After"] = str(error.retry_seconds)
        return response
    logger.error("%s %s", request.method, request.path, exc_info=error)
    got_request_exception.send(sender=None, request=request)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return problem(status, "A part of the platform cannot be reached; try again soon")
    return problem(status, "An error on our side; it was logged")


def _left_to_developers(error: Exception) -> bool:
    """Whether Django shows an error with its traceback."""
    foreseen = isinstance(error, APIException | RequestError) or _status(error) < 500
    return settings.DEBUG and not foreseen


def exception_handler(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """What the REST framework calls for each error; None lets Django show it to a developer."""
    if _left_to_developers(error):
        return None
    set_rollback()
    return problem_of(error, context["request"])


P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def with_problems(view: View[P]) -> View[P]:
    """The same for a plain view."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Exception as error:
            if _left_to_developers(error):
                raise
            return problem_of(error, request)

    # They only read: there is nothing that another site could make a reader do.
    answer.csrf_exempt = True  # type: ignore[attr-defined]
    return answer


def reading_only(view: View[P]) -> View[P]:
    """:func:`with_problems`; OPTIONS is told in JSON, and any method but GET and HEAD is a 405."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.method == "OPTIONS":
            return told_methods()
        if request.method not in {"GET", "HEAD"}:
            raise MethodNotAllowed(str(request.method))
        return view(request, *args, **kwargs)

    return with_problems(answer)


@with_problems
def unknown_path(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    """Any address below /api/ and /tiles/ that leads nowhere, or lacks its last slash."""
    meant = None if request.path_info.endswith("/") else resolve(f"{request.path_info}/")
    if meant is None or meant.func is unknown_path:
        raise NothingHere(f"{request.path}: no such address; see /api/v1/docs/")
    if request.method == "OPTIONS":
        # A browser that asks what it may ask follows no redirect.
        answer: HttpResponseBase = meant.func(request, *meant.args, **meant.kwargs)
        return answer
    response = slashes.redirect(request)
    open_to_other_sites(response)
    return response


def as_problems(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware, the first of all: what the framework refuses before a view is asked (a wrong
    host, a form that cannot be read) has the form of all other refusals too."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not request.path_info.startswith(OF_PROGRAMS) or not 400 <= response.status_code < 500:
            return response
        # A page that says when to come again is for people who followed a link.
        is_problem = response.get("Content-Type") == CONTENT_TYPE
        if is_problem or response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            return response
        status = HTTPStatus(response.status_code)
        told = problem(status, status.description or status.phrase)
        for name, value in response.items():
            if name.lower() not in _OF_ITS_BODY:
                told.headers.setdefault(name, value)
        return told

    return answer
