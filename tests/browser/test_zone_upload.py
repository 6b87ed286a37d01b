"""Uploads in a browser: a file without its reference system, a drawing, a pasted text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from django.conf import settings
from playwright.sync_api import Page, expect

from clcplus.models import ZoneSet
from tests.browser.conftest import Tab
from tests.browser.staff import SET, beside, check, lambert, signed_in
from tests.uploads.files import zipped

__all__ = ["signed_in"]

pytestmark = pytest.mark.django_db

NEW = "/zones/new/"


def without_violations(page: Page, axe: str) -> None:
    page.evaluate(axe)
    found = page.evaluate("axe.run()")
    assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []


def shapefile(folder: Path) -> Path:
    """A zipped Shapefile in Lambert-93 without its .prj, one of whose zones crosses itself."""
    west, south, east, north = shapely.bounds(lambert(1100, 100)).tolist()
    bow = shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    path = folder / "parks.shp"
    pyogrio.raw.write(
        path,
        np.array([shapely.to_wkb(one) for one in (lambert(100, 100), bow)], dtype=object),
        [np.array(["A1", "B2"], dtype=object), np.array(["Prés", "Bois"], dtype=object)],
        ["code", "name"],
        geometry_type="Polygon",
        crs="EPSG:2154",
        encoding="UTF-8",
    )
    members = {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix != ".prj"}
    packed = folder / "parks.zip"
    packed.write_bytes(zipped(members))
    return packed


def test_a_shapefile_without_its_reference_system(
    tab: Tab, signed_in: Page, tmp_path: Path, axe: str
) -> None:
    page = signed_in
    tab.open(NEW)
    expect(page.get_by_role("tab", name="A file")).to_have_attribute("aria-selected", "true")
    without_violations(page, axe)
    page.get_by_role("button", name="Upload and check").click()
    expect(page.get_by_role("alert")).to_have_text("Choose a file first.")
    page.set_input_files("#file", shapefile(tmp_path))
    expect(page.locator("[data-drop-file]")).to_contain_text("parks.zip")
    page.get_by_role("button", name="Upload and check").click()
    page.wait_for_url(SET)
    expect(page.get_by_role("progressbar")).to_be_visible()
    without_violations(page, axe)
    check(page)
    # The page goes on by itself.
    expect(page.get_by_role("heading", name="In which reference system")).to_be_visible()
    without_violations(page, axe)
    page.get_by_role("radio", name=re.compile("Lambert-93")).first.check()
    page.get_by_role("button", name="Check with these").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    check(page)
    expect(page.get_by_role("heading", name="All 2 features can become zones")).to_be_visible()
    expect(page.get_by_text("as you have said")).to_be_visible()
    page.wait_for_selector('[data-report-map][data-zones="2"][data-state="ready"]')
    page.get_by_role("button", name="Bois").click()
    expect(page.locator("[data-map-zone]")).to_have_text("2 · Bois (B2)")
    without_violations(page, axe)
    page.get_by_role("link", name="Outline repaired").click()
    expect(page.locator(".features__row")).to_have_count(1)
    page.get_by_label("Name of the set").fill("Parks")
    page.get_by_role("button", name="Accept all 2 zones").click()
    page.wait_for_load_state()
    expect(page.get_by_role("heading", level=1, name="Parks")).to_be_visible()
    assert beside(lambda: ZoneSet.objects.get().stage) == ZoneSet.Stage.ACCEPTED


def test_too_large_a_file_does_not_travel(
    tab: Tab, signed_in: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = signed_in
    monkeypatch.setattr(settings, "UPLOAD_MEGABYTES", 1)
    tab.open(NEW)
    large = tmp_path / "large.geojson"
    large.write_bytes(b" " * 1_100_000)
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.method))
    page.set_input_files("#file", large)
    expect(page.get_by_role("alert")).to_contain_text("larger than 1 MB")
    page.get_by_role("button", name="Upload and check").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert "POST" not in sent


def test_a_polygon_is_drawn(tab: Tab, signed_in: Page, axe: str) -> None:
    page = signed_in
    tab.open(NEW)
    page.get_by_role("tab", name="Draw on the map").click()
    page.wait_for_selector('[data-draw-map][data-drawing="ready"][data-state="ready"]')
    page.get_by_role("button", name="Check these zones").first.click()
    expect(page.locator("[data-draw-trouble]")).to_have_text("Draw at least one zone first.")
    canvas = page.locator("[data-draw-map] canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for x, y in ((-60, -40), (60, -40), (60, 40), (-60, 40)):
        page.mouse.move(middle[0] + x, middle[1] + y, steps=4)
        page.mouse.click(middle[0] + x, middle[1] + y)
    expect(page.locator("[data-draw-hint]")).to_contain_text("ha")
    page.keyboard.press("Enter")
    rows = page.locator("[data-draw-zones] li")
    expect(rows).to_have_count(1)
    expect(rows.locator("[data-zone-area]")).to_have_text(re.compile(r"\d.*(ha|km²)"))
    page.get_by_label("Name of zone 1").fill("Meadow")
    page.get_by_role("radio", name="Rectangle").check()
    for x, y in ((80, 60), (120, 90)):
        page.mouse.move(middle[0] + x, middle[1] + y, steps=4)
        page.mouse.click(middle[0] + x, middle[1] + y)
    expect(rows).to_have_count(2)
    without_violations(page, axe)
    rows.nth(1).get_by_role("button", name="Delete").click()
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Check these zones").first.click()
    page.wait_for_url(SET)
    check(page)
    expect(page.get_by_role("heading", name="feature can become a zone")).to_be_visible()
    expect(page.get_by_role("button", name="Meadow")).to_be_visible()


def test_well_known_text_is_pasted(tab: Tab, signed_in: Page, axe: str) -> None:
    page = signed_in
    tab.open(f"{NEW}#way-pasted")
    page.get_by_label("GeoJSON or well-known text").fill(lambert(100, 100).wkt)
    page.get_by_label("Reference system (EPSG)").fill("2154")
    without_violations(page, axe)
    page.get_by_role("button", name="Check these zones").last.click()
    page.wait_for_url(SET)
    check(page)
    expect(page.get_by_role("heading", name="1 feature can become a zone")).to_be_visible()
    page.get_by_role("button", name="Go back").click()
    page.wait_for_url(re.compile("/zones/new/$"))
    assert beside(ZoneSet.objects.count) == 0


def test_without_javascript_the_three_ways_stand_below_each_other(
    tab_of: Any, signed_in: Page
) -> None:
    tab = tab_of(java_script_enabled=False)
    tab.page.context.add_cookies(signed_in.context.cookies())
    page = tab.open(NEW)
    for heading in ("A file", "Draw on the map", "Paste coordinates"):
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    expect(page.locator("noscript p", has_text="Drawing needs")).to_be_visible()
    expect(page.get_by_role("button", name="Upload and check")).to_be_visible()
