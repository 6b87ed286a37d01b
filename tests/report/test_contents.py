"""What a report says: the API's figures, in the reader's language, as a file for print."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely
from django.conf import settings
from django.test import Client
from django.utils.translation import get_language

from analytics import queries
from analytics.figures import Change, Statistics
from analytics.rasters.store import open_store
from clcplus import snapshots
from clcplus.presentation.numbers import area, hectares, percent, signed
from clcplus.report import content as contents
from clcplus.report import pdf_pages
from clcplus.report.frame import codes_of, frame_of
from clcplus.report.squares import _summed, side_of
from tests.region import Region
from tests.report.conftest import addresses_in, quickly, read, text_of, unsaved

pytestmark = pytest.mark.django_db


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


def api(client: Client, tail: str) -> Any:
    response = client.get(f"/api/v1/territories/commune/0V001/{tail}")
    assert response.status_code == 200
    return json.loads(response.content)


def test_figures_are_those_of_the_api(english: bytes, client: Client) -> None:
    text = text_of(english)
    statistics = api(client, "statistics/")["statistics"]
    assert len(statistics) == 3
    for one in statistics:
        assert plain(area(one["sealed"]["m2"] / 10_000)) in text
        assert plain(percent(one["sealed_share"], 2)) in text
        for row in one["by_class"]:
            if row["code"] <= 11 and row["cells"]:
                assert plain(area(row["m2"] / 10_000)) in text, row
    change = api(client, "change/?from=clcplus-2018&to=clcplus-2023")["raw"]
    for flow in ("gain", "loss"):
        assert plain(hectares(change[flow]["m2"] / 10_000)) in text
    assert plain(signed(change["net"]["m2"] / 10_000, 2)) in text
    for row in change["gain_by_former_class"]:
        if row["cells"]:
            assert plain(area(row["m2"] / 10_000)) in text
    assert "not distinguishable from map noise" in text
    assert "1 234 inhabitants in 2021" in text


def test_change_of_the_pair_that_was_asked_for(published: Region) -> None:
    text = text_of(quickly(unsaved(earlier="clcplus-2021")))
    assert "Net change 2021 → 2023" in text
    assert "Net change 2018 → 2023" not in text


def test_children_of_a_territory(published: Region) -> None:
    text = text_of(quickly(unsaved("0V", level="departement")))
    assert "Saint-Élie-0V003" in text
    assert "Saint-Élie-1W" not in text
    ranked = [text.rindex(f"0V00{n}") for n in range(1, 5)]
    assert len(set(ranked)) == 4


def test_the_file_is_for_print_and_for_everybody(english: bytes) -> None:
    pdf = read(english)
    assert 5 <= len(pdf.pages) <= 9
    for page in pdf.pages:
        assert [round(float(side)) for side in page.mediabox[2:]] == [595, 842]
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Soil sealing in Saint-Élie-0V001"
    assert pdf.metadata.author == "Soil-sealing statistics"
    root = pdf.root_object
    assert root["/Lang"] == "en-gb"
    assert root["/MarkInfo"]["/Marked"]
    assert "pdfuaid" in root["/Metadata"].get_object().get_data().decode()
    titles = [str(item.title) for item in pdf.outline if not isinstance(item, list)]
    nested = json.dumps(titles) + str(pdf.outline)
    for title in ("Key figures", "Land cover, 2023", "Change, 2018 → 2023", "Limits"):
        assert title in nested
    last = pdf.pages[-1].extract_text()
    assert f"{len(pdf.pages)} / {len(pdf.pages)}" in last
    assert "Soil sealing in Saint-Élie-0V001" in pdf.pages[1].extract_text()
    assert "https://example.test/territories/commune/0V001/?vintage=2024" in addresses_in(english)


def test_every_font_is_embedded(english: bytes) -> None:
    fonts = set()
    for page in read(english).pages:
        for font in page["/Resources"].get("/Font", {}).values():
            described = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(described.get_object())
            fonts.add(str(described.get_object()["/FontName"]))
    assert fonts
    assert all("Source-Sans-3" in name for name in fonts), fonts


def test_the_same_request_gives_the_same_bytes(english: bytes) -> None:
    assert quickly(unsaved()) == english


@pytest.mark.parametrize("language", ["fr", "pl"])
def test_a_report_is_in_the_language_of_its_page(published: Region, language: str) -> None:
    before = get_language()
    content = quickly(unsaved(language=language))
    assert get_language() == before
    assert read(content).root_object["/Lang"] == language
    text = text_of(content)
    place = f"https://example.test/{language}/territories/commune/0V001/?vintage=2024"
    assert place in addresses_in(content)
    # Numbers are written as in that language, whatever is translated.
    assert re.search(r"\d,\d{2} ?%", text)
    assert not re.search(r"\d\.\d{2} ?%", text)


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def refuse(self: object, address: object) -> None:
        asked.append(str(address))
        raise OSError("no network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    for html in (
        '<img src="http://127.0.0.1:9/a.png">',
        '<img src="file:///etc/hostname">',
        '<link rel="stylesheet" href="https://example.test/a.css">',
        '<img src="data:image/svg+xml,<svg/>">',
        '<img src="report:unknown.svg">',
    ):
        with pytest.raises(pdf_pages.FatalURLFetchingError, match="its own parts alone"):
            pdf_pages.render(html, {}, identifier=b"1", each_page=lambda: None)
    assert asked == []


def test_squares_count_what_the_territory_has(published: Region) -> None:
    """The small maps' squares add up to the published counts, to the cell."""
    report = unsaved("0V", level="departement")
    with snapshots.opened() as snapshot:
        found = contents.read(snapshot, report)
    side = side_of(found.frame.window)
    height, width = (-(-n // side) * side for n in found.frame.window.shape)
    window = type(found.frame.window)(
        found.frame.window.row, found.frame.window.column, height, width
    )
    sums = _summed(
        found,
        window,
        side=side,
        step=1,
        latest="clcplus-2023",
        pair=("clcplus-2018", "clcplus-2023"),
        store=open_store(settings.RASTER_STORE),
    )
    latest, change = found.latest, found.change
    assert latest is not None
    assert change is not None
    assert change.gain_ha is not None
    assert change.loss_ha is not None
    assert sums.seen.sum() == latest.observed
    assert sums.sealed.sum() == latest.sealed
    assert sums.gained.sum() == round(change.gain_ha * 100)
    assert sums.lost.sum() == round(change.loss_ha * 100)


def test_cells_of_a_map_are_those_of_the_edition(published: Region) -> None:
    """Also where the frame lies on four files of the store, and beyond all of them."""
    report = unsaved("07", level="region")
    with snapshots.opened() as snapshot:
        found = contents.read(snapshot, report)
    assert len(found.tiles["clcplus-2023"]) == 4
    store = open_store(settings.RASTER_STORE)
    codes = codes_of(store, found.tiles["clcplus-2023"], found.frame.window)
    assert codes.shape == found.frame.window.shape
    counted = np.bincount(codes.ravel(), minlength=256)
    assert found.latest is not None
    assert counted[1] == found.latest.sealed
    assert counted[1:12].sum() == found.latest.observed


def test_a_frame_fits_the_page_whatever_the_shape() -> None:
    for width, height in ((10, 10), (100_000, 500), (500, 100_000), (30_000, 20_000)):
        frame = frame_of(shapely.box(4_000_000, 3_000_000, 4_000_000 + width, 3_000_000 + height))
        assert 85 < frame.height_mm < 195
        assert frame.window.width * 10 >= width
        assert frame.window.height * 10 >= height
        assert frame.bar_metres <= frame.window.width * 10 * 0.28


def test_the_web_process_does_not_know_the_renderer() -> None:
    program = (
        "import clcplus.wsgi, clcplus.urls, clcplus.tasks, sys; "
        "assert 'clcplus.actions.reports' in sys.modules; "
        "print(sorted(m for m in sys.modules if m.startswith(('weasyprint', 'pydyf'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_one_edition_has_no_change(published: Region) -> None:
    text = text_of(quickly(unsaved(earlier="", later="")))
    assert "Net change" not in text
    assert "Method, limits and source" in text


def test_what_the_newest_edition_has_not_observed(
    published: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said, and nothing stands in for it."""
    statistics, changes = queries.statistics, queries.changes

    def unseen(*args: Any, **more: Any) -> list[Statistics]:
        return [
            replace(record, by_class={}, sealed=None, observed=0)
            if record.edition.year == 2023
            else record
            for record in statistics(*args, **more)
        ]

    def unchanged(*args: Any, **more: Any) -> list[Change]:
        return [
            Change(earlier=record.earlier, later=record.later)
            if record.later.year == 2023
            else record
            for record in changes(*args, **more)
        ]

    monkeypatch.setattr("analytics.queries.statistics", unseen)
    monkeypatch.setattr("analytics.queries.changes", unchanged)
    text = text_of(quickly(unsaved()))
    assert "Sealed share, 2023 not observed" in text
    assert "Net change 2018 → 2023 not observed" in text
    assert "What became sealed" not in text
