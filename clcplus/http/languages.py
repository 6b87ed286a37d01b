"""The language of a page is that of its address: English without a prefix, ``/fr/``, ``/pl/``.

An address names one page for every reader and every cache. Data (API, tables, shapes, tiles) have
one address for all languages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse, translate_url
from django.utils import translation


def by_address(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: answer in the language of the address, and say which one it is.

    Django's own would also vary every tile and figure by ``Accept-Language``.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        named = translation.get_language_from_path(request.path_info)
        with translation.override(named or settings.LANGUAGE_CODE):
            response = get_response(request)
        if named or response.get("Content-Type", "").startswith(("text/html", "image/svg+xml")):
            response.headers.setdefault("Content-Language", named or settings.LANGUAGE_CODE)
        return response

    return answer


@dataclass(frozen=True, slots=True)
class Language:
    """A language that a page can be read in; its name is in the language itself."""

    code: str
    name: str
    short: str
    address: str
    current: bool
    same_page: bool
    """Whether the address is this page's, not that of the home page."""


def languages_of(path: str) -> list[Language]:
    """The languages of the page at ``path`` (with its query). A page that a language does not have
    (the API's description, an unknown address) leads to the home page of that language."""
    active = translation.get_language() or settings.LANGUAGE_CODE
    found = []
    for code, name in settings.LANGUAGES:
        current = code == active
        address = path if current else translate_url(path, code)
        same_page = current or address != path
        if not same_page:
            with translation.override(code):
                address = reverse("home")
        short = code.partition("-")[0].upper()
        found.append(Language(code, str(name), short, address, current, same_page))
    return found
