"""Languages in the browser: the switch keeps what the map shows, numbers are in the habit."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from ops import translations
from tests.browser.conftest import Tab

pytestmark = pytest.mark.django_db

SAINT_ELIE = "/territories/commune/07001/"


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    translations.compile_all()


def test_the_switch_takes_along_what_the_map_shows(tab: Tab) -> None:
    page = tab.open("/")
    tab.wait_for_map()
    page.get_by_role("radio", name="Per inhabitant", exact=True).check()
    expect(page).to_have_url(re.compile(r"\?layer=per_inhabitant.*#map="))
    here = page.url
    page.get_by_role("link", name="Français", exact=True).click()
    page.wait_for_url("**/fr/**")
    assert page.url == here.replace("/?layer", "/fr/?layer")
    tab.wait_for_map()
    expect(page.get_by_role("radio", name="Par habitant", exact=True)).to_be_checked()


def test_the_map_writes_numbers_and_words_in_the_language(tab: Tab) -> None:
    page = tab.open("/pl/")
    tab.wait_for_map()
    box = page.locator(".map .maplibregl-canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] / 2, steps=3)
    popup = page.locator(".map-popup")
    expect(popup).to_contain_text(re.compile(r"\d,\d% powierzchni zasklepionej"))
    expect(page.get_by_role("button", name="Przybliż")).to_be_visible()


def test_a_suggestion_leads_to_the_page_in_the_language(tab: Tab) -> None:
    page = tab.open("/fr/method/")
    page.locator("#search").fill("montrieux")
    page.get_by_role("option", name=re.compile("Montrieux")).first.click()
    page.wait_for_url("**/fr/territories/commune/07101/**")


def test_a_reader_is_offered_the_language_of_the_browser(tab_of: Any) -> None:
    tab = tab_of(locale="fr-CA")
    page = tab.open(f"{SAINT_ELIE}?sort=name")
    offer = page.get_by_role("link", name="Lire cette page en français")
    expect(offer).to_be_visible()
    expect(page.get_by_role("link", name="Czytaj tę stronę po polsku")).to_be_hidden()
    offer.click()
    page.wait_for_url(f"**/fr{SAINT_ELIE}?sort=name**")
    expect(page.locator("[data-language-offer]:visible")).to_have_count(0)


@pytest.mark.parametrize("language", ["fr", "pl"])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        SAINT_ELIE,
        "/territories/commune/",
        "/ranking/commune/",
        "/compare/?t=commune:07001&t=commune:07002",
        "/editions/",
        "/method/",
        "/search/?q=nowhere",
    ],
)
def test_longer_words_overflow_nothing(tab_of: Any, language: str, path: str) -> None:
    page = tab_of(viewport={"width": 320, "height": 800}).open(f"/{language}{path}")
    for width in (320, 1200):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_menu_of_a_phone_has_the_languages(tab_of: Any) -> None:
    tab = tab_of(viewport={"width": 390, "height": 800})
    page = tab.open(f"/fr{SAINT_ELIE}")
    page.locator(".site-menu summary").click()
    page.locator(".site-menu").get_by_role("link", name="Polski").click()
    page.wait_for_url(f"**/pl{SAINT_ELIE}**")
