"""Imagery that is not there is composed from a catalogue, as the settings of the platform say."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path

import pytest
from django.test import override_settings

from clcplus.actions.predictions import imagery
from clcplus.models import Prediction
from inference.composites.area import of_degrees
from inference.errors import NothingObserved, UnreachableSource, UnreadableImagery
from tests.inference.compose_command import bands_of, only
from tests.inference.sentinel import WEST_TILE, Shot
from tests.inference.stac_server import serving


def compose(
    address: str, folder: Path, *, year: int, hosts: tuple[str, ...] = ("127.0.0.1",)
) -> Path | None:
    west, south, east, north = WEST_TILE.degrees
    area = of_degrees((west + 0.01, south + 0.01, east - 0.01, north - 0.01))
    prediction = Prediction(year=year, level="commune", code="0V001", window=asdict(area.window))
    with override_settings(
        CLCPLUS_STAC=address,
        SOURCE_HOSTS=hosts,
        CLCPLUS_STAC_COLLECTION="sentinel-2-l2a",
        CLCPLUS_SEASON="06-01/08-31",
        CLCPLUS_IMAGERY=folder,
    ):
        return imagery.compose(
            prediction, progress=lambda done, total: None, cancelled=lambda: False
        )


def test_a_season_of_a_catalogue_becomes_a_composite(tmp_path: Path) -> None:
    with serving(tmp_path / "served") as catalogue:
        for day, number in (("2024-06-03", 1000), ("2024-07-03", 3000), ("2024-08-03", 2000)):
            catalogue.add(Shot(day, number, bands=("B04", "B08")))
        out = compose(catalogue.address, tmp_path / "imagery", year=2024)
    assert out == tmp_path / "imagery" / "composite-2024-commune-0V001.tif"
    bands = bands_of(out)
    assert only(bands["B04"]) == 2000
    assert only(bands["observations"]) == 3
    assert imagery.days_of(out) == (date(2024, 6, 1), date(2024, 8, 31))


def test_a_season_without_a_scene_is_named(tmp_path: Path) -> None:
    with serving(tmp_path / "served") as catalogue, pytest.raises(NothingObserved, match="2023"):
        compose(catalogue.address, tmp_path / "imagery", year=2023)


def test_a_catalogue_of_this_machine_is_not_asked(tmp_path: Path) -> None:
    with serving(tmp_path / "served") as catalogue:
        catalogue.add(Shot("2024-06-03", 1000, bands=("B04",)))
        with pytest.raises(UnreachableSource, match="an https address of a public host"):
            compose(catalogue.address, tmp_path / "imagery", year=2024, hosts=())
        assert catalogue.searches == []


@pytest.mark.parametrize(
    "elsewhere", ["http://127.0.0.2:1/assets", "https://169.254.169.254/latest", "http://[::1]/x"]
)
def test_a_catalogue_leads_to_no_asset_of_this_network(tmp_path: Path, elsewhere: str) -> None:
    with serving(tmp_path / "served") as catalogue:
        catalogue.add(Shot("2024-06-03", 1000, bands=("B04",)), base=elsewhere)
        with pytest.raises(UnreachableSource, match="an https address of a public host"):
            compose(catalogue.address, tmp_path / "imagery", year=2024)


@pytest.mark.parametrize(
    "place", ["http://127.0.0.2:1/search", "file:///etc/hostname", "/etc/hostname", "gopher://x/"]
)
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_catalogue_leads_to_no_page_of_this_network(
    tmp_path: Path, place: str, method: str
) -> None:
    with serving(tmp_path / "served") as catalogue:
        for day in ("2024-06-03", "2024-06-13", "2024-06-23"):  # more than a page
            catalogue.add(Shot(day, 1000, bands=("B04",)))
        catalogue.next_page = place
        catalogue.accepts_post = method == "POST"
        with pytest.raises((UnreachableSource, UnreadableImagery)) as caught:
            compose(catalogue.address, tmp_path / "imagery", year=2024)
    assert not list((tmp_path / "imagery").glob("*.tif"))
    assert "\n" not in str(caught.value)


def test_a_catalogue_that_wants_the_other_method_is_asked_so(tmp_path: Path) -> None:
    with serving(tmp_path / "served") as catalogue:
        for day in ("2024-06-03", "2024-06-13", "2024-06-23"):
            catalogue.add(Shot(day, 1000, bands=("B04",)))
        catalogue.accepts_post = False
        assert compose(catalogue.address, tmp_path / "imagery", year=2024) is not None
        assert catalogue.searches == ["POST", "GET", "GET"]
