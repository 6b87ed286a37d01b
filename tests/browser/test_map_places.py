"""Places on the map, its coordinates, its basemap, and what it says when tiles fail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.test import override_settings
from playwright.sync_api import Page, expect

from analytics import png
from tests.browser.conftest import Tab

pytestmark = pytest.mark.django_db

TILES = "https://tiles.example.org"


def zoom_of(page: Page) -> float:
    found = re.search(r"#map=([\d.]+)/", page.url)
    assert found is not None, page.url
    return float(found[1])


def test_search_on_the_home_page_flies_to_the_place(tab: Tab) -> None:
    page = tab.open("/")
    tab.wait_for_map()
    field = page.get_by_role("combobox", name="Find a place by name or code")
    field.fill("montrieux")
    expect(page.get_by_role("option").first).to_contain_text("Montrieux")
    field.press("ArrowDown")
    field.press("Enter")
    chosen = page.get_by_role("region", name="Chosen place")
    expect(chosen.get_by_role("link", name="Montrieux")).to_be_focused()
    expect(chosen).to_contain_text("Commune 07101")
    expect(page).to_have_url(re.compile(r"/\?place=commune:07101#map="))
    tab.wait_for_map()
    assert zoom_of(page) > 13
    page.go_back()
    expect(chosen).to_be_hidden()
    expect(page).not_to_have_url(re.compile("place="))
    page.go_forward()
    expect(chosen).to_contain_text("Montrieux")
    chosen.get_by_role("button", name="Clear the selection").click()
    expect(chosen).to_be_hidden()
    expect(page).not_to_have_url(re.compile("place="))
    page.go_back()
    expect(chosen).to_contain_text("Montrieux")
    chosen.get_by_role("link", name="Montrieux").click()
    page.wait_for_url("**/territories/commune/07101/")


def test_link_of_a_ranking_row_goes_to_the_place(tab: Tab) -> None:
    page = tab.open("/ranking/commune/?sort=-person&edition=clcplus-2018")
    page.get_by_role("link", name="Montrieux on the map").click()
    tab.wait_for_map()
    expect(page.get_by_role("region", name="Chosen place")).to_contain_text("Montrieux")
    expect(page.get_by_role("radio", name="Per inhabitant", exact=True)).to_be_checked()
    expect(page.get_by_role("combobox", name="Edition")).to_have_value("clcplus-2018")
    assert zoom_of(page) > 13


def test_view_of_a_link_is_kept_beside_its_place(tab: Tab) -> None:
    page = tab.open("/?place=commune:07101#map=9/49.5/5")
    tab.wait_for_map()
    expect(page.get_by_role("region", name="Chosen place")).to_contain_text("Montrieux")
    assert zoom_of(page) == 9


@pytest.mark.parametrize("place", ["x", "commune", "canton:1", "commune:", ":"])
def test_an_invalid_place_is_ignored(tab: Tab, place: str) -> None:
    page = tab.open(f"/?place={place}")
    tab.wait_for_map()
    expect(page.get_by_role("region", name="Chosen place")).to_be_hidden()


def test_comparison_leads_to_the_swipe_with_both_editions(tab: Tab) -> None:
    page = tab.open("/compare/?t=commune:07001&t=commune:07101")
    page.get_by_role("combobox", name="Edition").select_option("clcplus-2018")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("t=commune(:|%3A)07101&edition=clcplus-2018"))
    expect(page.get_by_role("rowheader", name="Sealed share, 2018")).to_be_visible()
    page.get_by_role("link", name="Compare on the swipe map").click()
    tab.wait_for_map()
    divider = page.get_by_role("slider", name="Divider between two editions")
    expect(divider).to_have_attribute("aria-valuetext", re.compile("left 2018, right 2021"))
    chosen = page.get_by_role("region", name="Chosen place")
    expect(chosen.get_by_role("link")).to_have_text(["Saint-Élie-d'Aubrac", "Montrieux"])


def test_coordinates_of_pointer_and_middle(tab: Tab) -> None:
    page = tab.open("/#map=11/49.8/5.5")
    tab.wait_for_map()
    box = page.locator(".map-coordinates")
    expect(box).to_have_text("Map centre 49.8000°\u202fN, 5.5000°\u202fE")
    canvas = page.locator(".map .maplibregl-canvas").first
    frame = canvas.bounding_box()
    assert frame is not None
    page.mouse.move(frame["x"] + 10, frame["y"] + frame["height"] / 2, steps=2)
    expect(box).to_contain_text("Pointer")
    west = float(re.findall(r"([\d.]+)°", box.inner_text())[1])
    assert 5.0 < west < 5.4
    # With the keys the middle is what moves.
    canvas.focus()
    page.keyboard.press("ArrowUp")
    expect(box).to_contain_text("Map centre")
    expect(box).not_to_contain_text("49.8000")


def test_coordinates_leave_a_phone_its_room(tab_of: Any) -> None:
    tab = tab_of(viewport={"width": 390, "height": 800})
    page = tab.open("/")
    tab.wait_for_map()
    expect(page.locator(".map-coordinates")).to_be_hidden()


def test_failed_tiles_are_reported_and_fetched_again(tab_of: Any) -> None:
    tab = tab_of()
    page = tab.page
    page.route("**/tiles/**", lambda route: route.abort())
    tab.open("/")
    trouble = page.get_by_role("alert").get_by_text("Parts of the map could not be fetched.")
    expect(trouble).to_be_visible()
    page.unroute("**/tiles/**")
    with page.expect_response(re.compile(r"/tiles/territories/.*mvt")) as got:
        page.get_by_role("button", name="Try again").click()
    assert got.value.ok
    expect(trouble).to_be_hidden()
    frame = page.locator(".map .maplibregl-canvas").bounding_box()
    assert frame is not None
    popup = page.locator(".map-popup")
    for step in range(40):
        middle = frame["y"] + frame["height"] / 2 + step % 2
        page.mouse.move(frame["x"] + frame["width"] * 0.3, middle)
        page.wait_for_timeout(250)
        if popup.is_visible():
            break
    expect(popup).to_contain_text("%")


@pytest.fixture
def basemap(site: str) -> Iterator[None]:
    """A basemap of another host, as BASEMAP_TILES and BASEMAP_ATTRIBUTION make it."""
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    with override_settings(
        BASEMAP={
            "tiles": f"{TILES}/{{z}}/{{x}}/{{y}}.png",
            "attribution": "© Example mapmakers",
            "maxzoom": 19,
        },
        CONTENT_SECURITY_POLICY={
            "DIRECTIVES": {**policy, "connect-src": [*policy["connect-src"], TILES]}
        },
    ):
        yield


@pytest.mark.usefixtures("basemap")
def test_basemap_is_drawn_and_named(tab: Tab) -> None:
    page = tab.page
    asked: list[str] = []
    grey = np.full((256, 4), 128, dtype=np.uint8)
    picture = png.of_indices(np.zeros((256, 256), dtype=np.uint8), grey)

    def answer(route: Any) -> None:
        asked.append(route.request.url)
        route.fulfill(
            body=picture, content_type="image/png", headers={"Access-Control-Allow-Origin": "*"}
        )

    page.route(f"{TILES}/**", answer)
    tab.open("/")
    tab.wait_for_map()
    assert asked
    expect(page.locator(".maplibregl-ctrl-attrib")).to_contain_text("© Example mapmakers")
    expect(page.get_by_role("slider", name="Opacity")).to_have_value("75")
    expect(page.locator("[data-map-trouble]")).to_be_hidden()


def test_without_a_basemap_nothing_is_missing(tab: Tab) -> None:
    page = tab.open("/")
    tab.wait_for_map()
    expect(page.get_by_role("slider", name="Opacity")).to_have_value("100")
    expect(page.locator("[data-map-trouble]")).to_be_hidden()
