"""Three journeys of a reader who has never been here; and axe on every page, in every language."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from ops import translations
from tests.browser.conftest import Tab

pytestmark = pytest.mark.django_db

SAINT_ELIE = "/territories/commune/07001/"


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    translations.compile_all()


def test_a_commune_by_a_misspelt_name_and_its_table(tab: Tab) -> None:
    page = tab.open("/")
    # "Saint-Élie-d'Aubrac", as heard: by keyboard alone, from the top of the page.
    page.get_by_role("combobox", name="Find a place by name or code").focus()
    page.keyboard.type("st eli daubrak", delay=20)
    expect(page.locator("[role=option]").first).to_contain_text("Saint-Élie-d'Aubrac")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    # On the home page a place that is chosen is flown to; its name leads on.
    found = page.locator(f'main a[href*="{SAINT_ELIE}"], .map-popup a[href*="{SAINT_ELIE}"]').first
    found.click()
    page.wait_for_url(re.compile(re.escape(SAINT_ELIE)))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Saint-Élie-d'Aubrac")
    row = page.locator(".downloads__row").filter(has_text="Statistics of all editions")
    with page.expect_download() as waiting:
        row.get_by_role("link", name="CSV", exact=False).first.click()
    lines = list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text("utf-8"))))
    assert {line["code"] for line in lines} == {"07001"}
    shares = {
        line["edition"]: float(line["value"])
        for line in lines
        if line["indicator"] == "sealed_share" and line["value"]
    }
    assert shares == pytest.approx({"clcplus-2018": 0.1, "clcplus-2021": 0.106})


def test_two_communes_under_the_swipe_and_the_link_to_it(tab: Tab, tab_of: Any) -> None:
    page = tab.open(SAINT_ELIE)
    page.get_by_role("link", name=re.compile("^Compare")).first.click()
    page.wait_for_url(re.compile("/compare/"))
    field = page.get_by_role("combobox", name="Add a place, by name or code")
    field.fill("montrieu")
    page.get_by_role("option", name=re.compile("Montrieux")).click()
    page.wait_for_url(re.compile("07101"))
    expect(page.locator("main")).to_contain_text("Montrieux")
    page.get_by_role("link", name="Compare on the swipe map").click()
    page.wait_for_selector('[data-swipe="ready"]')
    page.get_by_role("slider", name="Divider between two editions").press("PageUp")
    expect(page).to_have_url(re.compile("swipe=60"))
    page.wait_for_timeout(600)
    address = page.url
    again = tab_of()
    again.page.goto(address)
    again.page.wait_for_selector('[data-swipe="ready"]')
    divider = again.page.get_by_role("slider", name="Divider between two editions")
    expect(divider).to_have_attribute("aria-valuenow", "60")
    expect(divider).to_have_attribute("aria-valuetext", re.compile("left 2018, right 2021"))
    assert again.page.url == address


def test_the_page_on_paper(tab: Tab) -> None:
    page = tab.open(SAINT_ELIE)
    expect(page.get_by_role("button", name="PDF report")).to_be_visible()
    paper = PdfReader(io.BytesIO(page.pdf(format="A4", print_background=True)))
    words = " ".join(one.extract_text() for one in paper.pages)
    assert "Saint-Élie-d'Aubrac" in words
    assert re.search(r"10\.6\s*%", words)
    # What only a screen can use is not printed.
    assert "PDF report" not in words
    assert "Find a place" not in words
    assert 1 <= len(paper.pages) <= 6


# Colours are those of every language, and words those of every scheme.
SCHEMES = {"": ("light", "dark"), "/fr": ("light",), "/pl": ("dark",)}


@pytest.mark.parametrize("language", SCHEMES)
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/territories/",
        "/territories/commune/",
        SAINT_ELIE,
        "/territories/region/07/",
        "/ranking/commune/?sort=-net",
        "/compare/?t=commune:07001&t=commune:07101",
        "/compare/",
        "/editions/",
        "/method/",
        "/search/?q=montrieu",
        "/search/?q=nowhere",
        f"/embed{SAINT_ELIE}",
        "/nowhere/",
    ],
)
def test_axe_finds_nothing(tab_of: Any, axe: str, path: str, language: str) -> None:
    first, *others = SCHEMES[language]
    page = tab_of(color_scheme=first).open(f"{language}{path}")
    page.wait_for_load_state("networkidle")
    page.evaluate(axe)
    for scheme in (first, *others):
        page.emulate_media(color_scheme=scheme)
        report = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        found = report["violations"]
        assert [(one["id"], one["impact"], one["nodes"][0]["target"]) for one in found] == [], (
            scheme
        )
