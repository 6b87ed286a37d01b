"""The whole way of a file of zones: from a Shapefile that does not say where it lies, to figures
that every reader finds, and to nothing left of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from playwright.sync_api import Page, expect

from clcplus.jobs import runner
from clcplus.models import Run, Zone, ZoneBatch, ZoneSet
from tests.browser.conftest import PATIENCE_MS, Tab
from tests.browser.land_cover import lay
from tests.browser.staff import SET, beside, check, lambert, signed_in
from tests.uploads.files import zipped
from tests.world import SOUTH, WEST, World

__all__ = ["signed_in"]

pytestmark = pytest.mark.django_db

ORCHARD, FOREST = "Verger <i>clos</i>", "Bois Rond"
"""Squares of 50 × 50 cells; the forest lies 1 km east of the orchard."""
SHARES = {ORCHARD: {2018: 0.20, 2021: 0.40}, FOREST: {2018: 0.0, 2021: 0.0}}


@pytest.fixture(scope="module", autouse=True)
def cells(site: str, world: World, django_db_blocker: Any) -> None:
    """Meadow, in which a fifth of the orchard is sealed in 2018, and two fifths in 2021."""
    orchard = slice(140, 190)
    with django_db_blocker.unblock():
        lay(world, {2018: (orchard, slice(10, 20)), 2021: (orchard, slice(10, 30))})


def shapefile(folder: Path) -> Path:
    """The zones as a zipped Shapefile in Lambert-93, with all of its files but the .prj."""
    pyogrio.raw.write(
        folder / "sites.shp",
        np.array([shapely.to_wkb(lambert(x, 100)) for x in (100, 1100)], dtype=object),
        [np.array(["V1", "B2"], dtype=object), np.array([ORCHARD, FOREST], dtype=object)],
        ["code", "nom"],
        geometry_type="Polygon",
        crs="EPSG:2154",
        encoding="UTF-8",
    )
    members = {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix != ".prj"}
    packed = folder / "sites.zip"
    packed.write_bytes(zipped(members))
    return packed


def upload(page: Page, file: Path) -> None:
    page.set_input_files("#file", file)
    page.get_by_role("button", name="Upload and check").click()
    page.wait_for_url(SET)
    expect(page.get_by_role("progressbar")).to_be_visible()
    check(page)


def choose_the_reference_system(page: Page) -> None:
    """The page has moved on by itself to its question."""
    expect(page.get_by_role("heading", name="In which reference system")).to_be_visible(
        timeout=PATIENCE_MS
    )
    page.get_by_role("radio", name=re.compile("Lambert-93")).first.check()
    page.get_by_role("button", name="Check with these").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    check(page)


def read_the_report_and_accept(page: Page) -> None:
    expect(page.get_by_role("heading", name="All 2 features can become zones")).to_be_visible(
        timeout=PATIENCE_MS
    )
    expect(page.get_by_text("as you have said")).to_be_visible()
    listed = page.get_by_role("region", name="Feature by feature").get_by_role("row")
    for name, row in ((ORCHARD, listed.nth(1)), (FOREST, listed.nth(2))):
        expect(row).to_contain_text(name)
        # 500 × 500 m on the ground, 50 × 50 cells of the map.
        expect(row.get_by_role("cell").nth(1)).to_have_text(re.compile(r"25\.0\sha"))
        expect(row.get_by_role("cell").nth(2)).to_have_text(re.compile(r"^2.?500$"))
    page.get_by_label("Name of the set").fill("Study sites")
    page.get_by_role("button", name="Accept all 2 zones").click()


def watch_the_progress(page: Page) -> None:
    """The page goes on by itself: first to the figures that are there, then to all of itself."""
    bar = page.get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuenow", "0")
    expect(page.get_by_text("0 of 2 zones")).to_be_visible()
    expect(page.get_by_role("button", name="Publish")).to_have_count(0)

    def count() -> Run:
        run = Run.objects.get(kind="zones")
        for batch in ZoneBatch.objects.filter(run=run):
            assert runner.work("zones", batch.pk)
        return run

    run = beside(count)
    expect(page.get_by_text("2 of 2 zones")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_role("group", name="Zones", exact=True)).to_contain_text("40.0")
    beside(lambda: [runner.finish("zones", run.pk)])
    expect(bar).to_have_count(0, timeout=PATIENCE_MS)


def shown_shares(page: Page) -> dict[str, dict[int, float]]:
    """What the table of the page says of each zone, edition by edition."""
    shown = {}
    for row in page.get_by_role("group", name="Zones", exact=True).get_by_role("row").all()[1:]:
        said = [cell.inner_text() for cell in row.get_by_role("cell").all()]
        # A zone below 1 km² has the share by covered area beside it, in brackets.
        found = [re.match(r"([\d.]+)\s%", one.strip()) for one in said]
        shares = [float(one[1]) / 100 for one in found if one]
        shown[row.get_by_role("link").inner_text()] = dict(zip((2018, 2021), shares, strict=False))
    return shown


def read_the_results(page: Page) -> None:
    expect(page.get_by_role("heading", level=1, name="Study sites")).to_be_visible()
    assert shown_shares(page) == SHARES


def publish(page: Page) -> None:
    page.get_by_label("Names and outlines may be seen by everybody").check()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("button", name="Withdraw")).to_be_visible()


def find(page: Page, text: str) -> None:
    """Go where the site's search leads, from any of its pages."""
    page.get_by_role("combobox", name="Find a place").fill(text)
    page.get_by_role("listbox").get_by_role("option", name=text).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(text, timeout=PATIENCE_MS)


def take_the_geopackage(page: Page, folder: Path) -> None:
    """The file has the names and the figures of the page, where the zones lie."""
    with page.expect_download() as download:
        page.get_by_role("link", name="GeoPackage").click()
    path = folder / "taken.gpkg"
    download.value.save_as(path)
    meta, _, shapes, values = pyogrio.raw.read(path, layer="zones")
    columns = dict(zip(meta["fields"], values, strict=True))
    names = list(columns["name"])
    assert sorted(names) == sorted(SHARES)
    assert dict(zip(names, columns["code"], strict=True)) == {ORCHARD: "V1", FOREST: "B2"}
    for name, shown in shown_shares(page).items():
        row = names.index(name)
        told = {year: columns[f"clcplus_{year}_sealed_share"][row] for year in shown}
        assert told == pytest.approx(shown)
    # Ten columns of fifty cells of 100 m².
    gains = dict(zip(names, columns["clcplus_2018_to_clcplus_2021_sealed_gain"], strict=True))
    assert gains == {ORCHARD: 50_000, FOREST: 0}
    assert meta["crs"] == "EPSG:3035"
    for name, x in ((ORCHARD, 100), (FOREST, 1100)):
        drawn = shapely.from_wkb(shapes[names.index(name)])
        expected = shapely.box(WEST + x, SOUTH + 100, WEST + x + 500, SOUTH + 600)
        assert shapely.hausdorff_distance(drawn, expected) < 0.5


def delete(page: Page) -> None:
    page.get_by_text("Delete the set").click()
    page.get_by_label("Remove all of it").check()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("status").get_by_text("are removed")).to_be_visible()


def test_a_set_of_zones_from_its_file_to_nothing(
    tab: Tab, tab_of: Any, signed_in: Page, tmp_path: Path
) -> None:
    page, reader = signed_in, tab_of()
    folder = tmp_path / "sites"
    folder.mkdir()
    tab.open("/zones/new/")
    upload(page, shapefile(folder))
    address = page.url.split("?")[0]
    choose_the_reference_system(page)
    read_the_report_and_accept(page)
    watch_the_progress(page)
    read_the_results(page)
    tab.wait_for_map()
    assert reader.page.request.get(address).status == 404
    publish(page)

    found = reader.open("/zones/")
    find(found, FOREST)
    zone = found.url
    find(found, "Study sites")
    assert found.url.startswith(address)
    read_the_results(found)
    take_the_geopackage(found, tmp_path)

    delete(page)
    for gone in (address, zone):
        assert page.request.get(gone).status == 404
        assert reader.page.request.get(gone).status == 404
    for name in (FOREST, "Study sites"):
        reader.open(f"/search/?q={name}")
        expect(reader.page.get_by_role("heading", name="No place of this name")).to_be_visible()
        expect(reader.page.get_by_role("link", name=name)).to_have_count(0)
    assert beside(lambda: [model.objects.count() for model in (ZoneSet, ZoneBatch)]) == [0, 0]
    left = beside(lambda: [Zone.objects.filter(name__in=SHARES).count()])
    assert left == [0]
