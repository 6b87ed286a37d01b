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
from inference.errors import NothingObserved
from tests.inference.compose_command import bands_of, only
from tests.inference.sentinel import WEST_TILE, Shot
from tests.inference.stac_server import serving


def compose(address: str, folder: Path, *, year: int) -> Path | None:
    west, south, east, north = WEST_TILE.degrees
    area = of_degrees((west + 0.01, south + 0.01, east - 0.01, north - 0.01))
    prediction = Prediction(year=year, level="commune", code="0V001", window=asdict(area.window))
    with override_settings(
        CLCPLUS_STAC=address,
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
