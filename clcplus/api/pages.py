"""Pages of long lists: their parameters, and where the other pages are."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from rest_framework.request import Request

from analytics.records import Page
from clcplus import site_address
from clcplus.api.base import query, whole
from clcplus.http import parameters
from clcplus.http.errors import NothingHere

SIZE = 100
LARGEST_SIZE = 500
_LARGEST_NUMBER = 1_000_000
PARAMETERS = ("page", "page_size")
DESCRIBED = (
    query("page", "From 1.", whole(1, _LARGEST_NUMBER, default=1)),
    query(
        "page_size",
        f"Up to {LARGEST_SIZE}; {SIZE} by default.",
        whole(1, LARGEST_SIZE, default=SIZE),
    ),
)
"""The parameters, for a schema."""


def asked(request: HttpRequest) -> tuple[int, int]:
    """Number and size of the page that is asked for."""
    number = parameters.integer(request, "page", default=1, largest=_LARGEST_NUMBER)
    size = parameters.integer(request, "page_size", default=SIZE, largest=LARGEST_SIZE)
    return number, size


def check(page: Page[Any]) -> None:
    """Raises NothingHere for a page behind the last."""
    if page.number > page.last:
        raise NothingHere(f"page {page.number} does not exist; the last is {page.last}")


def around(request: Request, page: Page[Any]) -> dict[str, str]:
    """Addresses of the first, previous, next and last page, of those that there are."""
    numbers = {"first": 1, "last": page.last}
    if page.number > 1:
        numbers["prev"] = page.number - 1
    if page.number < page.last:
        numbers["next"] = page.number + 1
    return {relation: _address(request, number) for relation, number in numbers.items()}


def link_header(addresses: dict[str, str]) -> str:
    """The same as the header ``Link``."""
    return ", ".join(f'<{where}>; rel="{relation}"' for relation, where in addresses.items())


def _address(request: Request, number: int) -> str:
    values = {**request.GET.dict(), "page": number}
    return str(site_address.absolute(request, f"{request.path}?{urlencode(values)}"))
