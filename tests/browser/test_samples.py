"""A reference sample from plan to estimates: drawn, labelled by keyboard, imported, published."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from django.contrib.auth.models import User
from django.test import override_settings
from django.utils import timezone
from playwright.sync_api import Error, Page, Route, expect
from rasterio.transform import from_origin

from clcplus.actions.samples.sample_rows import newest_run
from clcplus.jobs import runner
from clcplus.models import AreaEstimate, Edition, PointLabel, ReferenceSample, Run
from inference.composites import BANDS, MISSING
from tests.browser.conftest import Tab
from tests.browser.land_cover import lay
from tests.browser.staff import beside, signed_in
from tests.samples.world import drawn, filled
from tests.world import SIDE, SOUTH, WEST, World

__all__ = ["signed_in"]

pytestmark = pytest.mark.django_db

TEN = 10
LABEL = re.compile("/label/$")


def is_post(route: Route) -> bool:
    return route.request.method == "POST"


@pytest.fixture(scope="module", autouse=True)
def cells(
    site: str, world: World, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """A village that grows, and imagery of both years round it."""
    village = slice(20, 80)
    with django_db_blocker.unblock():
        # The store's tiles begin a kilometre farther north.
        rows = slice(village.start + 100, village.stop + 100)
        lay(world, {2018: (rows, slice(40, 120)), 2021: (rows, slice(40, 160))})
        for year in (2018, 2021):
            Edition.objects.filter(year=year).update(loaded_at=timezone.now())
    folder = tmp_path_factory.mktemp("imagery")
    random = np.random.default_rng(3)
    for year, width in ((2018, 120), (2021, 160)):
        shades = random.normal(600, 60, (len(BANDS), 100, 400))
        shades[BANDS.index("B08")] *= 4
        shades[:, village, 40:width] = random.normal(2000, 500, (len(BANDS), 60, width - 40))
        with rasterio.open(
            folder / f"composite-{year}.tif",
            "w",
            driver="GTiff",
            width=400,
            height=100,
            count=len(BANDS),
            dtype="int16",
            crs="EPSG:3035",
            transform=from_origin(WEST, SOUTH + SIDE, 10, 10),
            nodata=MISSING,
        ) as dataset:
            dataset.write(np.clip(shades, 1, 9000).astype(np.int16))
            dataset.descriptions = BANDS
    with override_settings(CLCPLUS_IMAGERY=folder):
        yield
    with django_db_blocker.unblock():
        ReferenceSample.objects.all().delete()
        Run.objects.filter(kind="sample").delete()


@pytest.fixture(autouse=True)
def cleared(signed_in: Page) -> Iterator[None]:
    yield
    # A page that still asks for its pictures would be told that there is no such sample.
    signed_in.goto("about:blank")
    beside(lambda: ReferenceSample.objects.all().delete())


def draw() -> ReferenceSample:
    """Do the worker's part."""

    def work() -> ReferenceSample:
        sample = ReferenceSample.objects.get()
        run = newest_run(sample)
        assert run is not None
        runner.handle_work("sample", run.pk)
        sample.refresh_from_db()
        return sample

    found: ReferenceSample = beside(work)
    return found


def planned(page: Page, address: str, *, points: int) -> None:
    page.goto(f"{address}/samples/new/")
    page.locator("#name").fill("Valmont 2021")
    page.locator("#territory").fill("region:07")
    page.locator("#points").fill(str(points))
    expect(page.locator(".sample-plan__asked")).to_contain_text(str(points))


def labels() -> list[tuple[Any, ...]]:
    return list(
        PointLabel.objects.order_by("point__number").values_list(
            "point__number", "reference_earlier", "reference_later", "confidence", "note"
        )
    )


def test_from_the_plan_to_estimates_by_keyboard(
    tab: Tab, signed_in: Page, tmp_path: Path, world: World
) -> None:
    page = signed_in
    planned(page, tab.address, points=300)
    page.get_by_text("More choices").click()
    page.get_by_label("At least in a stratum").fill("30")
    page.get_by_role("button", name="Draw the points").click()
    expect(page.locator("[data-moving]")).to_be_visible()
    sample = draw()
    assert sample.stage == "labelling"
    page.get_by_role("link", name="Label points").click()
    press = page.keyboard.press
    for number in range(1, TEN + 1):
        expect(page.get_by_role("heading", name=f"Point {number}", exact=True)).to_be_visible()
        expect(page.locator("svg.imagery image")).to_have_count(2)
        expect(page.locator("[data-help-button]")).to_be_visible()  # keys are listened to
        press("6")
        if number % 2:
            press("1")  # the later date comes by itself
        else:
            press("ArrowLeft")
            press("2")
            press("Tab")
            press("s")
        if number == 3:
            press("l")
            press("n")
            page.keyboard.type("new road?")
            press("Escape")
        if number == 4:
            press("=")
        press("Enter")
    expect(page.get_by_role("heading", name=f"Point {TEN + 1}", exact=True)).to_be_visible()
    expect(page.locator("[data-pace]")).to_contain_text("a minute")
    expect(page.locator(".label__progress")).to_contain_text("10 of 330 labels")
    found = beside(labels)
    assert found == [
        (n, 6, 1, "low" if n == 3 else "high", "new road?" if n == 3 else "")
        if n % 2
        else (n, 11 if n == 4 else 2, 11, "high", "")
        for n in range(1, TEN + 1)
    ]
    # Back, and once more what stands there.
    expect(page.locator("[data-help-button]")).to_be_visible()
    press("Backspace")
    expect(page.get_by_role("heading", name=f"Point {TEN}", exact=True)).to_be_visible()
    expect(page.locator('input[name="later"]:checked')).to_have_value("11")
    expect(page.locator("[data-help-button]")).to_be_visible()
    press("?")
    expect(page.locator("[data-help]")).to_be_visible()
    press("?")
    expect(page.locator("[data-help]")).to_be_hidden()
    assert page.locator("svg.imagery").first.get_attribute("viewBox") == "-160 -160 320 320"
    press("+")
    assert page.locator("svg.imagery").first.get_attribute("viewBox") == "-80 -80 160 160"
    # The rest comes from a file.
    page.goto(f"{tab.address}{sample.get_absolute_url()}")
    with page.expect_download() as download:
        page.locator('a[href$="points.csv?full=1"]').click()
    path = tmp_path / "points.csv"
    download.value.save_as(path)

    def as_mapped(rows: list[dict[str, str]]) -> None:
        for row in rows[TEN:]:
            row["reference_earlier"], row["reference_later"] = row["map_earlier"], row["map_later"]

    page.get_by_label("File of labels").set_input_files(filled(path, as_mapped))
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator(".notice--done")).to_contain_text("290 labels were imported")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("button", name="Withdraw")).to_be_visible()

    def of_net() -> dict[str, tuple[int, int]]:
        rows = AreaEstimate.objects.filter(quantity="net")
        found = rows.values_list("zone__code", "points", "sealed_points")
        return {code: (points, sealed) for code, points, sealed in found}

    # Places with enough points of their own have an interval of their change, and no others: the
    # village lies in the north.
    estimated = beside(of_net)
    assert {"07", "07N"} <= estimated.keys()
    assert all(points >= 100 and sealed >= 20 for points, sealed in estimated.values())
    assert not estimated.keys() & {"07S", "07101", "07102"}
    for place in ("region/07", "departement/07N", "departement/07S", "commune/07101"):
        page.goto(f"{tab.address}/territories/{place}/")
        said = page.locator("#sure").inner_text()
        is_estimated = place.rpartition("/")[2] in estimated
        assert ("No published reference sample speaks" in said) != is_estimated
        assert ("Sample “Valmont 2021”" in said) == is_estimated


def point(page: Page, number: int) -> None:
    """The page shows a point, with imagery of both dates and keys that are listened to."""
    expect(page.get_by_role("heading", name=f"Point {number}", exact=True)).to_be_visible()
    expect(page.locator("svg.imagery image")).to_have_count(2)
    expect(page.locator("[data-help-button]")).to_be_visible()


def label_point(page: Page, tab: Tab) -> ReferenceSample:
    """Open the page of labels of a sample that was drawn beside the browser."""

    def of_account() -> ReferenceSample:
        owner = User.objects.get(username__startswith="staff-")
        return drawn(territory="region:07", points=60, owner=owner)

    sample: ReferenceSample = beside(of_account)
    page.goto(f"{tab.address}{sample.get_absolute_url()}label/")
    return sample


def test_the_next_point_is_there_before_the_label_is_stored(tab: Tab, signed_in: Page) -> None:
    page = signed_in
    pictures: list[str] = []
    page.on("response", lambda answer: pictures.append(answer.url))
    with page.expect_response(re.compile(r"/points/3/later\.png$")):
        label_point(page, tab)
    point(page, 1)
    held: list[Route] = []
    page.route(LABEL, lambda route: held.append(route) if is_post(route) else route.continue_())
    page.evaluate("window.here = true")
    press = page.keyboard.press
    for number in (1, 2):
        press("1")
        press("6")
        press("Enter")
        point(page, number + 1)
    assert beside(labels) == []
    assert len(held) == 1  # one after the other
    press("Backspace")
    point(page, 2)
    expect(page.locator('input[name="later"]:checked')).to_have_value("6")
    press("ArrowRight")
    press("7")
    press("Enter")
    point(page, 3)
    page.unroute(LABEL)
    with suppress(Error):  # where the page has given it up meanwhile, it sends it again
        held[0].continue_()
    expect(page.locator("[data-progress-text]")).to_have_text("2 of 60 labels")
    assert [row[:3] for row in beside(labels)] == [(1, 1, 6), (2, 1, 7)]
    assert page.evaluate("window.here")  # the page was loaded once
    pictures_of_2 = [one for one in pictures if "/points/2/" in one]
    assert len(pictures_of_2) == 2


def test_a_label_that_is_not_stored_is_kept_and_told(tab: Tab, signed_in: Page) -> None:
    page = signed_in
    sample = label_point(page, tab)
    point(page, 1)
    notice = page.locator("[data-unsent]")
    page.route(LABEL, lambda route: route.abort() if is_post(route) else route.continue_())
    press = page.keyboard.press
    for number in (1, 2):
        press("1")
        press("6")
        press("Enter")
        point(page, number + 1)
    expect(notice).to_contain_text("Labels that are not stored yet: 2")
    assert beside(labels) == []
    # The interpreter leaves all the same, and comes back when the server answers.
    page.on("dialog", lambda dialog: dialog.accept())
    page.unroute(LABEL)
    page.route(LABEL, lambda route: route.abort() if is_post(route) else route.continue_())
    page.goto(f"{tab.address}{sample.get_absolute_url()}")
    page.unroute(LABEL)
    page.goto(f"{tab.address}{sample.get_absolute_url()}label/")
    expect(page.locator("[data-progress-text]")).to_have_text("2 of 60 labels")
    expect(notice).to_be_hidden()
    assert [row[:3] for row in beside(labels)] == [(1, 1, 6), (2, 1, 6)]
    # One that is refused comes back to its form.
    page.goto(f"{tab.address}{sample.get_absolute_url()}label/")
    point(page, 3)
    page.evaluate("document.querySelector('#note').maxLength = 400")
    page.locator("#note").fill("x" * 301)
    press("Escape")
    press("1")
    press("6")
    press("Enter")
    expect(page.locator(".label__trouble")).to_contain_text("a note of 301 characters")
    point(page, 3)
    page.locator("#note").fill("x")
    press("Escape")
    press("Enter")
    expect(page.locator("[data-progress-text]")).to_have_text("3 of 60 labels")
    assert beside(labels)[-1] == (3, 1, 6, "high", "x")
    tab.errors[:] = [
        one for one in tab.errors if "ERR_FAILED" not in one and "status of 422" not in one
    ]


def test_labels_are_stored_without_scripts(tab: Tab, signed_in: Page, tab_of: Any) -> None:
    sample = label_point(signed_in, tab)
    plain = tab_of(java_script_enabled=False)
    plain.page.context.add_cookies(signed_in.context.cookies())
    page = plain.open(f"{sample.get_absolute_url()}label/")
    for name in ("earlier", "later"):
        page.locator(f'input[name="{name}"][value="1"]').check(force=True)
    page.get_by_role("button", name="Save, next point").click()
    expect(page.get_by_role("heading", name="Point 2", exact=True)).to_be_visible()
    page.get_by_role("link", name="Previous").click()
    expect(page.get_by_role("heading", name="Point 1", exact=True)).to_be_visible()
    assert [row[:3] for row in beside(labels)] == [(1, 1, 1)]


def test_a_wrong_file_is_explained_on_the_page(tab: Tab, signed_in: Page, tmp_path: Path) -> None:
    page = signed_in
    planned(page, tab.address, points=260)
    page.get_by_role("button", name="Draw the points").click()
    expect(page.locator("[data-moving]")).to_be_visible()
    sample = draw()
    page.wait_for_selector('a[href$="/label/"]')
    path = tmp_path / "labels.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["id", "reference_earlier", "reference_later"], [1, 1, 99]])
    page.get_by_label("File of labels").set_input_files(path)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator("[data-trouble]")).to_contain_text("expected classes from 1 to 11")
    assert page.url.endswith(f"{sample.get_absolute_url()}import/")
    tab.errors[:] = [one for one in tab.errors if "status of 422" not in one]


@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_of_labels_fits(tab: Tab, signed_in: Page, tmp_path: Path, width: int) -> None:
    page = signed_in
    page.set_viewport_size({"width": width, "height": 844 if width == 390 else 900})
    planned(page, tab.address, points=260)
    page.screenshot(path=tmp_path / f"plan-{width}.png", full_page=True)
    page.get_by_role("button", name="Draw the points").click()
    sample = draw()
    page.goto(f"{tab.address}{sample.get_absolute_url()}label/")
    page.wait_for_load_state("networkidle")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    both = [page.locator("svg.imagery").nth(n).bounding_box() for n in range(2)]
    assert both[0] is not None
    assert both[1] is not None
    assert both[0]["y"] == both[1]["y"]  # side by side
    assert both[0]["width"] > 120
    page.screenshot(path=tmp_path / f"label-{width}.png", full_page=True)
    page.goto(f"{tab.address}{sample.get_absolute_url()}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.screenshot(path=tmp_path / f"sample-{width}.png", full_page=True)
