"""Files that people really upload: each ends in zones with a report, or in words."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.uploads import outcomes
from tests.uploads.outcomes import Outcome


@pytest.fixture(scope="module")
def found(shared_data: Path) -> dict[str, Outcome]:
    """The outcome of each file by its name."""
    assert shared_data / "uploads" == outcomes.UPLOADS
    return {one.file: one for one in outcomes.all_outcomes()}


def test_every_file_ends_in_zones_or_in_words(found: dict[str, Outcome]) -> None:
    assert len([name for name in found if not name.endswith("(zipped)")]) == 333
    assert [one for one in found.values() if one.code == "reader-died"] == []
    for one in found.values():
        assert one.words
        assert ("expected " in one.words) == bool(one.code), one
    ended = Counter(one.code for one in found.values())
    assert ended[""] > 120


@pytest.mark.parametrize(
    ("file", "asked", "said"),
    [
        ("truncated/LAU_RG_01M_2016_4326_TRUNCATED.geojson", (), "geojson-syntax"),
        ("geopackage_js/gdal_sample.gpkg", ("layer", "reference_system"), "too-large-area"),
        ("geopackage_js/attributes.gpkg", (), "no-layer"),
        ("mapshaper/features/zip/zip-in-zip.zip", (), "archive-nested"),
        ("mapshaper/issues/166/c_utm (zipped)", ("reference_system",), ""),
        ("kml_gpx/networklink.kml", (), "kml-without-placemark"),
    ],
)
def test_what_is_asked_and_said(
    found: dict[str, Outcome], file: str, asked: tuple[str, ...], said: str
) -> None:
    assert (found[file].asked, found[file].code) == (asked, said)


def test_the_table_in_the_documentation_is_true(found: dict[str, Outcome]) -> None:
    page = outcomes.PAGE.read_text("utf-8")
    shown = page.split(outcomes.START)[1].split(outcomes.END)[0]
    assert shown == outcomes.table(list(found.values()))
