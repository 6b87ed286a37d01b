"""Predictions against plain loops over all windows, and what must not change them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import rasterio
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from analytics.grid import Window
from analytics.nomenclature import COLOUR_TABLE
from inference.checkpoint import Checkpoint
from inference.composites.bands import MISSING
from inference.networks.architectures import Architecture, build
from inference.prediction import files as prediction_files
from inference.prediction import lattice as tiling
from inference.prediction import predictor as predict_module
from inference.prediction.files import Prediction
from inference.prediction.predictor import predict
from tests.inference.small_network import (
    BANDS,
    LABELS,
    description,
    imagery,
    small_network,
    write_composite,
)
from tests.inference.standardised import standardise

TOLERANCE = 11
"""Of stored probabilities: 1e-3, and their rounding."""

Cells = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Small:
    """A composite of the small network, in a folder that tests share."""

    folder: Path
    cells: Cells
    window: Window

    @property
    def composite(self) -> Path:
        return self.folder / "composite.tif"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    folder = tmp_path_factory.mktemp("small")
    cells = imagery(height=61, width=83)
    cells[:, 20:50, 30:70] = MISSING
    return Small(folder, cells, write_composite(folder / "composite.tif", cells))


@pytest.fixture(autouse=True)
def small_checkpoint(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder of the name ``small`` holds the small network; other folders are what they are."""
    load = predict_module.load

    def loaded(folder: Path) -> tuple[Checkpoint, nn.Module]:
        return (description(), small_network()) if folder == Path("small") else load(folder)

    monkeypatch.setattr(predict_module, "load", loaded)


def predicted(composite: Path, out: Path, **options: object) -> Prediction:
    found = predict(checkpoint=Path("small"), composite=composite, out=out, **options)  # type: ignore[arg-type]
    assert found is not None
    return found


def rasters(prediction: Prediction) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint16]]:
    with rasterio.open(prediction.classes) as dataset:
        classes = dataset.read(1)
    with rasterio.open(prediction.probability) as dataset:
        return classes, dataset.read(1)


def by_plain_loops(
    cells: Cells, window: Window, *, side: int = 16, stride: int = 12
) -> npt.NDArray[np.float64]:
    """(labels, height, width): each window of the lattice, one by one, weighted and divided."""
    network, checkpoint = small_network(), description()
    margin = 3 * side
    height, width = window.shape
    stored = np.full((len(cells), height + 2 * margin, width + 2 * margin), MISSING, np.int16)
    stored[:, margin : margin + height, margin : margin + width] = cells
    image = stored.astype(np.float32) / np.float32(10_000)
    image[:, (stored == MISSING).any(axis=0)] = np.nan
    sums, total = np.zeros((3, *stored.shape[1:])), np.zeros(stored.shape[1:])
    top, left = window.row - margin, window.column - margin
    for row in range(-(-top // stride) * stride, window.row_stop + margin - side, stride):
        for column in range(
            -(-left // stride) * stride, window.column_stop + margin - side, stride
        ):
            part = np.s_[row - top : row - top + side, column - left : column - left + side]
            values, _ = standardise(
                image[(slice(None), *part)], mean=checkpoint.mean, std=checkpoint.std
            )
            with torch.no_grad():
                logits = network(torch.from_numpy(values)[None])[0].double() / 1.5
            weight = np.zeros((side, side))
            for r in range(side):
                for c in range(side):
                    weight[r, c] = (
                        np.sin(np.pi * (r + 0.5) / side) * np.sin(np.pi * (c + 0.5) / side)
                    ) ** 2
            sums[(slice(None), *part)] += torch.softmax(logits, 0).numpy() * weight
            total[part] += weight
    inner = np.s_[margin : margin + height, margin : margin + width]
    blended: npt.NDArray[np.float64] = sums[(slice(None), *inner)] / total[inner]
    return blended


def test_a_prediction_is_what_plain_loops_find(small: Small, tmp_path: Path) -> None:
    found = predicted(small.composite, tmp_path / "out")
    classes, stored = rasters(found)
    expected = by_plain_loops(small.cells, small.window)
    missing = (small.cells == MISSING).any(axis=0)
    assert 1000 < missing.sum() < missing.size - 1000
    assert (classes[missing] == 255).all()
    assert (stored[missing] == 65_535).all()
    seen = ~missing
    np.testing.assert_allclose(stored[seen], expected[0][seen] * 1e4, atol=0.51)
    codes = np.array([label.code for label in LABELS])
    clear = seen & (np.sort(expected, axis=0)[-1] - np.sort(expected, axis=0)[-2] > 1e-5)
    assert (classes[clear] == codes[expected.argmax(axis=0)][clear]).all()
    # Not a matter of luck: all labels occur, and probabilities are all over the place.
    assert set(classes[seen]) == set(codes)
    assert np.ptp(stored[seen].astype(int)) > 3000


def test_the_description_counts_what_the_rasters_hold(small: Small, tmp_path: Path) -> None:
    found = predicted(small.composite, tmp_path / "out")
    classes, stored = rasters(found)
    assert found.observed == (classes != 255).sum()
    assert found.cells == {code: (classes == code).sum() for code in (1, 3, 6)}
    assert found.probability_sum == pytest.approx(stored[classes != 255].sum(dtype=int) / 1e4)
    assert found.window == small.window
    assert prediction_files.read(tmp_path / "out") == found
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "classes.tif",
        "prediction.json",
        "sealed_probability.tif",
    ]


def test_rasters_are_cloud_optimised_on_the_grid_and_in_the_official_colours(
    small: Small, tmp_path: Path
) -> None:
    found = predicted(small.composite, tmp_path / "out")
    for path, dtype, nodata in (
        (found.classes, "uint8", 255),
        (found.probability, "uint16", 65_535),
    ):
        with rasterio.open(path) as dataset:
            assert dataset.dtypes == (dtype,)
            assert dataset.nodata == nodata
            assert dataset.crs.to_epsg() == 3035
            assert tuple(map(int, dataset.bounds)) == small.window.bounds
            assert dataset.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
            if dtype == "uint8":
                found_colours = dataset.colormap(1)
                for code, colour in COLOUR_TABLE.items():
                    # GDAL has nodata transparent.
                    assert found_colours[code][:3] == colour[:3]


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    top=st.integers(0, 50),
    left=st.integers(0, 70),
    height=st.integers(1, 70),
    width=st.integers(1, 90),
    batch=st.integers(1, 40),
    strip=st.integers(1, 100),
)
def test_part_batch_and_strip_change_nothing(
    small: Small,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    top: int,
    left: int,
    height: int,
    width: int,
    batch: int,
    strip: int,
) -> None:
    whole = _whole(small)
    asked = Window(small.window.row + top, small.window.column + left, height, width)
    part = asked.intersection(small.window)
    assert part is not None
    rows, columns = slice(top, top + part.height), slice(left, left + part.width)
    if (whole[0][rows, columns] == 255).all():
        return
    monkeypatch.setattr(predict_module, "STRIP_CELLS", strip)
    out = tmp_path_factory.mktemp("part")
    found = predicted(small.composite, out, window=asked, batch_size=batch)
    assert found.window == part
    classes, stored = rasters(found)
    assert ((classes == 255) == (whole[0][rows, columns] == 255)).all()
    difference = stored.astype(int) - whole[1][rows, columns]
    assert np.abs(difference).max() <= 1
    assert (classes != whole[0][rows, columns]).mean() <= 0.002


_WHOLE: list[tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint16]]] = []


def _whole(small: Small) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint16]]:
    if not _WHOLE:
        _WHOLE.append(rasters(predicted(small.composite, small.folder / "whole")))
    return _WHOLE[0]


def test_a_file_that_starts_elsewhere_gives_the_same_cells(small: Small, tmp_path: Path) -> None:
    """The lattice is the grid's: a crop of the composite differs only where it cuts windows."""
    row, column = 7, 5
    cropped = small.cells[:, row:, column:]
    write_composite(
        tmp_path / "crop.tif",
        cropped,
        row=small.window.row + row,
        column=small.window.column + column,
    )
    _, stored = rasters(predicted(tmp_path / "crop.tif", tmp_path / "out"))
    _, whole = _whole(small)
    far = np.s_[16:, 16:]
    difference = stored[far].astype(int) - whole[row:, column:][far]
    assert np.abs(difference).max() <= 1


def test_what_lies_under_missing_cells_changes_nothing(small: Small, tmp_path: Path) -> None:
    cells = small.cells.copy()
    partly = (cells[0] == MISSING) & (cells[1] != MISSING)
    assert partly.any()
    cells[1:, partly] = 77
    write_composite(tmp_path / "composite.tif", cells)
    found = rasters(predicted(tmp_path / "composite.tif", tmp_path / "out"))
    for values, expected in zip(found, _whole(small), strict=True):
        np.testing.assert_array_equal(values, expected)


def test_bands_are_taken_by_name(small: Small, tmp_path: Path) -> None:
    order = [3, 1, 0, 2]
    extra = np.full((1, *small.window.shape), 5, dtype=np.int16)
    write_composite(
        tmp_path / "composite.tif",
        np.concatenate([extra, small.cells[order]]),
        bands=("observations", *(BANDS[place] for place in order)),
    )
    found = rasters(predicted(tmp_path / "composite.tif", tmp_path / "out"))
    for values, expected in zip(found, _whole(small), strict=True):
        np.testing.assert_array_equal(values, expected)


class _Plain(nn.Module):
    """The same logits in every cell, from the mean of the window: no place, no border."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        level = x.mean(dim=(1, 2, 3))[:, None, None, None]
        return level * torch.tensor([1.0, -1.0, 0.3])[None, :, None, None].expand(
            len(x), 3, *x.shape[-2:]
        )


def test_no_seam_shows_in_constant_imagery(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Windows of which nothing is missing agree, and so must all cells that only they hold."""
    monkeypatch.setattr(predict_module, "load", lambda _folder: (description(), _Plain()))
    monkeypatch.setattr(predict_module, "STRIP_CELLS", 24)
    cells = np.full((4, 90, 100), 1234, dtype=np.int16)
    write_composite(tmp_path / "composite.tif", cells)
    classes, stored = rasters(predicted(tmp_path / "composite.tif", tmp_path / "out"))
    inner = np.s_[16:-16, 16:-16]
    assert np.ptp(stored[inner]) == 0
    assert np.ptp(classes) == 0


def test_the_window_of_the_whole_network_is_predicted_on_a_cpu(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """B2 as it is, in one window; its side is small, because two cores are."""
    bands = tuple(f"B{n:02d}" for n in range(14))
    described = description(
        window=64,
        architecture=Architecture("segformer-b2", bands=14, labels=3),
        bands=bands,
        mean=(0.1,) * 14,
        std=(0.1,) * 14,
    )
    network = build(described.architecture).eval()
    monkeypatch.setattr(predict_module, "load", lambda _folder: (described, network))
    cells = imagery(height=48, width=48, bands=14)
    write_composite(tmp_path / "composite.tif", cells, row=0, column=0, bands=bands)
    found = predict(
        checkpoint=tmp_path,
        composite=tmp_path / "composite.tif",
        out=tmp_path / "out",
        window=Window(16, 16, 32, 32),
    )
    assert found is not None
    classes, _ = rasters(found)
    assert ((classes == 255) == (cells == MISSING).any(axis=0)[16:, 16:]).all()
    assert found.observed > 500


def test_progress_goes_from_nothing_to_all_and_never_back(small: Small, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    predicted(
        small.composite,
        tmp_path / "out",
        progress=lambda done, cells: seen.append((done, cells)),
        batch_size=2,
    )
    done = [cells for cells, _ in seen]
    assert {cells for _, cells in seen} == {small.window.cells}
    assert (done[0], done[-1]) == (0, small.window.cells)
    assert done == sorted(done)
    assert len(set(done)) > 10


def test_the_same_prediction_is_not_made_twice(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = predicted(small.composite, tmp_path / "out")
    monkeypatch.setattr(predict_module, "slabs", None)
    assert predicted(small.composite, tmp_path / "out") == first


def test_another_checkpoint_begins_anew(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = predicted(small.composite, tmp_path / "out")
    hotter = replace(description(), temperature=3.0)
    monkeypatch.setattr(predict_module, "load", lambda _folder: (hotter, small_network()))
    second = predicted(small.composite, tmp_path / "out")
    assert second.task.checkpoint != first.task.checkpoint
    assert second.probability_sum != first.probability_sum
    document = json.loads((tmp_path / "out" / "prediction.json").read_text())
    assert document["checkpoint"] == hotter.identity


def test_widths_of_strips_are_bounded() -> None:
    assert tiling.STRIP_CELLS <= 8192
