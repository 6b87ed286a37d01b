"""Middleware, before all other: a request gets its id, and is counted."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from django.core.signals import got_request_exception, request_finished
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from clcplus.monitoring import request_counts, request_ids


def observed(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Give the request an id, in the answer too, and count it with the time it took."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        found = request_ids.begin(request.headers.get(request_ids.HEADER))
        began = time.perf_counter()
        response = get_response(request)
        seconds = time.perf_counter() - began
        request_counts.count(request, status=response.status_code, seconds=seconds)
        response[request_ids.HEADER] = found
        return response

    return answer


def _count_unforeseen(**_: object) -> None:
    error = sys.exc_info()[1]
    if error is not None:
        request_counts.count_error(error)


got_request_exception.connect(_count_unforeseen)
# An answer may be a stream, and log while it is sent: not before its end.
request_finished.connect(request_ids.end)
