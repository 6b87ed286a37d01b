"""From which zoom a level is drawn."""

from __future__ import annotations

import pytest

from analytics.records import Level
from clcplus.presentation.zooms import first_zoom


def _level(slug: str, zones: int) -> Level:
    return Level(
        slug=slug,
        name=slug,
        name_plural=slug,
        rank=0,
        parent=None,
        vintage=2024,
        vintages=(2024,),
        zones=zones,
        bounds=(-5.1, 41.3, 9.6, 51.1),
    )


@pytest.mark.parametrize(("zones", "zoom"), [(96, 0), (1_000, 0), (2_000, 6), (35_000, 8)])
def test_tiles_are_not_crammed(zones: int, zoom: int) -> None:
    levels = [_level("region", 13), _level("commune", zones)]
    assert first_zoom(levels, levels[1]) == zoom


def test_the_highest_level_is_drawn_from_the_start() -> None:
    only = [_level("commune", 35_000)]
    assert first_zoom(only, only[0]) == 0
