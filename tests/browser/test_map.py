"""The map's layers, the divider between two editions, and the address that holds them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Tab
from tests.browser.land_cover import lay
from tests.world import World

# rasterio silences this warning of its own arrays for the whole process, so that of two tiles drawn
# at once one may hear it; as an error it would fail the tile.
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning"),
]

SAINT_ELIE = "/territories/commune/07001/"
FAR = "#map=8/49.7/5.6"


@pytest.fixture(scope="module", autouse=True)
def cells(site: str, world: World, django_db_blocker: Any) -> None:
    """Land cover of both editions: meadow with a village that grows east and loses its west."""
    village = slice(100, 200)
    with django_db_blocker.unblock():
        lay(world, {2018: (village, slice(100, 200)), 2021: (village, slice(130, 260))})


def layer(page: Page, name: str) -> Locator:
    return page.get_by_role("radio", name=name, exact=True)


def choose(tab: Tab, name: str) -> None:
    layer(tab.page, name).check()
    tab.wait_for_map()


@pytest.mark.parametrize(
    ("name", "slug", "said"),
    [
        ("Change", "change", "net change"),
        ("Per inhabitant", "per_inhabitant", "m² sealed per inhabitant"),
    ],
)
def test_territories_shaded_otherwise(tab: Tab, name: str, slug: str, said: str) -> None:
    page = tab.open("/")
    tab.wait_for_map()
    choose(tab, name)
    expect(page).to_have_url(re.compile(f"layer={slug}"))
    expect(page.locator(f'[data-legend="{slug}"]')).to_be_visible()
    expect(page.locator('[data-legend="share"]')).to_be_hidden()
    box = page.locator(".map .maplibregl-canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] / 2, steps=3)
    expect(page.locator(".map-popup")).to_contain_text(said)
    if slug == "change":
        expect(page.locator(".map-popup")).to_contain_text("not distinguishable from map noise")
        pair = page.locator('[data-legend="change"] [data-change-pair]')
        expect(pair).to_have_text("2018 → 2021")
        expect(page.get_by_role("combobox", name="Edition")).to_be_hidden()


def test_gain_and_loss(tab: Tab) -> None:
    page = tab.open("/")
    tab.wait_for_map()
    with page.expect_response(re.compile(r"/tiles/change/clcplus-2018/clcplus-2021/.*\?v=")) as got:
        choose(tab, "Gain and loss")
    assert got.value.status == 200
    expect(page.locator('[data-legend="gain"]')).to_contain_text("newly sealed")
    expect(page.locator('[data-legend="gain-far"]')).to_be_hidden()
    earlier = page.get_by_role("combobox", name="From")
    expect(earlier).to_have_value("clcplus-2018")
    # Nothing is later than 2021: it can be compared with, not begun with.
    expect(earlier.locator("option[value=clcplus-2021]")).to_be_disabled()


def test_gain_and_loss_from_afar_are_shares(tab: Tab) -> None:
    page = tab.page
    with page.expect_response(re.compile(r"/tiles/change/clcplus-2018/clcplus-2021/9/")) as got:
        tab.open(f"/?layer=gain{FAR}")
    assert got.value.status == 200
    tab.wait_for_map()
    legend = page.locator('[data-legend="gain-far"]')
    expect(legend).to_be_visible()
    expect(legend).to_contain_text("% of those observed in both maps, by squares of 1 km")
    expect(legend.locator("[data-change-pair]")).to_have_text("2018 → 2021")
    expect(legend.get_by_role("list", name="newly sealed")).to_contain_text("0.5")
    expect(page.locator('[data-legend="gain"]')).to_be_hidden()


def test_ground_without_colour_is_in_the_legend(tab: Tab) -> None:
    page = tab.open(SAINT_ELIE)
    tab.wait_for_map()
    expect(page.locator('[data-legend="cover"]')).to_contain_text("no colour: not observed")
    layer(page, "Change").check()
    expect(page.locator('[data-legend="change"]')).to_contain_text(
        "not observed in at least one of the two"
    )


@pytest.mark.parametrize("path", [SAINT_ELIE, "/territories/region/07/"])
def test_the_page_of_a_pair_stays_at_its_part(tab: Tab, path: str) -> None:
    page = tab.open(f"{path}?from=clcplus-2018&to=clcplus-2021#change")
    tab.wait_for_map()
    page.wait_for_timeout(500)
    assert page.evaluate("location.hash") == "#change"
    top = page.locator("#change").evaluate("element => element.getBoundingClientRect().top")
    assert 0 <= top < 300
    # Whoever moves the map has its view in the address.
    page.get_by_role("button", name="Zoom in").click()
    expect(page).to_have_url(re.compile("#map="))


def test_the_outline_is_fitted_again_until_the_map_is_moved(tab: Tab) -> None:
    def scale(width: int) -> str:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(700)
        tab.wait_for_map()
        return page.locator(".maplibregl-ctrl-scale").text_content() or ""

    page = tab.open("/territories/region/07/")
    tab.wait_for_map()
    wide, narrow = scale(1440), scale(420)
    assert wide != narrow
    assert scale(1440) == wide
    page.get_by_role("button", name="Zoom in").click()
    page.wait_for_timeout(700)
    moved = scale(1440)
    assert moved != wide
    assert scale(420) == moved


def test_divider_by_keyboard_and_pointer(tab: Tab) -> None:
    page = tab.open("/")
    tab.wait_for_map()
    choose(tab, "Swipe")
    page.wait_for_selector('[data-swipe="ready"]')
    divider = page.get_by_role("slider", name="Divider between two editions")
    expect(divider).to_have_attribute("aria-valuenow", "50")
    expect(divider).to_have_attribute("aria-valuetext", re.compile("left 2018, right 2021"))
    divider.focus()
    for key, value in (("ArrowRight", 52), ("PageUp", 62), ("ArrowLeft", 60), ("End", 100)):
        page.keyboard.press(key)
        expect(divider).to_have_attribute("aria-valuenow", str(value))
    page.keyboard.press("Home")
    expect(divider).to_have_attribute("aria-valuenow", "0")
    page.keyboard.press("PageUp")
    expect(page).to_have_url(re.compile(r"layer=swipe.*swipe=10"))
    box, frame = divider.bounding_box(), page.locator(".map").bounding_box()
    assert box is not None
    assert frame is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] * 0.7, middle, steps=4)
    page.mouse.up()
    expect(divider).to_have_attribute("aria-valuenow", re.compile("^(69|70|71)$"))
    expect(page).to_have_url(re.compile(r"swipe=(69|70|71)"))
    clip = page.locator(".map-swipe").evaluate("element => element.style.clipPath")
    assert re.search(r"(69|70|71)%", clip)


def test_both_maps_move_together(tab: Tab) -> None:
    page = tab.open("/?layer=swipe&swipe=30")
    tab.wait_for_map()
    page.wait_for_selector('[data-swipe="ready"]')
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name="Zoom in").click()
    page.wait_for_timeout(1_500)
    zooms = {
        slug: {m[1] for url in asked if (m := re.search(rf"editions/{slug}/(\d+)/", url))}
        for slug in ("clcplus-2018", "clcplus-2021")
    }
    assert zooms["clcplus-2018"] == zooms["clcplus-2021"] != set()


def test_the_link_restores_the_view(tab: Tab, tab_of: Any) -> None:
    page = tab.open("/")
    tab.wait_for_map()
    choose(tab, "Swipe")
    page.get_by_role("slider", name="Divider between two editions").press("PageUp")
    page.get_by_role("button", name="Zoom in").click()
    page.wait_for_timeout(800)
    address = page.url
    assert "#map=" in address
    other = tab_of()
    again = other.page
    again.goto(address)
    other.wait_for_map()
    expect(layer(again, "Swipe")).to_be_checked()
    expect(again.get_by_role("slider", name="Divider")).to_have_attribute("aria-valuenow", "60")
    assert again.url == address


def test_back_undoes_a_choice(tab: Tab) -> None:
    page = tab.open("/")
    tab.wait_for_map()
    choose(tab, "Per inhabitant")
    page.get_by_role("combobox", name="Edition").select_option("clcplus-2018")
    tab.wait_for_map()
    choose(tab, "Swipe")
    expect(page.get_by_role("slider", name="Divider")).to_be_visible()
    page.go_back()
    expect(layer(page, "Per inhabitant")).to_be_checked()
    expect(page.get_by_role("slider", name="Divider")).to_have_count(0)
    expect(page.get_by_role("combobox", name="Edition")).to_have_value("clcplus-2018")
    page.go_back()
    expect(page.get_by_role("combobox", name="Edition")).to_have_value("clcplus-2021")
    page.go_back()
    expect(layer(page, "Sealed share")).to_be_checked()
    page.go_forward()
    expect(layer(page, "Per inhabitant")).to_be_checked()
    tab.wait_for_map()


def test_an_invalid_address_opens_the_start_view(tab: Tab) -> None:
    page = tab.open("/?layer=x&from=clcplus-2021&to=clcplus-2018&swipe=900&opacity=&edition=y")
    tab.wait_for_map()
    expect(layer(page, "Sealed share")).to_be_checked()
    choose(tab, "Swipe")
    expect(page.get_by_role("slider", name="Divider")).to_have_attribute("aria-valuenow", "50")
    expect(page.get_by_role("combobox", name="From")).to_have_value("clcplus-2018")


LAYERS = ["share", "change", "per_inhabitant", "cover", "gain", "swipe"]


@pytest.mark.parametrize("path", ["/", SAINT_ELIE])
@pytest.mark.parametrize("shown", LAYERS)
def test_layers_fit_a_phone(tab_of: Any, path: str, shown: str) -> None:
    tab = tab_of(viewport={"width": 320, "height": 800})
    page = tab.open(f"{path}?layer={shown}")
    tab.wait_for_map()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert tab.errors == []


@pytest.mark.parametrize("shown", LAYERS)
def test_axe_finds_nothing_serious_in_a_layer(tab_of: Any, axe: str, shown: str) -> None:
    tab = tab_of(color_scheme="light", bypass_csp=True)
    page = tab.open(f"/?layer={shown}{FAR if shown == 'gain' else ''}")
    page.evaluate(axe)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        tab.wait_for_map()
        found = page.evaluate(
            "async () => (await axe.run('[data-map-card]', {resultTypes: ['violations']}))"
            ".violations.filter(v => ['serious', 'critical'].includes(v.impact)).map("
            "v => [v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + n.failureSummary)])"
        )
        assert found == [], scheme
