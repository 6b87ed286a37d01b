"""Pages work with no network but their own server, and say what is missing."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Route, expect

from tests.browser.conftest import Tab

pytestmark = pytest.mark.django_db

PAGES = (
    "/",
    "/?layer=swipe&place=commune:07001",
    "/territories/",
    "/territories/commune/",
    "/territories/commune/07001/",
    "/territories/commune/07003/",
    "/ranking/commune/",
    "/compare/?t=commune:07001&t=commune:07101",
    "/method/",
    "/editions/",
    "/search/?q=saint",
    "/nowhere/",
    "/embed/territories/commune/07001/",
    "/embed/territories/commune/07001/?show=map",
    "/api/v1/docs/",
)


@pytest.mark.parametrize("path", PAGES)
def test_no_other_host_is_asked_for_anything(tab_of: Any, site: str, path: str) -> None:
    tab: Tab = tab_of()
    own = urlsplit(site).netloc
    asked: list[str] = []
    missing: list[str] = []

    def answer(route: Route) -> None:
        parts = urlsplit(route.request.url)
        if parts.scheme in {"http", "https"} and parts.netloc != own:
            asked.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    tab.page.route("**/*", answer)
    tab.page.on("response", lambda got: missing.append(got.url) if got.status >= 400 else None)
    page = tab.open(path)
    if page.locator("[data-config]").count():
        tab.wait_for_map()
    page.wait_for_load_state("networkidle")
    assert asked == []
    assert missing == ([f"{site}{path}"] if path == "/nowhere/" else [])
    assert page.get_by_role("heading", level=1).is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_of_a_failing_server_needs_nothing_built(tab_of: Any, axe: str, scheme: str) -> None:
    tab: Tab = tab_of(color_scheme=scheme, bypass_csp=True, viewport={"width": 320, "height": 700})
    body = render_to_string("500.html")
    tab.page.route(
        "**/method/", lambda r: r.fulfill(status=500, body=body, content_type="text/html")
    )
    page = tab.open("/method/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Something went wrong on our side")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    # Its style has come: without it the text would start at the left.
    assert page.evaluate("getComputedStyle(document.querySelector('main')).textAlign") == "center"
    page.evaluate(axe)
    found = page.evaluate("async () => (await axe.run(document)).violations.map(v => v.id)")
    assert found == []


def test_territory_without_an_observed_cell_says_so(tab: Tab) -> None:
    page = tab.open("/territories/commune/07102/")
    tab.wait_for_map()
    expect(page.get_by_text("Nothing is observed here, so it has no rank.")).to_be_visible()
    expect(page.get_by_text("The population is not known here.")).to_be_visible()
    cards = page.locator("main section.card").all()
    assert cards
    for card in cards:
        assert card.inner_text().strip(), card.evaluate("one => one.outerHTML.slice(0, 200)")


def test_territory_observed_in_part_says_how_much(tab: Tab) -> None:
    page = tab.open("/territories/commune/07101/")
    tab.wait_for_map()
    expect(page.locator("[aria-labelledby=k1]")).to_contain_text("50\u202f% not observed in 2021")


def test_map_without_javascript_says_where_its_figures_are(tab_of: Any) -> None:
    page = tab_of(java_script_enabled=False).open("/")
    expect(page.locator("noscript .map-state")).to_be_visible()
    expect(page.locator("[data-map-tools]")).to_be_hidden()
    expect(page.locator("[data-map-place]")).to_be_hidden()
    expect(page.locator("[data-map-trouble]")).to_be_hidden()
