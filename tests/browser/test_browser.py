"""The pages in a real browser, against a live server over the small world."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Tab

pytestmark = pytest.mark.django_db

SAINT_ELIE = "/territories/commune/07001/"


# The map
def test_map_draws_itself_and_leads_to_a_territory(tab: Tab) -> None:
    page = tab.open("/")
    tab.wait_for_map()
    canvas = page.locator(".maplibregl-canvas")
    box = canvas.bounding_box()
    assert box is not None
    assert box["width"] > 300
    # Four communes in a row: the middle of the left half lies in the first or second of them.
    left = box["x"] + box["width"] * 0.3, box["y"] + box["height"] / 2
    page.mouse.move(*left, steps=3)
    popup = page.locator(".map-popup")
    expect(popup).to_contain_text("CLC+ Backbone 2021")
    expect(popup).to_contain_text("%")
    page.mouse.click(*left)
    page.wait_for_url(re.compile(r"/territories/commune/0700[12]/"))


def test_state_of_the_map_is_in_the_address(tab: Tab) -> None:
    page = tab.open("/")
    tab.wait_for_map()
    expect(page.locator('[data-legend="share"]')).to_be_visible()
    page.get_by_label("Land cover", exact=True).check()
    page.get_by_role("combobox", name="Edition").select_option("clcplus-2018")
    tab.wait_for_map()
    expect(page).to_have_url(re.compile(r"layer=cover.*edition=clcplus-2018.*#map="))
    expect(page.locator('[data-legend="share"]')).to_be_hidden()
    page.reload()
    tab.wait_for_map()
    expect(page.get_by_role("combobox", name="Edition")).to_have_value("clcplus-2018")
    expect(page.locator('input[value="cover"]')).to_be_checked()


def test_map_of_a_territory(tab: Tab) -> None:
    page = tab.open(SAINT_ELIE)
    tab.wait_for_map()
    expect(page.locator('input[value="cover"]')).to_be_checked()
    expect(page.locator(".locator")).to_be_hidden()
    expect(page.locator(".maplibregl-ctrl-attrib")).to_contain_text("Copernicus")


def test_map_follows_the_colour_scheme(tab: Tab) -> None:
    page = tab.open("/")
    tab.wait_for_map()
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(300)
    tab.wait_for_map()


# The search
def test_suggestions_by_keyboard_lead_to_the_page(tab: Tab) -> None:
    page = tab.open("/method/")
    field = page.get_by_role("combobox", name="Find a place by name or code")
    field.fill("saint elie")
    options = page.get_by_role("option")
    expect(options.first).to_contain_text("Saint-Élie-d'Aubrac")
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    active = field.get_attribute("aria-activedescendant")
    assert active == options.first.get_attribute("id")
    field.press("Enter")
    page.wait_for_url(f"**{SAINT_ELIE}")


def test_suggestions_close_and_the_form_still_searches(tab: Tab) -> None:
    page = tab.open("/method/")
    field = page.get_by_role("combobox", name="Find a place by name or code")
    field.fill("val")
    expect(page.get_by_role("listbox")).to_be_visible()
    expect(page.get_by_role("group", name="Region")).to_be_visible()
    field.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    field.press("Enter")
    page.wait_for_url("**/search/?q=val")
    expect(page.get_by_role("heading", level=1)).to_contain_text("val")


def test_a_misspelt_name_is_found_by_keyboard(tab: Tab) -> None:
    page = tab.open("/method/")
    field = page.get_by_role("combobox", name="Find a place by name or code")
    field.press_sequentially("Montireux")
    options = page.get_by_role("option")
    expect(options).to_have_count(1)
    expect(page.get_by_role("listbox")).to_contain_text("No exact match; did you mean…")
    said = page.locator(".site-search [role=status]")
    expect(said).to_have_text(
        "No exact match; 1 place of nearly the same name. Use the arrow keys."
    )
    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    field.press("Enter")
    page.wait_for_url("**/territories/commune/07101/")


def test_keys_of_the_suggestions(tab: Tab) -> None:
    page = tab.open("/method/")
    field = page.get_by_role("combobox", name="Find a place by name or code")
    field.press_sequentially("valmont")
    options = page.get_by_role("option")
    expect(options).to_have_count(3)
    expect(page.locator(".site-search [role=status]")).to_have_text("3 places. Use the arrow keys.")

    def active() -> int:
        chosen = field.get_attribute("aria-activedescendant")
        ids = [option.get_attribute("id") for option in options.all()]
        selected = [option.get_attribute("aria-selected") for option in options.all()]
        if chosen is None:
            assert "true" not in selected
            return -1
        assert selected.index("true") == ids.index(chosen)
        return ids.index(chosen)

    places = []
    for key in ("ArrowDown", "End", "Home", "ArrowUp", "ArrowUp", "ArrowDown"):
        field.press(key)
        places.append(active())
    assert places == [0, 2, 0, -1, 2, -1]
    field.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_value("valmont")
    field.press("ArrowDown")
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("Tab")
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_an_old_code_leads_to_the_successor(tab: Tab) -> None:
    page = tab.open("/method/")
    page.get_by_role("combobox", name="Find a place by name or code").fill("07003")
    option = page.get_by_role("option")
    expect(option).to_contain_text("has been part of 07002 Bourg-l'Évêque since 2024")
    option.click()
    page.wait_for_url("**/territories/commune/07002/")


def test_a_place_is_added_to_the_comparison_by_keyboard(tab: Tab) -> None:
    page = tab.open("/compare/?t=commune:07001")
    field = page.get_by_role("combobox", name="Add a place, by name or code")
    field.fill("valmont")
    expect(page.get_by_role("option").first).to_be_visible()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        field.press(key)
    page.wait_for_url(re.compile(r"/compare/\?.*t=departement(:|%3A)07N"))
    expect(page.get_by_role("link", name="Remove Nord-Valmont")).to_be_visible()


def test_a_failing_server_is_reported(tab_of: Any) -> None:
    tab = tab_of()
    page = tab.open("/method/")
    page.route("**/search/suggestions/**", lambda route: route.abort())
    field = page.get_by_role("combobox", name="Find a place by name or code")
    field.fill("valmont")
    message = page.locator(".site-search [data-message]")
    expect(message).to_have_text("Suggestions cannot be loaded just now. Press Enter to search.")
    expect(page.locator(".site-search [role=status]")).to_have_text(
        "Suggestions cannot be loaded just now. Press Enter to search."
    )
    expect(field).to_have_attribute("aria-expanded", "false")
    field.press("Enter")
    page.wait_for_url("**/territories/region/07/")


def test_an_open_list_is_accessible(tab: Tab, axe: str) -> None:
    page = tab.open("/search/?q=zzzz")
    page.locator("#find").fill("montireux")
    expect(page.get_by_role("option")).to_have_count(1)
    page.locator("#find").press("ArrowDown")
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [item["id"] for item in found["violations"]] == []


# Without JavaScript
@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("/", "Nord-Valmont"),
        (SAINT_ELIE, "10.6"),
        ("/territories/commune/?sort=name", "Montrieux"),
        ("/search/?q=saint", "Saint-Élie"),
    ],
)
def test_pages_work_without_javascript(tab_of: Any, path: str, seen: str) -> None:
    tab = tab_of(java_script_enabled=False)
    page = tab.open(path)
    expect(page.get_by_text(seen).first).to_be_visible()
    if path == SAINT_ELIE:
        expect(page.locator(".locator")).to_be_visible()
    page.locator("#search").fill("07101")
    page.locator("#search").press("Enter")
    page.wait_for_url("**/territories/commune/07101/")
    page.get_by_role("link", name="Montrieux").click()
    page.wait_for_url("**/territories/commune/07101/")


# Phones
@pytest.mark.parametrize(
    "path", ["/", SAINT_ELIE, "/territories/commune/", "/editions/", "/method/"]
)
def test_nothing_overflows_a_phone(tab_of: Any, path: str) -> None:
    page = tab_of(viewport={"width": 320, "height": 800}).open(path)
    for width in (320, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_menu_of_a_phone(tab_of: Any) -> None:
    page = tab_of(viewport={"width": 390, "height": 800}).open("/method/")
    page.locator(".site-menu summary").click()
    page.locator(".site-menu").get_by_role("link", name="Territories").click()
    page.wait_for_url("**/territories/")


# Accessibility
@pytest.mark.parametrize(
    "path",
    [
        "/",
        SAINT_ELIE,
        "/territories/departement/07N/",
        "/territories/commune/07003/",
        "/territories/commune/",
        "/territories/",
        "/editions/",
        "/method/",
        "/search/?q=saint",
        "/nowhere/",
        "/?place=commune:07001",
        "/ranking/commune/",
        "/ranking/commune/?sort=-net",
        "/compare/",
        "/compare/?t=commune:07001&t=commune:07101&edition=clcplus-2018",
        "/compare/?t=commune:1&edition=x",
        "/embed/territories/commune/07001/",
        "/embed/territories/departement/07N/?show=map",
        "/api/v1/docs/",
    ],
)
def test_axe_finds_nothing(tab_of: Any, axe: str, path: str) -> None:
    tab = tab_of(color_scheme="light", bypass_csp=True)
    page = tab.open(path)
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    page.evaluate(axe)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        if page.locator("[data-config]").count():
            tab.wait_for_map()
        found = page.evaluate(
            "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"
            ".filter(v => ['moderate', 'serious', 'critical'].includes(v.impact)).map("
            "v => [v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + n.failureSummary)])"
        )
        assert found == [], scheme


def test_keyboard_reaches_the_content_first(tab: Tab) -> None:
    page = tab.open("/method/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
