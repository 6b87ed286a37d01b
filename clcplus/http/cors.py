"""Headers that let pages of other sites read from here (CORS).

There is no Access-Control-Allow-Credentials: a browser keeps answers to requests with cookies from
such pages. A token is no cookie: a page that sends one has been given it.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

ORIGIN = "Access-Control-Allow-Origin"
READING = ("GET", "HEAD", "OPTIONS")
_PREFLIGHT_SECONDS = 600
_HEADERS = "*, Authorization, Content-Type, If-None-Match"
"""The star does not stand for Authorization."""
_EXPOSED = (
    "Allow, Content-Disposition, ETag, Link, Location, Retry-After, WWW-Authenticate, X-Request-ID"
)


def open_to_other_sites(response: HttpResponseBase, methods: Iterable[str] = READING) -> None:
    """Let pages of other sites read a response, and ask by ``methods``."""
    response[ORIGIN] = "*"
    response["Access-Control-Expose-Headers"] = _EXPOSED
    response["Access-Control-Allow-Methods"] = ", ".join(methods)
    response["Access-Control-Allow-Headers"] = _HEADERS
    response["Access-Control-Max-Age"] = str(_PREFLIGHT_SECONDS)


def close_to_other_sites(request: HttpRequest | Request, response: HttpResponseBase) -> None:
    """Keep an answer about what is not public from pages of other sites, save from one that has
    sent a token."""
    if not request.headers.get("Authorization", "").lower().startswith("bearer "):
        del response[ORIGIN]


def told_methods(methods: Iterable[str] = READING) -> HttpResponseBase:
    """The answer to OPTIONS: what an address can be asked, in JSON."""
    names = list(methods)
    response = JsonResponse({"methods": names}, headers={"Allow": ", ".join(names)})
    open_to_other_sites(response, names)
    return response
