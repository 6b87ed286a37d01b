"""What the first visit of the home page costs: bytes, requests, and what moves while it loads."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import brotli
import pytest
from playwright.sync_api import Browser, Page, Response

from tests.browser.conftest import Tab, context

pytestmark = pytest.mark.django_db

MOST_BYTES = 450_000
MOST_OF_PAGE = 15_000
MOST_REQUESTS = 24
MOST_ELEMENTS = 1_500
LARGEST_SHIFT = 0.1
_COMPRESSED_ALREADY = ("image/png", "font/")
_WATCH = """
window.shifts = [];
window.largest = [];
new PerformanceObserver(list => list.getEntries().forEach(
  one => one.hadRecentInput || window.shifts.push(one.value)
)).observe({type: "layout-shift", buffered: true});
new PerformanceObserver(list => list.getEntries().forEach(
  one => window.largest.push(one.element ? one.element.tagName : "gone")
)).observe({type: "largest-contentful-paint", buffered: true});
"""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer, and its bytes as a production server sends them."""

    path: str
    kind: str
    size: int


def _sent(response: Response) -> int:
    """Style sheets and scripts are kept compressed by Brotli at its best; answers go by gzip."""
    body = response.body()
    if response.headers.get("content-type", "").startswith(_COMPRESSED_ALREADY):
        return len(body)
    if urlsplit(response.url).path.startswith("/static/"):
        return len(brotli.compress(body, quality=11))
    return len(gzip.compress(body, 6))


@dataclass(slots=True)
class Visit:
    """A first visit, once all is quiet."""

    page: Page
    fetched: list[Fetched]
    errors: list[str]


@pytest.fixture(scope="module")
def visit(browser: Browser, site: str) -> Iterator[Visit]:
    opened = context(browser)
    tab = Tab(opened.new_page(), site)
    answers: list[Response] = []
    opened.on("response", lambda response: answers.append(response))
    tab.page.add_init_script(_WATCH)
    tab.open("/")
    tab.wait_for_map()
    tab.page.wait_for_load_state("networkidle")
    fetched = [
        Fetched(urlsplit(one.url).path, one.request.resource_type, _sent(one))
        for one in answers
        if one.status == 200 and one.url.startswith(site)
    ]
    yield Visit(tab.page, fetched, tab.errors)
    opened.close()


def test_bytes_of_the_first_visit(visit: Visit) -> None:
    listed = "\n".join(f"{one.size:8} {one.path}" for one in visit.fetched)
    assert any(one.path.endswith("/map.js") for one in visit.fetched)
    assert any("worker" in one.path for one in visit.fetched), listed
    assert sum(one.size for one in visit.fetched) <= MOST_BYTES, listed
    document = next(one for one in visit.fetched if one.kind == "document")
    assert document.size <= MOST_OF_PAGE


def test_requests_of_the_first_visit(visit: Visit) -> None:
    paths = [one.path for one in visit.fetched]
    assert len(paths) <= MOST_REQUESTS, "\n".join(paths)


def test_nothing_but_styles_keeps_the_page_from_being_drawn(visit: Visit) -> None:
    scripts: list[Any] = visit.page.evaluate(
        "[...document.scripts].map(s => [s.src, s.type, s.async, s.defer])"
    )
    assert scripts
    for address, kind, asynchronous, deferred in scripts:
        assert kind == "module" or asynchronous or deferred, address
    blocking: list[str] = visit.page.evaluate(
        "performance.getEntriesByType('resource')"
        ".filter(one => one.renderBlockingStatus === 'blocking').map(one => one.name)"
    )
    assert blocking
    assert all(name.split("?")[0].endswith(".css") for name in blocking), blocking


def test_nothing_jumps(visit: Visit) -> None:
    shifts: list[float] = visit.page.evaluate("window.shifts")
    assert sum(shifts) <= LARGEST_SHIFT, shifts


def test_the_largest_paint_is_there(visit: Visit) -> None:
    assert visit.page.evaluate("window.largest")


def test_the_page_says_how_wide_it_is_and_images_how_large(visit: Visit) -> None:
    meta = visit.page.locator('meta[name="viewport"]')
    assert meta.get_attribute("content") == "width=device-width, initial-scale=1"
    bare: list[str] = visit.page.evaluate(
        "[...document.images].filter(i => !(i.getAttribute('width') && i.getAttribute('height')))"
        ".map(i => i.src)"
    )
    assert bare == []
    assert visit.page.evaluate("document.querySelectorAll('*').length") <= MOST_ELEMENTS


def test_nothing_is_wrong(visit: Visit) -> None:
    assert visit.errors == []
