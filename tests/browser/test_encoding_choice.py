"""The encoding of a Shapefile in a browser: names as each encoding reads them, one chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyproj
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE_MS, Tab
from tests.browser.staff import SET, check, signed_in
from tests.uploads import shapefile_parts as parts
from tests.world import SOUTH, WEST

__all__ = ["signed_in"]

pytestmark = pytest.mark.django_db


def polish(folder: Path) -> Path:
    """Two zones and a record too few, with Polish names that are said to be French."""
    there = pyproj.Transformer.from_crs("EPSG:3035", "OGC:CRS84", always_xy=True)
    corners = [there.transform(WEST + 400 * n, SOUTH + 100) for n in range(3)]
    table = parts.dbf([(b"A1", "Łódź".encode("cp1250")), (b"B2", "Żary".encode("cp1250"))])
    packed = folder / "gminy.zip"
    boxes = [(x, y, x + 0.004, y + 0.002) for x, y in corners]
    packed.write_bytes(parts.packed(table=table, boxes=boxes, cpg=b"1252"))
    return packed


def test_an_encoding_is_chosen_by_keyboard(
    tab: Tab, signed_in: Page, tmp_path: Path, axe: str
) -> None:
    page = signed_in
    tab.open("/zones/new/")
    page.set_input_files("#file", polish(tmp_path))
    page.get_by_role("button", name="Upload and check").click()
    page.wait_for_url(SET)
    check(page)
    expect(page.get_by_text("3 shapes read = 2 usable + 1 with an error")).to_be_visible(
        timeout=PATIENCE_MS
    )
    expect(page.get_by_role("row", name="£ódŸ")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_text("Change fields, encoding").click()
    page.get_by_role("radio", name="Windows-1252").focus()
    for _ in range(8):
        page.keyboard.press("ArrowDown")
        if page.get_by_role("radio", name="Windows-1250").is_checked():
            break
    expect(page.get_by_role("radio", name="Windows-1250 Łódź · Żary")).to_be_checked()
    page.evaluate(axe)
    found: Any = page.evaluate("axe.run()")
    assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Check again with these").click()
    check(page)
    expect(page.get_by_role("row", name="Łódź")).to_be_visible(timeout=PATIENCE_MS)
