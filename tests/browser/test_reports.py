"""The journey to a report with progress that moves by itself; and pages on paper."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pypdf import PdfReader

from clcplus.models import Report
from tests.browser.conftest import Tab

pytestmark = pytest.mark.django_db

HERE = "/territories/commune/07001/"


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Reports are not made: the test moves them, in a thread beside the browser's loop."""
    monkeypatch.setattr("clcplus.jobs.queue.send", lambda *_, **__: None)

    def move(**changed: Any) -> None:
        def work() -> None:
            Report.objects.update(**changed, moved_at=timezone.now())
            connection.close()

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    yield move

    def clear() -> None:
        Report.objects.all().delete()
        connection.close()

    thread = threading.Thread(target=clear)
    thread.start()
    thread.join()


def test_progress_moves_and_the_link_appears(tab: Tab, by_hand: Any, axe: str) -> None:
    page = tab.open(HERE)
    page.get_by_role("button", name="PDF report").click()
    page.wait_for_url(re.compile(r"/reports/[0-9a-f-]{36}/$"))
    address = page.url
    bar = page.get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuenow", "0")
    by_hand(state="running", stage="map", percent=15)
    expect(bar).to_have_attribute("aria-valuenow", "15")
    expect(page.locator('[aria-current="step"]')).to_have_text("Map")
    by_hand(stage="pages", percent=60)
    expect(page.locator('[aria-current="step"]')).to_have_text("Pages")
    expect(page.get_by_role("link", name="Download the report")).to_have_count(0)
    by_hand(state="done", percent=100, pages=7, size=130_000, finished_at=timezone.now())
    link = page.get_by_role("link", name="Download the report")
    expect(link).to_be_visible()
    expect(link).to_have_attribute("href", f"{address.removeprefix(tab.address)[:-1]}.pdf")
    assert page.url == address
    page.evaluate(axe)
    found = page.evaluate("axe.run()")
    assert found["violations"] == []


def test_progress_moves_without_javascript(tab_of: Any, by_hand: Any) -> None:
    tab = tab_of(java_script_enabled=False)
    page = tab.open(HERE)
    page.get_by_role("button", name="PDF report").click()
    page.wait_for_url(re.compile(r"/reports/[0-9a-f-]{36}/$"))
    by_hand(state="done", percent=100, pages=7, size=130_000, finished_at=timezone.now())
    expect(page.get_by_role("link", name="Download the report")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("path", "there"),
    [
        (HERE, "Land cover"),
        ("/ranking/commune/", "Montrieux"),
        ("/compare/?t=commune:07001&t=commune:07101", "Key figures"),
    ],
)
def test_pages_on_paper(
    browser: Browser, tab_of: Any, tmp_path: Path, scheme: str, path: str, there: str
) -> None:
    tab = tab_of(color_scheme=scheme)
    page = tab.open(path)
    page.wait_for_load_state("networkidle")
    page.emulate_media(media="print", color_scheme=scheme)
    # Light colours whatever the screen has, and nothing to press.
    page.wait_for_function(
        "() => { const { backgroundColor, color } = getComputedStyle(document.body);"
        " return backgroundColor === 'rgb(255, 255, 255)' && color === 'rgb(0, 0, 0)'; }"
    )
    for pressed in page.locator("button, form, nav.choices, .site-nav").all():
        expect(pressed).to_be_hidden()
    content = page.pdf(prefer_css_page_size=True)
    pdf = PdfReader(io.BytesIO(content))
    for sheet in pdf.pages:
        assert [float(side) for side in sheet.mediabox[2:]] == pytest.approx([595, 842], abs=2)
    words = [sheet.extract_text() for sheet in pdf.pages]
    assert there in " ".join(words)
    assert all(len(text.strip()) > 40 for text in words), "an almost empty page"


def test_charts_are_not_cut(tab: Tab) -> None:
    page = tab.open(HERE)
    page.emulate_media(media="print")
    broken = page.evaluate(
        "[...document.querySelectorAll('.card:has(svg[role=img])')]"
        ".filter(c => !c.querySelector('tbody > tr:nth-child(18)'))"
        ".filter(c => getComputedStyle(c).breakInside !== 'avoid').length"
    )
    assert broken == 0
