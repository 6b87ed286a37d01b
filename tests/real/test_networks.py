"""Networks learn from real imagery: chips by heart, and a series of dates for cells not seen.

Skipped without the data. The chips' labels are of another nomenclature (5 = built).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import rasterio
import torch

from analytics.grid import Window
from inference import checkpoint as checkpoints
from inference.composites.bands import REFLECTANCE
from inference.composites.composite import open_bands, open_composite
from inference.evaluation import metrics
from inference.training.configuration import (
    Areas,
    Augmentation,
    Configuration,
    LabelGroup,
    Optimisation,
    Pair,
)
from inference.training.trainer import train
from tests.inference import scenery
from tests.inference.standardised import standardise

SIDE = 112
"""Of the part of a chip that is learnt, in cells; and of a window, so that each is one."""
PART = np.s_[..., SIDE:, :SIDE]
"""The quarter of each chip in the south-west: that of the third has most that is built."""
ROW, COLUMN = 3400 * SIDE, 1700 * SIDE
CHIP_LABELS = (
    LabelGroup(1, "Built", (5,)),
    LabelGroup(6, "All else", (1, 2, 3, 4, 6, 9)),
)
BY_HEART = Augmentation(flips=False, quarter_turns=False, brightness=0)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Threads that wait for each other on a busy machine cost more than they do."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def read(path: Path | str) -> npt.NDArray[np.int64]:
    """All bands of a file; where it lies is of no interest."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(path) as dataset:
            values: npt.NDArray[np.int64] = dataset.read().astype(np.int64)
    return values


def predicted(folder: Path, composite: Path) -> npt.NDArray[np.uint8]:
    """Positions of the labels that a checkpoint gives a whole composite, in one window."""
    checkpoint, network = checkpoints.load(folder)
    found = open_composite(composite)
    with open_bands(found, checkpoint.bands) as reader:
        imagery, _ = standardise(
            reader.read(found.window), mean=checkpoint.mean, std=checkpoint.std
        )
    with torch.inference_mode():
        logits = network(torch.from_numpy(imagery)[None])
    return logits.argmax(dim=1)[0].numpy().astype(np.uint8)


def positions(codes: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    """Positions of the chips' labels."""
    lookup = np.full(256, metrics.ABSENT, dtype=np.uint8)
    for position, label in enumerate(CHIP_LABELS):
        lookup[list(label.sources)] = position
    return lookup[codes]


@pytest.mark.slow
def test_networks_memorise_three_chips(shared_data: Path, tmp_path: Path) -> None:
    pairs, windows, labels = [], {}, []
    for number, path in enumerate(sorted((shared_data / "sentinel2/chips").glob("S2L2A*.tif"))):
        place = {"row": ROW, "column": COLUMN + 5 * number * SIDE}
        windows[path.stem] = Window(**place, height=SIDE, width=SIDE)
        codes = read(path.with_name(path.name.replace("S2L2A", "LULC")))[0][PART]
        labels.append(codes)
        composite = scenery.write_composite(
            tmp_path / f"composite-{number}.tif", read(path)[PART], bands=REFLECTANCE, **place
        )
        reference = scenery.write_reference(tmp_path / f"labels-{number}.tif", codes, **place)
        pairs.append(Pair(composite, (reference,), 2023))
    assert len(pairs) == 3
    areas = scenery.write_territories(tmp_path / "areas.geojson", windows)
    train(
        configuration=Configuration(
            pairs=tuple(pairs),
            areas=Areas(areas, training=tuple(windows), buffer_m=0),
            architecture="segformer-b0",
            bands=REFLECTANCE,
            window=SIDE,
            labels=CHIP_LABELS,
            optimisation=Optimisation(
                batch=3, steps=150, schedule="one-cycle", learning_rate=2e-3, weight_decay=0
            ),
            augmentation=BY_HEART,
        ),
        out=tmp_path / "out",
    )
    matrix = sum(
        metrics.confusion(
            positions(codes),
            predicted(tmp_path / "out/checkpoint", pair.composite),
            labels=len(CHIP_LABELS),
        )
        for pair, codes in zip(pairs, labels, strict=True)
    )
    assert isinstance(matrix, np.ndarray)
    built = metrics.by_class(matrix)[0]
    assert built.reference == 4_783
    assert built.iou is not None
    assert built.iou >= 0.9


def test_tempcnn_tells_cells_of_a_series_that_it_has_not_seen(
    shared_data: Path, tmp_path: Path
) -> None:
    folder = shared_data / "sentinel2/timeseries"
    names = ("B02", "B03", "B04", "B08")
    series = np.stack(
        [read(f"netcdf:{folder}/S2_L2A_10m_64x64x118dates_31U.nc:{name}") for name in names],
        axis=1,
    )
    # Means of neighbouring dates: half of the series is enough, and some clouds weigh less.
    dates = len(series) // 2
    series = series.reshape(dates, 2, len(names), 64, 64).mean(axis=1).astype(np.int16)
    bands = [f"date{date}.{name}" for date in range(dates) for name in names]
    labels = read(f"netcdf:{folder}/labels_LC_CT_IRR_64x64.nc:LC")[0]
    composite = scenery.write_composite(
        tmp_path / "composite.tif", series.reshape(-1, 64, 64), bands=bands
    )
    reference = scenery.write_reference(tmp_path / "labels.tif", labels)
    row, column = scenery.ROW, scenery.COLUMN
    windows = {
        "west": Window(row, column, 64, 40),
        "east": Window(row, column + 40, 64, 24),
    }
    areas = scenery.write_territories(tmp_path / "areas.geojson", windows)
    found = train(
        configuration=Configuration(
            pairs=(Pair(composite, (reference,), 2018),),
            areas=Areas(areas, training=("west",), validation=("east",), buffer_m=0),
            architecture="tempcnn",
            bands=tuple(bands),
            dates=dates,
            window=64,
            labels=(
                # In the place of sealed, of which the scene has a handful of cells.
                LabelGroup(1, "Grassland", (13,)),
                LabelGroup(7, "Annual crops", (11,)),
                LabelGroup(9, "No crops, built", (60, 99)),
            ),
            optimisation=Optimisation(batch=32, epochs=5, learning_rate=1e-3, weight_decay=1e-6),
            augmentation=BY_HEART,
        ),
        out=tmp_path / "out",
    )
    assert found is not None
    validation = found.metrics["validation"]
    cells = [of_class["reference"] for of_class in validation["classes"].values()]
    commonest = max(cells) / sum(cells)
    assert commonest < 0.6
    assert validation["accuracy"] > commonest + 0.12
    assert validation["classes"]["1"]["iou"] > 0.4
