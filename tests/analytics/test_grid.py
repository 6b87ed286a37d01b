"""Arithmetic of the grid."""

from __future__ import annotations

import pytest

from analytics.grid import StoreTile, Window, store_tiles, window_of_bounds


def test_a_100_km_tile_is_named_by_its_lower_left_corner() -> None:
    tile = StoreTile.from_name("E37N22")
    assert tile.window.bounds == (3_700_000, 2_200_000, 3_800_000, 2_300_000)
    assert tile.window.shape == (10_000, 10_000)
    assert tile.name == "E37N22"


@pytest.mark.parametrize("name", ["E3N2", "37E22N", "E37N222", ""])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="100 km tile"):
        StoreTile.from_name(name)


def test_tiles_of_a_window_that_straddles_four() -> None:
    window = window_of_bounds(3_790_000, 2_290_000, 3_810_000, 2_310_000)
    assert [t.name for t in store_tiles(window)] == ["E37N22", "E37N23", "E38N22", "E38N23"]


def test_a_window_that_ends_on_a_tile_does_not_touch_the_next() -> None:
    assert store_tiles(StoreTile.from_name("E37N22").window) == [StoreTile.from_name("E37N22")]


def test_windows_intersect_unite_and_snap() -> None:
    left, right = Window(0, 0, 10, 10), Window(5, 8, 10, 10)
    assert left.intersection(right) == Window(5, 8, 5, 2)
    assert left.union(right) == Window(0, 0, 15, 18)
    assert left.intersection(Window(10, 0, 1, 1)) is None
    assert right.snapped(10) == Window(0, 0, 20, 20)


def test_strips_cover_a_window_once_and_start_at_multiples() -> None:
    strips = list(Window(1000, 7, 2100, 3).strips(1024))
    assert [(s.row, s.height) for s in strips] == [
        (1000, 24),
        (1024, 1024),
        (2048, 1024),
        (3072, 28),
    ]


def test_bounds_between_cells_take_in_the_cells_they_touch() -> None:
    assert window_of_bounds(3, 9_999_985, 21, 9_999_999) == Window(0, 0, 2, 3)
