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
from analytics.patches import accepted_change
from analytics.patches.accepted_change import Strip, Totals, accept_change
from analytics.patches.filters import DEFAULT_FILTER, PRESETS, ChangeFilter, InvalidFilter
from analytics.patches.patch_records import Patches, together
from analytics.patches.runs import GAIN, LOSS, Runs
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
    layer = grids[2] if confidence is not None else None
    totals = accept_change(grids[0], grids[1], chosen, kept, confidence=layer, jobs=2)
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
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
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
    confidence = None
    least = None
    if data.draw(st.booleans()):
        confidence = random.choice(np.array([0, 40, 60, 100, 254]), (height, width)).astype(np.uint8)
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
    kept, totals = accept(
        tmp_path, earlier, later, chosen, confidence=confidence, blockysize=1
    )
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
