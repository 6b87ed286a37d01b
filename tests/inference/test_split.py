"""Territories are split whole, with a buffer between them that neither part may cross."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from analytics.errors import MissingField
from analytics.grid import Window
from inference.errors import ConfigurationError
from inference.training.configuration import Areas
from inference.training.split import draw, split
from tests.inference import scenery
from tests.inference.scenery import COLUMN, ROW

WINDOW = Window(ROW, COLUMN, 20, 80)


@pytest.fixture
def territories(tmp_path: Path) -> Path:
    """A, B, C, D: 20 cells each, side by side."""
    windows = scenery.side_by_side("ABCD", height=20, width=80)
    return scenery.write_territories(tmp_path / "zones.geojson", windows)


def columns(mask: np.ndarray) -> list[int]:
    """Columns with a cell, after checking that all rows are alike."""
    assert (mask == mask[0]).all()
    return np.flatnonzero(mask[0]).tolist()


def test_a_buffer_is_taken_from_whoever_lies_beside_the_test(territories: Path) -> None:
    areas = Areas(territories, training=("A", "B"), validation=("C",), test=("D",), buffer_m=50)
    parts = split(areas)
    training, validation = parts.part("training", WINDOW), parts.part("validation", WINDOW)
    # Five cells: B loses those beside C, C those beside D.
    assert columns(training.labelled) == list(range(35))
    assert columns(validation.labelled) == list(range(40, 55))
    # Training sees neither validation nor test; validation does not see the test.
    assert columns(training.hidden) == list(range(40, 80))
    assert columns(validation.hidden) == list(range(60, 80))


def test_without_a_buffer_every_cell_has_one_part(territories: Path) -> None:
    areas = Areas(territories, training=("A", "C"), validation=("B",), test=("D",), buffer_m=0)
    parts = split(areas)
    training, validation = parts.part("training", WINDOW), parts.part("validation", WINDOW)
    test = validation.hidden
    assert (training.labelled.astype(int) + validation.labelled + test == 1).all()


def test_drawn_by_the_seed_whatever_the_order_of_the_file() -> None:
    codes = tuple(f"{n:03}" for n in range(40))
    areas = Areas(Path("x"), validation_share=0.1, test_share=0.25, seed=3)
    found = draw(codes, areas)
    assert draw(codes[::-1], areas) == found
    assert [len(found.training), len(found.validation), len(found.test)] == [26, 4, 10]
    assert sorted((*found.training, *found.validation, *found.test)) == list(codes)
    other = draw(codes, Areas(Path("x"), validation_share=0.1, test_share=0.25, seed=4))
    assert other.test != found.test


def test_a_share_takes_one_territory_at_least_and_leaves_one() -> None:
    areas = Areas(Path("x"), validation_share=0.01, test_share=0.01)
    assert len(draw(("A", "B", "C"), areas).training) == 1
    with pytest.raises(ConfigurationError, match="found 2 territories"):
        draw(("A", "B"), areas)


def test_a_code_that_no_territory_has(territories: Path) -> None:
    with pytest.raises(ConfigurationError, match="no territory X; expected codes such as A, B, C"):
        split(Areas(territories, training=("A", "X")))


def test_a_field_that_the_file_has_not(territories: Path) -> None:
    with pytest.raises(MissingField, match="insee"):
        split(Areas(territories, training=("A",), code_field="insee"))
