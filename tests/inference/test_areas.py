"""Sealed area of a prediction, as it is and corrected by a sample."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyproj
import pytest
import rasterio

from inference.errors import UnreadablePrediction, UnreadableSample
from inference.prediction import predictor as predict_module
from inference.prediction.estimates import sealed_area
from inference.prediction.predictor import predict
from tests.inference.small_network import description, imagery, small_network, write_composite
from tests.inference.test_predict import rasters

ROW, COLUMN, SIDE = 700_011, 430_003, 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a prediction of 60 by 60 cells."""
    where = tmp_path_factory.mktemp("areas")
    write_composite(
        where / "composite.tif", imagery(height=SIDE, width=SIDE), row=ROW, column=COLUMN
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(predict_module, "load", lambda _folder: (description(), small_network()))
        predict(checkpoint=where, composite=where / "composite.tif", out=where / "out")
    return where / "out"


def values(folder: Path) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint16]]:
    from inference.prediction.files import read

    return rasters(read(folder))


def test_areas_are_sums_over_the_observed_cells(folder: Path) -> None:
    classes, stored = values(folder)
    found = sealed_area(prediction=folder)
    seen = classes != 255
    assert found.observed == seen.sum()
    assert found.by_class.mapped_m2 == (classes == 1).sum() * 100
    assert found.by_probability.mapped_m2 == pytest.approx(stored[seen].sum(dtype=int) / 100)
    assert found.by_class.corrected is None
    assert found.by_probability.corrected is None


def written(
    path: Path, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], codes: list[int]
) -> Path:
    lines = [f"{a:.6f},{b:.6f},{c}" for a, b, c in zip(x, y, codes, strict=True)]
    path.write_text("x,y,code\n" + "\n".join(lines) + "\n")
    return path


def test_a_sample_corrects_both(folder: Path, tmp_path: Path) -> None:
    """Against the formula by hand; points off the map, on missing cells, or of 253 are left out."""
    classes, stored = values(folder)
    random = np.random.default_rng(2)
    rows, columns = random.integers(0, SIDE, 300), random.integers(0, SIDE, 300)
    with rasterio.open(folder / "classes.tif") as dataset:
        x, y = dataset.xy(rows, columns)
    codes = random.choice([1, 3, 6, 253], 300, p=[0.5, 0.2, 0.2, 0.1]).tolist()
    used = (classes[rows, columns] != 255) & (np.array(codes) != 253)
    assert 20 < (~used).sum() < 200
    sample = written(
        tmp_path / "sample.csv",
        np.append(x, 0.0) + 3.9,
        np.append(y, 0.0) - 4.9,
        [*codes, 1],
    )
    found = sealed_area(prediction=folder, sample=sample)
    assert found.points == used.sum()
    assert found.points_left_out == 301 - used.sum()
    truth = np.array(codes)[used] == 1
    for estimate, mapped in (
        (found.by_class, (classes == 1).astype(float)),
        (found.by_probability, stored / 1e4),
    ):
        residuals = truth - mapped[rows, columns][used]
        mean = mapped[classes != 255].mean() + residuals.mean()
        error = residuals.std(ddof=1) / np.sqrt(used.sum())
        corrected = estimate.corrected
        assert corrected is not None
        assert corrected.area_m2 == pytest.approx(mean * found.observed * 100)
        assert corrected.low_m2 == pytest.approx((mean - 1.959964 * error) * found.observed * 100)
        assert corrected.high_m2 == pytest.approx((mean + 1.959964 * error) * found.observed * 100)
        # The sample says half is sealed, whatever the map has.
        assert corrected.low_m2 < found.observed * 100 / 1.8 < corrected.high_m2


def test_a_sample_in_degrees_is_the_same_sample(folder: Path, tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    x, y = (
        start + random.integers(0, SIDE, 200) * 10.0 + 5
        for start in (COLUMN * 10, 10_000_000 - (ROW + SIDE) * 10)
    )
    codes = random.choice([1, 6], 200).tolist()
    metres = sealed_area(prediction=folder, sample=written(tmp_path / "metres.csv", x, y, codes))
    lon, lat = pyproj.Transformer.from_crs(3035, 4326, always_xy=True).transform(x, y)
    lines = [f"{c},p,{b:.8f},{a:.8f}" for a, b, c in zip(lon, lat, codes, strict=True)]
    (tmp_path / "degrees.csv").write_text("code,name,lat,lon\n" + "\n".join(lines))
    assert sealed_area(prediction=folder, sample=tmp_path / "degrees.csv") == metres


def test_an_interval_stays_within_the_area_there_is(folder: Path, tmp_path: Path) -> None:
    x = COLUMN * 10 + 5.0 + 10 * np.arange(SIDE)
    y = np.full(SIDE, 10_000_000 - ROW * 10 - 5.0)
    for code in (1, 6):
        sample = written(tmp_path / "sample.csv", x, y, [code] * SIDE)
        corrected = sealed_area(prediction=folder, sample=sample).by_class.corrected
        assert corrected is not None
        assert 0 <= corrected.low_m2 <= corrected.high_m2 <= SIDE * SIDE * 100


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "found columns none; expected x, y, code or lon, lat, code"),
        ("a,b\n1,2\n", "found columns a, b"),
        ("x,y,code\n", "found 0 point"),
        ("x,y,code\n0,0,1\n5,5,1\n", "found 0 point"),
        ("x,y,code\n1,2,1\n1,north,1\n", "line 3: found 1, north, 1"),
        ("x,y,code\n1,2\n", "line 2: found 1, 2, None"),
        ("x,y,code\n1,2,77\n", "line 2: found 1, 2, 77"),
        ("x,y,code\nnan,2,1\n", "line 2: found nan, 2, 1"),
    ],
)
def test_a_sample_that_cannot_be_used_is_one_line(
    folder: Path, tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "sample.csv").write_text(text)
    with pytest.raises(UnreadableSample, match=r"sample\.csv") as refused:
        sealed_area(prediction=folder, sample=tmp_path / "sample.csv")
    assert said in str(refused.value)


def test_files_that_are_no_sample(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UnreadableSample):
        sealed_area(prediction=folder, sample=tmp_path / "none.csv")
    (tmp_path / "binary.csv").write_bytes(bytes(range(256)))
    with pytest.raises(UnreadableSample):
        sealed_area(prediction=folder, sample=tmp_path / "binary.csv")
    with pytest.raises(UnreadablePrediction):
        sealed_area(prediction=tmp_path)
