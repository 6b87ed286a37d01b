"""Imagery that is not there is composed from a catalogue, through the platform's own door."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from clcplus.actions.predictions import composition, model
from inference.composites.area import of_degrees
from inference.errors import NothingObserved
from tests.inference.composing import bands_of, only
from tests.inference.sentinel import WEST_TILE, Shot
from tests.inference.stac_server import serving

SUMMER = (date(2024, 6, 1), date(2024, 8, 31))


def compose(address: str, out: Path, *, days: tuple[date, date] = SUMMER) -> bool:
    west, south, east, north = WEST_TILE.degrees
    area = of_degrees((west + 0.01, south + 0.01, east - 0.01, north - 0.01))
    return model.compose(
        address=address,
        collection="sentinel-2-l2a",
        window=area.window,
        days=days,
        out=out,
        progress=lambda done, total: None,
        cancelled=lambda: False,
    )


def test_a_season_of_a_catalogue_becomes_a_composite(tmp_path: Path) -> None:
    out = tmp_path / "composite-2024.tif"
    with serving(tmp_path / "served") as catalogue:
        for day, number in (("2024-06-03", 1000), ("2024-07-03", 3000), ("2024-08-03", 2000)):
            catalogue.add(Shot(day, number, bands=("B04", "B08")))
        assert compose(catalogue.address, out)
    bands = bands_of(out)
    assert only(bands["B04"]) == 2000
    assert only(bands["observations"]) == 3
    assert composition.days_of(out) == SUMMER


def test_a_season_without_a_scene_is_named(tmp_path: Path) -> None:
    with serving(tmp_path / "served") as catalogue, pytest.raises(NothingObserved, match="2023"):
        compose(
            catalogue.address,
            tmp_path / "composite-2023.tif",
            days=(date(2023, 6, 1), date(2023, 8, 31)),
        )
