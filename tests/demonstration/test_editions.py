"""Editions against the truth: codes, accuracy, and errors that look like those of a map."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from scipy import ndimage

from analytics.nomenclature import NO_DATA, OUTSIDE, SEA_BUFFER, SEALED, WATER
from analytics.products import valid_codes

from .conftest import YEARS, Cells

# Producer's and user's accuracy as published; 2023 borrows 2021's.
PUBLISHED = {2018: (0.8602, 0.8807), 2021: (0.8827, 0.9333), 2023: (0.8827, 0.9333)}
TOLERANCE = 0.003


def observed(truth: Cells, edition: Cells) -> npt.NDArray[np.bool_]:
    return np.asarray((truth < SEA_BUFFER) & (edition < SEA_BUFFER))


def errors(truth: Cells, edition: Cells) -> npt.NDArray[np.bool_]:
    return np.asarray(observed(truth, edition) & ((truth == SEALED) != (edition == SEALED)))


@pytest.mark.parametrize("year", YEARS)
def test_only_valid_codes(editions: dict[int, Cells], truth: dict[int, Cells], year: int) -> None:
    codes = set(np.unique(editions[year]).tolist())
    assert codes <= valid_codes("clcplus", year)
    assert (SEA_BUFFER in codes) == (year != 2018)
    assert (NO_DATA in codes) == (year != 2018)
    assert OUTSIDE in codes
    sea = truth[year] == SEA_BUFFER
    assert sea.sum() > 1000
    seen = set(np.unique(editions[year][sea]).tolist()) - {NO_DATA}
    assert seen == {WATER if year == 2018 else SEA_BUFFER}
    np.testing.assert_array_equal(truth[year] == OUTSIDE, editions[year] == OUTSIDE)
    assert NO_DATA not in truth[year]


@pytest.mark.parametrize("year", YEARS)
def test_accuracy_is_the_published_one(
    region: Path, editions: dict[int, Cells], truth: dict[int, Cells], year: int
) -> None:
    seen = observed(truth[year], editions[year])
    real, mapped = (cells[seen] == SEALED for cells in (truth[year], editions[year]))
    hits = int((real & mapped).sum())
    producers, users = hits / real.sum(), hits / mapped.sum()
    assert producers == pytest.approx(PUBLISHED[year][0], abs=TOLERANCE)
    assert users == pytest.approx(PUBLISHED[year][1], abs=TOLERANCE)
    stated = json.loads((region / "metadata.json").read_text())["editions"][str(year)]
    assert stated["realised_producers_accuracy"] == pytest.approx(producers, abs=1e-12)
    assert stated["realised_users_accuracy"] == pytest.approx(users, abs=1e-12)
    assert stated["mapped_sealed_cells"] == mapped.sum()


@pytest.mark.parametrize("year", YEARS)
def test_errors_lie_along_edges_and_in_clumps(
    editions: dict[int, Cells], truth: dict[int, Cells], year: int
) -> None:
    wrong = errors(truth[year], editions[year])
    sealed = truth[year] == SEALED
    square = np.ones((3, 3), dtype=bool)
    edge = ndimage.binary_dilation(sealed, square) & ~ndimage.binary_erosion(sealed, square)
    near = ndimage.binary_dilation(edge, square)
    land = observed(truth[year], editions[year])
    assert near[wrong].mean() > 0.9
    assert near[land].mean() < 0.5  # so that the line above says something
    # Beside an error another one is far likelier than elsewhere, also among cells near edges.
    beside = wrong[:, 1:][wrong[:, :-1]].mean()
    assert beside > 10 * wrong[land].mean()
    assert beside > 2 * wrong[near & land].mean()


def test_errors_mostly_persist(editions: dict[int, Cells], truth: dict[int, Cells]) -> None:
    first, second = (errors(truth[year], editions[year]) for year in (2021, 2023))
    both = observed(truth[2021], editions[2021]) & observed(truth[2023], editions[2023])
    again = (first & second)[both].sum() / (first & both).sum()
    assert 0.6 < again < 0.8


def test_omission_falls_on_narrow_things(
    editions: dict[int, Cells], truth: dict[int, Cells]
) -> None:
    sealed = truth[2021] == SEALED
    seen = observed(truth[2021], editions[2021]) & sealed
    share = ndimage.uniform_filter(sealed.astype(float), 7)
    missed = seen & (editions[2021] != SEALED)
    sparse, dense = seen & (share < 0.2), seen & (share > 0.6)
    assert missed[sparse].mean() > 3 * missed[dense].mean()


@pytest.mark.parametrize("year", YEARS)
def test_other_classes_are_a_little_confused(
    editions: dict[int, Cells], truth: dict[int, Cells], year: int
) -> None:
    seen = observed(truth[year], editions[year])
    seen &= (truth[year] != SEALED) & (editions[year] != SEALED)
    assert 0.01 < (truth[year] != editions[year])[seen].mean() < 0.06


@pytest.mark.parametrize("year", [2021, 2023])
def test_clouds_hide_some_tenths_of_a_per_cent(
    editions: dict[int, Cells], truth: dict[int, Cells], year: int
) -> None:
    hidden = (editions[year] == NO_DATA) & (truth[year] < SEA_BUFFER)
    assert 0.001 < hidden.sum() / (truth[year] < SEA_BUFFER).sum() < 0.012


def test_clouds_differ_between_editions(editions: dict[int, Cells]) -> None:
    assert not np.array_equal(editions[2021] == NO_DATA, editions[2023] == NO_DATA)


def test_truth_grows_a_little_and_loses_less(region: Path, truth: dict[int, Cells]) -> None:
    stated = json.loads((region / "metadata.json").read_text())["true_changes"]
    for change, (low, high) in zip(stated, ((0.009, 0.025), (0.005, 0.02)), strict=True):
        old, new = (truth[change[key]] == SEALED for key in ("from", "to"))
        gain, loss = int((new & ~old).sum()), int((old & ~new).sum())
        assert (gain, loss) == (change["true_gain_cells"], change["true_loss_cells"])
        assert low < gain / old.sum() < high
        assert 0 < loss < gain / 3


def test_truth_holds_a_varied_country(truth: dict[int, Cells]) -> None:
    land = truth[2018][truth[2018] < SEA_BUFFER]
    shares = np.bincount(land, minlength=12) / land.size
    assert 0.02 < shares[SEALED] < 0.2
    for code in (2, 3, 5, 6, 7, 9, 10):
        assert shares[code] > 0.001, code
