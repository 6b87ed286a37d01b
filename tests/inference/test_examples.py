"""Examples: what is learnt from is what may be, all of it, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analytics.grid import Window
from inference.composites.bands import MISSING
from inference.errors import MissingBand, TrainingError
from inference.training.configuration import Areas, LabelGroup, Pair
from inference.training.examples import IGNORED, Examples, gather
from inference.training.sources import open_sources
from inference.training.split import split
from tests.inference import scenery
from tests.inference.scenery import BANDS, COLUMN, ROW, Scene
from tests.inference.trainings import small

HEIGHT, WIDTH = 40, 100


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return scenery.make_scene(tmp_path, height=HEIGHT, width=WIDTH)


def gathered(scene: Scene, folder: Path, *, part: str = "training", **changes: Any) -> Examples:
    """A and B train, C validates, D tests, without a buffer: 25 columns each."""
    areas = Areas(
        scene.territories, training=("A", "B"), validation=("C",), test=("D",), buffer_m=0
    )
    configuration = small(scene, areas=areas, **changes)
    (pair,) = configuration.pairs
    sources = [open_sources(pair, bands=configuration.bands)]
    return gather(configuration, sources, split(areas), part, folder=folder)


def test_every_training_cell_is_learnt_from_once_and_no_other(scene: Scene, tmp_path: Path) -> None:
    found = gathered(scene, tmp_path / "cache")
    training = scene.codes[:, :50]
    assert found.statistics.cells == tuple(int((training == code).sum()) for code in (1, 3, 7))
    told = found.targets != IGNORED
    assert told.sum() == training.size
    assert (found.stored.transpose(0, 2, 3, 1)[told] != MISSING).all()


def test_windows_lie_on_the_lattice_and_hold_what_the_files_hold(
    scene: Scene, tmp_path: Path
) -> None:
    found = gathered(scene, tmp_path / "cache")
    # The first window begins at a multiple of its side, before the scene does.
    row, column = ROW - ROW // 32 * 32, COLUMN - COLUMN // 32 * 32
    stored, targets = found.stored[0], found.targets[0]
    assert (stored[:, :row] == MISSING).all()
    assert (stored[:, :, :column] == MISSING).all()
    np.testing.assert_array_equal(
        stored[:, row:, column:], scene.stored[:, : 32 - row, : 32 - column]
    )
    position = {1: 0, 3: 1, 7: 2}
    expected = np.vectorize(position.get)(scene.codes[: 32 - row, : 32 - column])
    np.testing.assert_array_equal(targets[row:, column:], expected)


def test_imagery_of_held_out_territories_is_hidden(scene: Scene, tmp_path: Path) -> None:
    found = gathered(scene, tmp_path / "cache")
    seen = found.stored[:, 0] != MISSING
    assert seen.sum() == 50 * HEIGHT
    validation = gathered(scene, tmp_path / "cache", part="validation")
    assert (validation.targets != IGNORED).sum() == 25 * HEIGHT
    # It sees its neighbours that train, and not those that test.
    assert (validation.stored[:, 0] != MISSING).sum() > 25 * HEIGHT
    brightest = scene.stored.copy()
    brightest[:, :, 75:] = 9999
    scenery.write_composite(scene.composite, brightest)
    again = gathered(scene, tmp_path / "other", part="validation")
    assert (again.stored != 9999).all()


def test_statistics_are_those_of_the_training_cells(scene: Scene, tmp_path: Path) -> None:
    found = gathered(scene, tmp_path / "cache").statistics
    training = scene.stored[:, :, :50].reshape(len(BANDS), -1) / 10_000
    np.testing.assert_allclose(found.mean, training.mean(axis=1), rtol=1e-9)
    np.testing.assert_allclose(found.std, training.std(axis=1), rtol=1e-9)


def test_test_imagery_does_not_change_statistics(scene: Scene, tmp_path: Path) -> None:
    before = gathered(scene, tmp_path / "before")
    changed = scene.stored.copy()
    changed[:, :, 50:] = 30_000
    scenery.write_composite(scene.composite, changed)
    after = gathered(scene, tmp_path / "after")
    assert after.statistics == before.statistics
    np.testing.assert_array_equal(after.stored, before.stored)
    changed[:, :, 49] = 30_000
    scenery.write_composite(scene.composite, changed)
    assert gathered(scene, tmp_path / "third").statistics != before.statistics


def test_missing_is_ignored_whatever_makes_it(scene: Scene, tmp_path: Path) -> None:
    stored, codes = scene.stored.copy(), scene.codes.copy()
    stored[2, :5, :50] = MISSING  # one band is enough
    codes[5, :50] = 253
    codes[6, :50] = 254
    codes[7, :50] = 255
    codes[8, :50] = 9  # a class that no label names
    scenery.write_composite(scene.composite, stored)
    scenery.write_reference(scene.reference, codes)
    found = gathered(scene, tmp_path / "cache")
    told = found.targets != IGNORED
    assert told.sum() == 50 * (HEIGHT - 9)
    missing = (found.stored == MISSING).any(axis=1)
    assert ((found.stored == MISSING).all(axis=1) == missing).all()
    training = stored[:, 9:, :50].reshape(len(BANDS), -1) / 10_000
    np.testing.assert_allclose(found.statistics.mean, training.mean(axis=1), rtol=1e-9)


def test_a_bound_draws_windows_by_the_seed(scene: Scene, tmp_path: Path) -> None:
    every = gathered(scene, tmp_path / "all")
    some = gathered(scene, tmp_path / "some", examples=4)
    same = gathered(scene, tmp_path / "same", examples=4)
    other = gathered(scene, tmp_path / "other", examples=4, seed=2)
    assert len(every) > 4
    assert len(some) == len(other) == 4
    np.testing.assert_array_equal(some.stored, same.stored)
    assert not np.array_equal(some.stored, other.stored)
    whole = {window.tobytes() for window in every.stored}
    assert {window.tobytes() for window in some.stored} < whole


def test_cells_are_examples_of_their_own(scene: Scene, tmp_path: Path) -> None:
    stored = scene.stored.copy()
    stored[:, 0, :10] = MISSING
    scenery.write_composite(scene.composite, stored)
    every = gathered(scene, tmp_path / "all", architecture="tempcnn")
    assert every.stored.shape == (50 * HEIGHT - 10, len(BANDS), 1, 1)
    expected = stored[:, :, :50].reshape(len(BANDS), -1).T
    expected = expected[expected[:, 0] != MISSING]
    assert sorted(map(tuple, every.stored[:, :, 0, 0])) == sorted(map(tuple, expected))
    some = gathered(scene, tmp_path / "some", architecture="tempcnn", examples=100)
    assert 90 <= len(some) <= 100  # those without imagery fall away
    known = {tuple(v): t for v, t in zip(every.stored[:, :, 0, 0], every.targets, strict=True)}
    assert all(
        known[tuple(v)] == t for v, t in zip(some.stored[:, :, 0, 0], some.targets, strict=True)
    )


def test_two_years_are_learnt_from_together(scene: Scene, tmp_path: Path) -> None:
    areas = Areas(scene.territories, training=("A",), buffer_m=0)
    parts = split(areas)
    later = scenery.write_composite(tmp_path / "later.tif", scene.stored + 1000)
    pairs = [Pair(path, (scene.reference,), 2023) for path in (scene.composite, later)]
    found = gather(
        small(scene),
        [open_sources(pair, bands=BANDS) for pair in pairs],
        parts,
        "training",
        folder=tmp_path / "cache",
    )
    assert sum(found.statistics.cells) == 2 * 25 * HEIGHT
    alone = scene.stored[0, :, :25].mean() / 10_000
    assert found.statistics.mean[0] == pytest.approx(alone + 0.05)


def test_nothing_to_learn_from_is_said(scene: Scene, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="training areas: found no cell that has both"):
        gathered(scene, tmp_path / "cache", labels=(LabelGroup(1, codes=(8,)), LabelGroup(2)))
    scenery.write_composite(scene.composite, np.full_like(scene.stored, MISSING))
    with pytest.raises(TrainingError, match="training areas: found no cell that has both"):
        gathered(scene, tmp_path / "cloud")


def test_a_band_that_the_composite_lacks(scene: Scene, tmp_path: Path) -> None:
    with pytest.raises(MissingBand, match="B12 too"):
        gathered(scene, tmp_path / "cache", bands=("B02", "B12"))


def test_territories_beyond_the_composite(scene: Scene, tmp_path: Path) -> None:
    far = {"A": Window(ROW + 9000, COLUMN, 20, 20), "B": Window(ROW + 9000, COLUMN + 20, 20, 20)}
    scenery.write_territories(scene.territories, far)
    parts = split(Areas(scene.territories, training=("A",), test=("B",)))
    with pytest.raises(TrainingError, match="territories that lie in the composite"):
        gather(
            small(scene),
            [open_sources(Pair(scene.composite, (scene.reference,), 2023), bands=BANDS)],
            parts,
            "training",
            folder=tmp_path / "cache",
        )
