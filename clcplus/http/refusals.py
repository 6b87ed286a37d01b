"""Refusals below /api/ and /tiles/ that no view has written: each is a problem document."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from clcplus.http.problems import CONTENT_TYPE, problem

OF_PROGRAMS = ("/api/", "/tiles/")
"""Where addresses of programs begin: each of their errors is a problem document."""
_OF_ITS_BODY = frozenset({"content-length", "content-encoding", "etag"})


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
