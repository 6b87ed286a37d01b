"""Pages of long lists: their parameters, and where the other pages are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.response import Response

from analytics.records import Page
from clcplus.api.operations import query, whole
from clcplus.http import parameters, site_address
from clcplus.http.errors import NothingHere

SIZE = 100
LARGEST_SIZE = 500
_LARGEST_NUMBER = 1_000_000
PARAMETERS = (
    query("page", "From 1.", whole(1, _LARGEST_NUMBER, default=1)),
    query(
        "page_size",
        f"Up to {LARGEST_SIZE}; {SIZE} by default.",
        whole(1, LARGEST_SIZE, default=SIZE),
    ),
)
NAMES = ("page", "page_size")


def asked(request: HttpRequest) -> tuple[int, int]:
    """Number and size of the page that is asked for."""
    number = parameters.integer(request, "page", default=1, largest=_LARGEST_NUMBER)
    size = parameters.integer(request, "page_size", default=SIZE, largest=LARGEST_SIZE)
    return number, size


def page_of(request: HttpRequest, items: Any, *, total: int) -> Page[Any]:
    """The page that is asked for of a sequence or a query."""
    number, size = asked(request)
    start = (number - 1) * size
    return Page(tuple(items[start : start + size]), total, number, size)


def answer(
    request: Request,
    page: Page[Any],
    serializer: Callable[..., Any],
    results: Sequence[Any],
    **members: Any,
) -> Response:
    """A page with the addresses of the others, also in the header ``Link``. Raises NothingHere for
    a page behind the last."""
    if page.number > page.last:
        raise NothingHere(f"page {page.number} does not exist; the last is {page.last}")
    numbers = {"first": 1, "last": page.last}
    if page.number > 1:
        numbers["prev"] = page.number - 1
    if page.number < page.last:
        numbers["next"] = page.number + 1
    around = {relation: _address(request, number) for relation, number in numbers.items()}
    body = {
        "count": page.total,
        "next": around.get("next"),
        "previous": around.get("prev"),
        "results": results,
        **members,
    }
    link = ", ".join(f'<{where}>; rel="{relation}"' for relation, where in around.items())
    return Response(serializer(body).data, headers={"Link": link})


def _address(request: Request, number: int) -> str:
    values = {**request.GET.dict(), "page": number}
    return site_address.absolute(request, f"{request.path}?{urlencode(values)}")
