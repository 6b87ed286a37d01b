"""An area of a reader's own in a browser: drawn, pasted by keyboard, and without script."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE_MS, Tab

pytestmark = pytest.mark.django_db

COUNTED = re.compile(r"/area/\?a=[A-Za-z0-9_-]+$")
CORNERS = "4.80, 45.70\n4.90, 45.70\n4.90, 45.80"


def without_violations(page: Page, axe: str) -> None:
    page.evaluate(axe)
    found = page.evaluate("axe.run()")
    assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []


# The small world has no rasters to count in: what counts is the address that is led to.
def test_a_drawn_area_goes_into_the_address(tab_of: Any, axe: str) -> None:
    tab: Tab = tab_of()
    page = tab.open("/area/")
    page.wait_for_selector('[data-draw-map][data-drawing="ready"][data-state="ready"]')
    page.get_by_role("button", name="Count this area").first.click()
    expect(page.locator("[data-draw-trouble]")).to_have_text("Draw at least one zone first.")
    without_violations(page, axe)
    canvas = page.locator("[data-draw-map] canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for x, y in ((-60, -40), (60, -40), (60, 40), (-60, 40)):
        page.mouse.move(middle[0] + x, middle[1] + y, steps=4)
        page.mouse.click(middle[0] + x, middle[1] + y)
    page.keyboard.press("Enter")
    rows = page.locator("[data-draw-zones] li")
    expect(rows).to_have_count(1)
    expect(rows.locator("[data-zone-area]")).to_have_text(re.compile(r"\d.*(ha|km²)"))
    without_violations(page, axe)
    page.get_by_role("button", name="Count this area").first.click()
    page.wait_for_url(COUNTED)


@pytest.mark.parametrize("script", [True, False])
def test_corners_are_pasted_by_keyboard_also_without_script(tab_of: Any, script: bool) -> None:
    tab: Tab = tab_of(java_script_enabled=script)
    page = tab.open("/area/")
    page.get_by_label("one corner a line").focus()
    page.keyboard.insert_text("Lyon")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    refused = page.get_by_role("alert").first
    expect(refused).to_contain_text("is the beginning of no area", timeout=PATIENCE_MS)
    field = page.get_by_label("one corner a line")
    expect(field).to_have_value("Lyon")
    field.fill(CORNERS)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(COUNTED)


@pytest.mark.parametrize("width", [390, 820])
def test_nothing_overflows(tab_of: Any, width: int) -> None:
    tab: Tab = tab_of(viewport={"width": width, "height": 844})
    page = tab.open("/area/")
    page.wait_for_selector('[data-draw-map][data-state="ready"]')
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
