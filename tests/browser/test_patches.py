"""Gain and loss through a filter: a control, patches that say what they are, an address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import override_settings
from playwright.sync_api import Page, expect
from pyproj import Transformer

from analytics.queries.patch_tiles import patch_tile
from clcplus.jobs import runner
from clcplus.models import Run
from tests.blocks import make_blocks
from tests.browser.conftest import Tab, override_static, served, skip_without_browser
from tests.region import NORTH, WEST
from tests.runs import committed

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning"),
]

_WGS84 = Transformer.from_crs(3035, 4326, always_xy=True)
QUERY = "/?layer=gain&from=clcplus-2021&to=clcplus-2023"


def view(east: float, south: float, zoom: float) -> str:
    """A hash that shows a place so many metres from the region's corner."""
    longitude, latitude = _WGS84.transform(WEST + east, NORTH - south)
    return f"#map={zoom}/{latitude:.6f}/{longitude:.6f}"


@pytest.fixture(scope="module")
def site(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A server over editions of blocks of change, filtered."""
    skip_without_browser()
    folder = tmp_path_factory.mktemp("patches")
    with (
        django_db_blocker.unblock(),
        override_static(tmp_path_factory.mktemp("static")),
        override_settings(RASTER_STORE=str(folder / "store")),
        committed(make_blocks(folder), store=folder / "store"),
    ):
        for run in Run.objects.filter(kind=Run.Kind.FILTER):
            assert runner.work(run.kind, run.pk)
        cache.clear()
        with served() as address:
            yield address


def middle(page: Page) -> tuple[float, float]:
    box = page.locator(".map .maplibregl-canvas").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_patch_says_what_it_is(tab: Tab) -> None:
    with tab.page.expect_response(re.compile(r"/tiles/patches/.*filter=0.25ha")) as got:
        page = tab.open(QUERY + view(240, 270, 14))
    assert got.value.status == 200
    tab.wait_for_map()
    shown = page.get_by_role("combobox", name="Show")
    expect(shown).to_have_value("0.25ha")
    expect(page.locator('[data-legend="gain"]')).to_contain_text("patches of at least 0.25 ha")
    page.mouse.click(*middle(page))
    card = page.locator(".map-popup")
    expect(card).to_contain_text("newly sealed")
    expect(card).to_contain_text("Woody, needle-leaved trees → Sealed")
    expect(card).to_contain_text("2021 → 2023")
    expect(card).to_contain_text(re.compile(r"5\.\d\d.ha"))
    expect(card.get_by_role("link")).to_have_attribute("href", re.compile("/territories/commune/"))
    page.get_by_role("button", name="Close").click()
    expect(card).to_have_count(0)


def test_the_reader_chooses_a_filter_or_all_change(tab: Tab) -> None:
    page = tab.open(QUERY + view(150, 45, 15))
    tab.wait_for_map()
    page.get_by_role("combobox", name="Show").select_option("clc-change")
    tab.wait_for_map()
    expect(page).to_have_url(re.compile("filter=clc-change"))
    expect(page.locator('[data-legend="gain"]')).to_contain_text("5 ha and 100 m wide")
    with page.expect_response(re.compile(r"/tiles/change/[^?]*\?v=[^&]*$")):
        page.get_by_role("combobox", name="Show").select_option("raw")
    tab.wait_for_map()
    expect(page).to_have_url(re.compile("filter=raw"))
    expect(page.locator('[data-legend="gain"]')).to_contain_text("all change, with map noise")
    page.reload()
    tab.wait_for_map()
    expect(page.get_by_role("combobox", name="Show")).to_have_value("raw")


def test_the_map_says_where_patches_are_left_out(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(patch_tile.__kwdefaults__, "most", 1)
    cache.clear()
    page = tab.open(f"{QUERY}&filter=0.5ha" + view(240, 270, 13))
    tab.wait_for_map()
    notice = page.locator("[data-map-left-out]")
    expect(notice).to_be_visible()
    expect(notice).to_contain_text("Zoom in to see all patches")
    # Of all change there are no patches.
    page.get_by_role("combobox", name="Show").select_option("raw")
    tab.wait_for_map()
    expect(notice).to_be_hidden()
