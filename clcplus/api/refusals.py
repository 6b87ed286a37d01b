"""Refusals below /api/ and /tiles/ that no view has written: each is a problem document."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from clcplus.api.problems import CONTENT_TYPE, problem

_BELOW = ("/api/", "/tiles/")
_OF_ITS_BODY = frozenset({"content-length", "content-encoding", "etag"})
_PLAIN = "text/plain"
_LONGEST = 500


def as_problems(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware, the first of all: what the framework refuses before a view is asked (a wrong
    host, a form that cannot be read) has the form of all other refusals too."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not request.path_info.startswith(_BELOW) or not 400 <= response.status_code < 500:
            return response
        known = response.get("Content-Type", "")
        # A page that says when to come again is for people who followed a link.
        if known == CONTENT_TYPE or response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            return response
        told = problem(response.status_code, _detail(response, known))
        for name, value in response.items():
            if name.lower() not in _OF_ITS_BODY:
                told.headers.setdefault(name, value)
        return told

    return answer


def _detail(response: HttpResponseBase, content_type: str) -> str:
    """What a refusal says in plain text; else what its status means."""
    if content_type.startswith(_PLAIN) and isinstance(response, HttpResponse):
        text = response.content.decode(errors="replace").strip()
        if text and len(text) <= _LONGEST:
            return text
    return HTTPStatus(response.status_code).description or HTTPStatus(response.status_code).phrase
