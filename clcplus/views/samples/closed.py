"""What is said to whoever may not see the pages of samples."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import urlencode

from clcplus import access
from clcplus.access import samples

View = Callable[..., Any]


def for_staff(view: View) -> View:
    """A view that accounts of staff alone may see."""

    @wraps(view)
    def answer(request: HttpRequest, **address: Any) -> Any:
        if not samples.may_request(request):
            return closed(request)
        return view(request, **address)

    return answer


def of_sample(view: View) -> View:
    """A view of one sample, which it is given in place of its id; others are told that there is
    none, whether there is or not."""

    @wraps(view)
    def answer(request: HttpRequest, **address: Any) -> Any:
        sample = samples.readable(request, address.pop("id"))
        if sample is None:
            return closed(request) if access.account(request) is None else gone(request)
        return view(request, sample=sample, **address)

    return answer


def closed(request: HttpRequest) -> HttpResponse:
    """403, with the way to sign in."""
    next_page = urlencode({"next": request.get_full_path()})
    context = {
        "section": "samples",
        "account": access.account(request),
        "sign_in": f"{reverse('admin:login')}?{next_page}",
    }
    response = render(request, "samples/closed.html", context, status=HTTPStatus.FORBIDDEN)
    add_never_cache_headers(response)
    return response


def gone(request: HttpRequest) -> HttpResponse:
    """404, for a sample that there is not and for one that the reader may not see: the same."""
    context = {"section": "samples"}
    response = render(request, "samples/gone.html", context, status=HTTPStatus.NOT_FOUND)
    add_never_cache_headers(response)
    return response
