"""Counts of requests: by the name of the address' pattern, never by the address.

All have labels, whose values come from a list of this code: no client can add one.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "clcplus_requests",
    "Requests that were answered.",
    ("route", "method", "status"),
    registry=REGISTRY,
)
SECONDS = Histogram(
    "clcplus_request_seconds",
    "Time until an answer began.",
    ("route",),
    buckets=(0.02, 0.1, 0.5, 2, 10),
    registry=REGISTRY,
)
ERRORS = Counter(
    "clcplus_request_errors",
    "Requests that were refused or failed, by the class of the error.",
    ("kind",),
    registry=REGISTRY,
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "other"
STATIC, NOWHERE, ADMIN = "static", "nowhere", "admin"
"""Routes of files, of what leads nowhere, and of all pages of the administration."""


def route_of(request: HttpRequest) -> str:
    """The name of the pattern that a request was led by."""
    match = request.resolver_match
    if match is not None:
        # The administration has as many patterns as all the rest, and few readers.
        return ADMIN if match.app_name == ADMIN else match.view_name or OTHER
    return (
        STATIC if request.path_info.startswith(f"/{settings.STATIC_URL.lstrip('/')}") else NOWHERE
    )


def count(request: HttpRequest, *, status: int, seconds: float) -> None:
    """A request was answered."""
    route = route_of(request)
    method = request.method if request.method in _METHODS else OTHER
    REQUESTS.labels(route, method, f"{status // 100}xx").inc()
    SECONDS.labels(route).observe(seconds)


def count_error(error: BaseException) -> None:
    """A request ended with an error."""
    ERRORS.labels(type(error).__name__).inc()
