"""Patches of change: against a plain label of the whole raster, and on grids checked by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import ndimage

from analytics.errors import AnalyticsError, InvalidCodes, WrongGrid, WrongReferenceSystem
from analytics.grid import Window
from analytics.patches import accepted_change, postponed
from analytics.patches.accepted_change import Strip, Totals, accept_change
from analytics.patches.filters import DEFAULT_FILTER, PRESETS, ChangeFilter, InvalidFilter
from analytics.patches.mask_codes import GAIN, LOSS
from analytics.patches.patch_records import Patches, together
from analytics.patches.runs import Runs
from analytics.rasters.grids import open_grid
from tests.rasters import write_raster

Codes = npt.NDArray[np.uint8]
TOUCH = {4: ndimage.generate_binary_structure(2, 1), 8: np.ones((3, 3))}


@dataclass
class Kept:
    """A receiver that keeps everything: each cell's patch, and the patches."""

    ids: npt.NDArray[np.int64]
    raw: Codes
    parts: list[Patches] = field(default_factory=list)

    def prepare(self, strip: Strip) -> None:
        _paint(self.raw, strip.raw, strip.raw.kind)

    def receive(
        self, window: Window, prepared: None, *, patches: Patches, runs: Runs, ids: Any
    ) -> None:
        assert ((runs.row >= window.row) & (runs.row < window.row_stop)).all()
        self.parts.append(patches)
        self.receive_late(runs, ids)

    def receive_late(self, runs: Runs, ids: Any) -> None:
        assert set(ids.tolist()) <= set(self.patches.id.tolist())
        _paint(self.ids, runs, ids)

    @property
    def patches(self) -> Patches:
        return together(self.parts)


def _paint(cells: Any, runs: Runs, values: Any) -> None:
    for row, start, stop, value in zip(runs.row, runs.start, runs.stop, values, strict=True):
        assert not cells[row, start:stop].any(), "a cell came twice"
        cells[row, start:stop] = value


def accept(
    folder: Path,
    earlier: Codes,
    later: Codes,
    chosen: ChangeFilter,
    *,
    confidence: Codes | None = None,
    **profile: Any,
) -> tuple[Kept, Totals]:
    rasters = [earlier, later, *([] if confidence is None else [confidence])]
    grids = [
        open_grid(write_raster(folder / f"{n}.tif", cells, **profile))
        for n, cells in enumerate(rasters)
    ]
    kept = Kept(np.zeros(earlier.shape, np.int64), np.zeros(earlier.shape, np.uint8))
    layers = grids[2:]
    totals = accept_change(grids[0], grids[1], chosen, kept, confidences=layers, jobs=2)
    return kept, totals


def change_of(earlier: Codes, later: Codes) -> dict[int, npt.NDArray[np.bool_]]:
    """Cells of gain and loss, by the definition."""
    seen = (earlier <= 11) & (later <= 11)
    return {
        GAIN: seen & (earlier != 1) & (later == 1),
        LOSS: seen & (earlier == 1) & (later != 1),
    }


def largest_square(cells: npt.NDArray[np.bool_]) -> int:
    """The side of the largest square of cells, by trying all."""
    side = 0
    while side < min(cells.shape):
        windows = np.lib.stride_tricks.sliding_window_view(cells, (side + 1, side + 1))
        if not windows.all(axis=(2, 3)).any():
            break
        side += 1
    return side


def expected(
    earlier: Codes, later: Codes, chosen: ChangeFilter, confidence: Codes | None = None
) -> tuple[npt.NDArray[np.int64], dict[int, dict[str, Any]]]:
    """Each cell's patch and the patches, from a label of the whole raster."""
    ids = np.zeros(earlier.shape, dtype=np.int64)
    patches: dict[int, dict[str, Any]] = {}
    for kind, cells in change_of(earlier, later).items():
        if chosen.min_confidence is not None and confidence is not None:
            cells = cells & (confidence <= 100) & (confidence >= chosen.min_confidence)
        labels, count = ndimage.label(cells, structure=TOUCH[chosen.connectivity])
        for label in range(1, count + 1):
            inside = labels == label
            side = largest_square(inside)
            if inside.sum() * 100 < chosen.mmu_ha * 10_000 or side * 10 < chosen.min_width_m:
                continue
            number = int(np.flatnonzero(inside.ravel())[0]) + 1
            ids[inside] = number
            other = np.bincount((earlier if kind == GAIN else later)[inside]).argmax()
            known = [] if confidence is None else confidence[inside & (confidence <= 100)]
            patches[number] = {
                "kind": kind,
                "former": other if kind == GAIN else 1,
                "later": 1 if kind == GAIN else other,
                "cells": inside.sum(),
                "side": side,
                "confidence": np.mean(known) if len(known) else None,
            }
    return ids, patches


def as_dicts(patches: Patches) -> dict[int, dict[str, Any]]:
    found = {}
    for n, number in enumerate(patches.id.tolist()):
        values = {name: getattr(patches, name)[n] for name in ("kind", "former", "later")}
        values |= {name: getattr(patches, name)[n] for name in ("cells", "side", "confidence")}
        if np.isnan(values["confidence"]):
            values["confidence"] = None
        found[number] = values
    assert len(found) == len(patches), "a patch came twice"
    return found


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_patches_are_those_of_a_label_of_the_whole_raster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: st.DataObject
) -> None:
    height, width = data.draw(st.integers(1, 40)), data.draw(st.integers(1, 90))
    random = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    share = data.draw(st.sampled_from([0.05, 0.4, 0.55, 0.7, 0.95]))
    missing = data.draw(st.sampled_from([0.0, 0.1]))
    clump = data.draw(st.sampled_from([1, 3]))

    def codes() -> Codes:
        shape = (-(-height // clump), -(-width // clump))
        sealed = random.random(shape) < share
        found = np.where(sealed, 1, random.choice(np.array([2, 6, 11]), shape)).repeat(clump, 0)
        found = found.repeat(clump, 1)[:height, :width]
        gone = random.random((height, width)) < missing
        return np.where(gone, random.choice([253, 254, 255], gone.shape), found).astype(np.uint8)

    earlier, later = codes(), codes()
    unchanged = random.random(height) < data.draw(st.sampled_from([0.0, 0.3]))
    later[unchanged] = earlier[unchanged]
    confidence = None
    least = None
    if data.draw(st.booleans()):
        confidence = random.choice(np.array([0, 40, 60, 100, 254]), (height, width)).astype(
            np.uint8
        )
        least = data.draw(st.sampled_from([None, 0, 50]))
    chosen = ChangeFilter(
        mmu_ha=data.draw(st.sampled_from([0.0, 0.02, 0.05])),
        min_width_m=data.draw(st.sampled_from([0.0, 20.0, 30.0])),
        connectivity=data.draw(st.sampled_from([4, 8])),
        min_confidence=least,
    )
    rows = data.draw(st.integers(1, 12))
    monkeypatch.setattr(accepted_change, "STRIP_CELLS", rows * width)
    monkeypatch.setattr(accepted_change, "COG_BLOCK", 1)
    monkeypatch.setattr(accepted_change, "LABELLED_RUNS", data.draw(st.integers(1, 50)))
    monkeypatch.setattr(postponed, "_IN_MEMORY", data.draw(st.sampled_from([1, 2**26])))
    kept, totals = accept(tmp_path, earlier, later, chosen, confidence=confidence, blockysize=1)
    ids, patches = expected(earlier, later, chosen, confidence)
    np.testing.assert_array_equal(kept.ids, ids)
    assert as_dicts(kept.patches) == patches
    change = change_of(earlier, later)
    np.testing.assert_array_equal(kept.raw, change[GAIN] + 2 * change[LOSS])
    assert totals.raw_cells == (change[GAIN].sum(), change[LOSS].sum())
    assert totals.accepted_cells == tuple(
        sum(p["cells"] for p in patches.values() if p["kind"] == kind) for kind in (GAIN, LOSS)
    )
    assert totals.accepted_patches == tuple(
        sum(p["kind"] == kind for p in patches.values()) for kind in (GAIN, LOSS)
    )
    # The balance, raw and filtered, on the cells that both have observed.
    seen = (earlier <= 11) & (later <= 11)
    before, after = (earlier[seen] == 1).sum(), (later[seen] == 1).sum()
    assert before + totals.raw_cells[0] - totals.raw_cells[1] == after


RULES = ChangeFilter(mmu_ha=0)


def gained(cells: list[str]) -> tuple[Codes, Codes]:
    """Two editions from a picture: + gain, - loss, # sealed in both, . in none, o not observed in
    the earlier, x not observed in the later."""
    earlier = {"+": 3, "-": 1, "#": 1, ".": 3, "o": 254, "x": 1}
    later = {"+": 1, "-": 6, "#": 1, ".": 3, "o": 1, "x": 255}
    first, second = (
        np.array([[codes[cell] for cell in row] for row in cells], dtype=np.uint8)
        for codes in (earlier, later)
    )
    return first, second


@pytest.mark.parametrize(
    ("picture", "connectivity", "ids"),
    [
        # A corner joins for 8 only.
        (["+..", ".+.", "..+"], 4, [[1, 0, 0], [0, 5, 0], [0, 0, 9]]),
        (["+..", ".+.", "..+"], 8, [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
        (["..+", ".+.", "+.."], 8, [[0, 0, 3], [0, 3, 0], [3, 0, 0]]),
        # Gain and loss do not touch each other.
        (["++-", "+--"], 4, [[1, 1, 3], [1, 3, 3]]),
        # What is not observed, or sealed in both, parts patches.
        (["+o+", "+x+", "+#+"], 8, [[1, 0, 3], [1, 0, 3], [1, 0, 3]]),
        # Two arms join in the last row; one patch has the number of its first cell.
        (["+.+", "+.+", "+++"], 4, [[1, 0, 1], [1, 0, 1], [1, 1, 1]]),
        # A hole is no part of the patch.
        (["+++", "+.+", "+++"], 4, [[1, 1, 1], [1, 0, 1], [1, 1, 1]]),
    ],
)
@pytest.mark.parametrize("rows", [1, 2, 9])
def test_which_cells_make_a_patch(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    picture: list[str],
    connectivity: Any,
    ids: list[list[int]],
    rows: int,
) -> None:
    monkeypatch.setattr(accepted_change, "STRIP_CELLS", rows * 3)
    monkeypatch.setattr(accepted_change, "COG_BLOCK", 1)
    chosen = ChangeFilter(mmu_ha=0, connectivity=connectivity)
    kept, _ = accept(tmp_path, *gained(picture), chosen, blockysize=1)
    assert kept.ids.tolist() == ids


def block(height: int, width: int, *, cells: int | None = None) -> tuple[Codes, Codes]:
    """A raster with a gain of ``height`` by ``width`` cells, or its first ``cells``, one cell from
    the corner."""
    earlier = np.full((height + 2, width + 2), 6, dtype=np.uint8)
    later = earlier.copy()
    inside = np.arange(height * width).reshape(height, width)
    later[1:-1, 1:-1][inside < (cells or height * width)] = 1
    return earlier, later


@pytest.mark.parametrize(("cells", "accepted"), [(499, 0), (500, 500)])
def test_499_connected_cells_fail_5_ha_and_500_pass(
    tmp_path: Path, cells: int, accepted: int
) -> None:
    earlier, later = block(20, 25, cells=cells)
    _, totals = accept(tmp_path, earlier, later, ChangeFilter(mmu_ha=5))
    assert totals.raw_cells == (cells, 0)
    assert totals.accepted_cells == (accepted, 0)
    # The preset of CORINE asks for the width too, which this patch has.
    _, totals = accept(tmp_path, earlier, later, PRESETS["clc-change"])
    assert totals.accepted_cells == (accepted, 0)


@pytest.mark.parametrize(("across", "accepted"), [(9, False), (10, True)])
@pytest.mark.parametrize("turned", [False, True])
def test_a_strip_9_cells_wide_fails_100_m_and_10_cells_pass(
    tmp_path: Path, across: int, accepted: bool, turned: bool
) -> None:
    size = (120, across) if turned else (across, 120)
    kept, totals = accept(tmp_path, *block(*size), PRESETS["clc-change"])
    assert totals.raw_cells == (120 * across, 0)
    assert totals.accepted_patches == (int(accepted), 0)
    assert kept.patches.side.tolist() == ([across] if accepted else [])


@pytest.mark.parametrize(("cells", "accepted"), [(24, 0), (25, 25)])
def test_the_default_accepts_25_cells(tmp_path: Path, cells: int, accepted: int) -> None:
    assert PRESETS["0.25ha"] == DEFAULT_FILTER
    _, totals = accept(tmp_path, *block(1, 30, cells=cells), DEFAULT_FILTER)
    assert totals.accepted_cells == (accepted, 0)


def test_a_width_is_measured_across_the_border_of_strips(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accepted_change, "STRIP_CELLS", 1)
    monkeypatch.setattr(accepted_change, "COG_BLOCK", 1)
    kept, _ = accept(tmp_path, *block(7, 5), RULES, blockysize=1)
    assert kept.patches.side.tolist() == [5]


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 9])
def test_a_row_without_change_ends_squares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(accepted_change, "STRIP_CELLS", rows * 3)
    monkeypatch.setattr(accepted_change, "COG_BLOCK", 1)
    picture = ["+++", "+++", "...", "+++", "+++", "...", "...", "+++", "+++"]
    kept, _ = accept(tmp_path, *gained(picture), RULES, blockysize=1)
    assert sorted(kept.patches.id.tolist()) == [1, 10, 22]
    assert kept.patches.side.tolist() == [2, 2, 2]


def test_unsure_cells_leave_before_patches_are_formed(tmp_path: Path) -> None:
    earlier, later = gained(["+++++"])
    sure = np.array([[50, 50, 49, 254, 100]], dtype=np.uint8)
    chosen = ChangeFilter(mmu_ha=0, min_confidence=50)
    kept, totals = accept(tmp_path, earlier, later, chosen, confidence=sure)
    assert kept.ids.tolist() == [[1, 1, 0, 0, 5]]
    assert kept.patches.confidence.tolist() == [50.0, 100.0]
    assert (totals.raw_cells, totals.accepted_cells) == ((5, 0), (3, 0))
    # Without a threshold the layer says only how sure patches are.
    kept, _ = accept(tmp_path, earlier, later, RULES, confidence=sure)
    assert kept.patches.confidence.tolist() == [(50 + 50 + 49 + 100) / 4]


def test_a_declared_nodata_is_no_change(tmp_path: Path) -> None:
    earlier = np.array([[0, 2, 1]], dtype=np.uint8)
    later = np.array([[1, 1, 0]], dtype=np.uint8)
    _, totals = accept(tmp_path, earlier, later, RULES, nodata=0)
    assert totals.raw_cells == (1, 0)


@pytest.mark.parametrize("code", [0, 12, 252])
@pytest.mark.parametrize("which", [0, 1])
def test_a_code_that_does_not_exist_is_refused(tmp_path: Path, code: int, which: int) -> None:
    codes = [np.full((3, 200), 2, dtype=np.uint8) for _ in range(2)]
    codes[which][2, 150] = code
    with pytest.raises(InvalidCodes, match=rf"{which}\.tif: found code {code};"):
        accept(tmp_path, codes[0], codes[1], RULES)


def test_a_confidence_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidCodes, match="value 101"):
        accept(tmp_path, *block(1, 1), RULES, confidence=np.full((3, 3), 101, dtype=np.uint8))


@pytest.mark.parametrize(
    ("profile", "error"),
    [
        ({"west": 0}, WrongGrid),
        ({"crs": "EPSG:2154"}, WrongReferenceSystem),
        ({"size": 20}, WrongGrid),
    ],
)
def test_rasters_of_different_grids_are_refused(
    tmp_path: Path, profile: dict[str, Any], error: type[AnalyticsError]
) -> None:
    cells = np.full((3, 3), 2, dtype=np.uint8)
    one = open_grid(write_raster(tmp_path / "a.tif", cells))
    two = open_grid(write_raster(tmp_path / "b.tif", cells, **profile))
    receiver = Kept(np.zeros((3, 3), np.int64), cells)
    with pytest.raises(error):
        accept_change(one, two, RULES, receiver)
    with pytest.raises(error):
        accept_change(one, one, RULES, receiver, confidences=[two])


@pytest.mark.parametrize("profile", [{"crs": "EPSG:2225"}])
def test_cells_that_are_not_in_metres_are_refused(tmp_path: Path, profile: dict[str, Any]) -> None:
    cells = np.full((3, 3), 2, dtype=np.uint8)
    grid = open_grid(
        write_raster(tmp_path / "a.tif", cells, west=2_000_000, north=500_000, **profile)
    )
    with pytest.raises(WrongGrid, match=r"units of 0\.3048"):
        accept_change(grid, grid, RULES, Kept(np.zeros((3, 3), np.int64), cells))


@pytest.mark.parametrize(
    "wrong",
    [
        {"mmu_ha": float("nan")},
        {"mmu_ha": -1},
        {"mmu_ha": float("inf")},
        {"mmu_ha": 1e308},
        {"mmu_ha": 1, "min_width_m": float("nan")},
        {"mmu_ha": 1, "connectivity": 6},
        {"mmu_ha": 1, "min_confidence": 101},
    ],
)
def test_a_filter_without_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidFilter):
        ChangeFilter(**wrong)


def test_a_least_confidence_needs_a_layer(tmp_path: Path) -> None:
    with pytest.raises(InvalidFilter, match="no confidence layer"):
        accept(tmp_path, *block(1, 1), ChangeFilter(mmu_ha=0, min_confidence=1))


def test_decimal_thresholds_lose_nothing_in_binary() -> None:
    assert ChangeFilter(mmu_ha=0.07).min_cells(100) == 7  # 0.07 * 10 000 is above 700
    assert ChangeFilter(mmu_ha=0.29).min_cells(100) == 29
    assert ChangeFilter(mmu_ha=0, min_width_m=0.3).min_side(0.1) == 3
    assert ChangeFilter(mmu_ha=0).min_cells(100) == 1
