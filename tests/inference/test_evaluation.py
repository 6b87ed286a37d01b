"""An evaluation's figures, against plain counts of cells over whole rasters."""

from __future__ import annotations

import base64
import json
import re
import warnings
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

from analytics.errors import InvalidCodes
from analytics.grid import Window
from inference.__main__ import main
from inference.checkpoint import Checkpoint, Label, Training, write_description
from inference.composites.bands import MISSING
from inference.errors import NothingObserved, WrongClasses
from inference.evaluation.evaluator import Evaluation, evaluate
from inference.networks.architectures import Architecture
from inference.prediction import files as prediction_files
from inference.prediction.files import MISSING_PROBABILITY, CompositeFile, Prediction, Task
from tests.inference import scenery
from tests.inference.scenery import COLUMN, ROW
from tests.rasters import write_raster

HEIGHT, WIDTH = 60, 120
LABELS = (Label(1, "Sealed"), Label(3, "Trees <script>alert(1)</script>"), Label(7, "Crops"))
WINDOW = Window(ROW, COLUMN, HEIGHT, WIDTH)
CHECKPOINT = Checkpoint(
    architecture=Architecture("segformer-small", bands=4, labels=3),
    bands=("B02", "B04", "B08", "NDVI"),
    mean=(0.1,) * 4,
    std=(0.1,) * 4,
    labels=LABELS,
    window=32,
    training=Training(
        areas=("A",),
        years=(2023,),
        configuration={
            "areas": {"training": ["A"], "validation": ["C"], "test": ["B", "D"]},
            "labels": [
                {"code": 1, "name": "", "codes": []},
                {"code": 3, "name": "", "codes": [2, 3]},
                {"code": 7, "name": "", "codes": [6, 7]},
            ],
        },
    ),
    weights_sha256="0" * 64,
)


class Made:
    """A reference, a map of it with errors, and what is missing in either."""

    def __init__(self, folder: Path, *, seed: int = 0) -> None:
        generator = np.random.default_rng(seed)
        self.folder = folder
        self.reference = scenery.blobs(HEIGHT, WIDTH, seed=seed)
        wrong = generator.random((HEIGHT, WIDTH)) < 0.2
        self.mapped = np.where(
            wrong, generator.choice([1, 3, 7], (HEIGHT, WIDTH)), self.reference
        ).astype(np.uint8)
        self.probability = np.where(
            self.mapped == 1,
            generator.integers(5000, 10_001, (HEIGHT, WIDTH)),
            generator.integers(0, 5000, (HEIGHT, WIDTH)),
        ).astype(np.uint16)
        gone = generator.random((HEIGHT, WIDTH)) < 0.05
        self.mapped[gone], self.probability[gone] = 255, MISSING_PROBABILITY
        lost = generator.random((HEIGHT, WIDTH)) < 0.05
        self.reference[lost] = generator.choice([253, 254, 255], lost.sum())

    def write(self) -> None:
        folder = self.folder / "prediction"
        west, _, _, north = WINDOW.bounds
        write_raster(folder / "classes.tif", self.mapped, west=west, north=north, nodata=255)
        write_raster(
            folder / "sealed_probability.tif",
            self.probability,
            west=west,
            north=north,
            dtype="uint16",
            nodata=MISSING_PROBABILITY,
        )
        seen = self.probability[self.mapped != 255]
        prediction_files.write(
            Prediction(
                folder=folder,
                task=Task(
                    CHECKPOINT.identity,
                    CompositeFile("2024 <b>.tif", 1, 1),
                    CHECKPOINT.bands,
                    WINDOW,
                ),
                labels=LABELS,
                observed=len(seen),
                cells={code: int((self.mapped == code).sum()) for code in (1, 3, 7)},
                probability_sum=float(seen.sum() / 10_000),
            )
        )
        scenery.write_reference(self.folder / "reference.tif", self.reference)
        scenery.write_territories(
            self.folder / "zones.geojson",
            scenery.side_by_side("ABCD", height=HEIGHT, width=WIDTH),
        )
        (self.folder / "checkpoint").mkdir(exist_ok=True)
        write_description(self.folder / "checkpoint", CHECKPOINT)

    def evaluated(self, **options: Any) -> Evaluation:
        self.write()
        values: dict[str, Any] = {"zones": None, "imagery": None, **options}
        return evaluate(
            prediction=self.folder / "prediction",
            reference=[self.folder / "reference.tif"],
            out=self.folder / "out",
            **values,
        )

    @property
    def told(self) -> np.ndarray:
        return (self.reference < 253) & (self.mapped != 255)


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path)


def iou(reference: np.ndarray, mapped: np.ndarray) -> float:
    return float((reference & mapped).sum() / (reference | mapped).sum())


def test_one_matrix_over_all_cells(made: Made) -> None:
    found = made.evaluated().metrics
    told = made.told
    assert found["cells"] == told.sum()
    reference, mapped = made.reference[told], made.mapped[told]
    for code in (1, 3, 7):
        there, said = reference == code, mapped == code
        of_class = found["classes"][str(code)]
        assert of_class["iou"] == pytest.approx(iou(there, said))
        assert of_class["recall"] == pytest.approx((there & said).sum() / there.sum())
        assert of_class["precision"] == pytest.approx((there & said).sum() / said.sum())
        assert of_class["area_bias"] == pytest.approx(said.sum() / there.sum())
    assert found["iou_sealed"] == found["classes"]["1"]["iou"]
    assert found["accuracy"] == pytest.approx((reference == mapped).mean())
    assert [label["code"] for label in found["labels"]] == [1, 3, 7]
    chance = made.probability[told] / 10_000
    assert found["probability_bias_sealed"] == pytest.approx(chance.sum() / (reference == 1).sum())
    assert json.loads((made.folder / "out/metrics.json").read_text("utf-8")) == found


def test_calibration_error_by_bins(made: Made) -> None:
    found = made.evaluated().metrics
    told = made.told
    chance, there = made.probability[told] / 10_000, made.reference[told] == 1
    bins = np.minimum((chance * 15).astype(int), 14)
    expected = sum(abs(chance[bins == b].sum() - there[bins == b].sum()) for b in range(15)) / len(
        chance
    )
    assert found["ece_sealed"] == pytest.approx(expected, rel=1e-6)
    assert sum(point["cells"] for point in found["reliability"]) == told.sum()


def test_squares_of_a_hectare(made: Made) -> None:
    found = made.evaluated().metrics["resolutions"]["100"]
    shares = []
    for row in range(ROW // 10 * 10, ROW + HEIGHT, 10):
        for column in range(COLUMN // 10 * 10, COLUMN + WIDTH, 10):
            square = np.s_[
                max(row - ROW, 0) : row - ROW + 10, max(column - COLUMN, 0) : column - COLUMN + 10
            ]
            told = made.told[square]
            if told.sum() >= 50:
                shares.append(
                    [
                        (made.reference[square][told] == 1).mean(),
                        (made.mapped[square][told] == 1).mean(),
                        made.probability[square][told].mean() / 10_000,
                    ]
                )
    reference, by_class, by_chance = np.array(shares).T
    assert found["class"]["count"] == len(shares)
    for name, mapped in (("class", by_class), ("probability", by_chance)):
        assert found[name]["mean_absolute_error"] == pytest.approx(
            np.abs(mapped - reference).mean()
        )
        assert found[name]["bias"] == pytest.approx((mapped - reference).mean())
        spread = ((reference - reference.mean()) ** 2).sum()
        assert found[name]["r_squared"] == pytest.approx(
            1 - ((mapped - reference) ** 2).sum() / spread
        )


def test_only_test_territories_count_and_each_is_told(made: Made) -> None:
    found = made.evaluated(
        zones=made.folder / "zones.geojson", checkpoint=made.folder / "checkpoint"
    ).metrics
    quarter = WIDTH // 4
    parts = {"B": np.s_[:, quarter : 2 * quarter], "D": np.s_[:, 3 * quarter :]}
    assert [t["code"] for t in found["territories"]] == ["B", "D"]
    total = 0
    for territory in found["territories"]:
        part = parts[territory["code"]]
        told = made.told[part]
        there, said = made.reference[part][told] == 1, made.mapped[part][told] == 1
        assert territory["cells"] == told.sum()
        assert territory["sealed_reference"] == there.sum()
        assert territory["sealed_mapped"] == said.sum()
        assert territory["iou_sealed"] == pytest.approx(iou(there, said))
        chance = made.probability[part][told].sum() / 10_000
        assert territory["sealed_probability"] == pytest.approx(chance, rel=1e-5)
        total += int(told.sum())
    assert found["cells"] == total
    everything = made.evaluated(zones=made.folder / "zones.geojson").metrics
    assert len(everything["territories"]) == 4
    assert everything["cells"] == made.told.sum()


def test_classes_of_the_reference_are_grouped_as_in_training(made: Made) -> None:
    made.reference[made.reference == 3] = 2
    zones = made.folder / "zones.geojson"
    grouped = made.evaluated(zones=zones, checkpoint=made.folder / "checkpoint").metrics
    assert grouped["classes"]["3"]["iou"] > 0.5
    # Without the checkpoint nothing says what 2 is: its cells count as wrong, and do not vanish.
    alone = made.evaluated(zones=zones).metrics
    assert alone["labels"][-1]["code"] == 0
    assert alone["classes"]["0"]["reference"] == ((made.reference == 2) & made.told).sum()
    assert alone["classes"]["3"]["recall"] is None
    assert alone["cells"] == made.told.sum()


def test_the_score_that_is_wrong_is_told_beside_the_right_one(made: Made) -> None:
    # Sealed in one corner alone, and found there by half.
    made.reference[made.reference == 1] = 3
    made.mapped[made.mapped == 1] = 3
    made.reference[:10, :10], made.mapped[:10, :10], made.mapped[:5, :10] = 1, 1, 7
    made.probability[made.mapped != 255] = 100
    found = made.evaluated().metrics
    assert found["iou_sealed"] == pytest.approx(0.5)
    scores = []
    for row in range(ROW // 250 * 250, ROW + HEIGHT, 250):
        for column in range(COLUMN // 250 * 250, COLUMN + WIDTH, 250):
            tile = np.s_[
                max(row - ROW, 0) : max(row - ROW + 250, 0),
                max(column - COLUMN, 0) : max(column - COLUMN + 250, 0),
            ]
            if not made.told[tile].any():
                continue
            there = (made.reference[tile] == 1) & made.told[tile]
            said = (made.mapped[tile] == 1) & made.told[tile]
            scores.append(iou(there, said) if (there | said).any() else 1.0)
    assert found["per_image"]["tiles"] == len(scores)
    assert found["per_image"]["iou_sealed"] == pytest.approx(np.mean(scores))


def test_tiles_without_sealed_make_the_wrong_score_high(tmp_path: Path) -> None:
    made = Made(tmp_path)
    wide = 1000
    reference = np.full((HEIGHT, wide), 7, dtype=np.uint8)
    mapped = reference.copy()
    reference[:10, :10] = 1
    mapped[20:30, :10] = 1  # wrong altogether
    made.write()
    west, _, _, north = WINDOW.bounds
    write_raster(tmp_path / "prediction/classes.tif", mapped, west=west, north=north)
    write_raster(
        tmp_path / "prediction/sealed_probability.tif",
        np.where(mapped == 1, 9000, 1000),
        west=west,
        north=north,
        dtype="uint16",
    )
    path = tmp_path / "prediction/prediction.json"
    document = json.loads(path.read_text("utf-8"))
    document["window"]["width"] = wide
    path.write_text(json.dumps(document), encoding="utf-8")
    scenery.write_reference(tmp_path / "reference.tif", reference)
    found = evaluate(
        prediction=tmp_path / "prediction",
        reference=[tmp_path / "reference.tif"],
        zones=None,
        imagery=None,
        out=tmp_path / "out",
    ).metrics
    assert found["iou_sealed"] == 0
    assert found["per_image"]["tiles"] >= 4
    assert found["per_image"]["iou_sealed"] >= 0.75


def imagery(made: Made, ndvi: np.ndarray) -> Path:
    """A composite with a given NDVI."""
    near, red = 2000 * (1 + ndvi), 2000 * (1 - ndvi)
    stored = np.stack([red, near]).astype(np.int16)
    stored[:, :, 0] = MISSING
    return scenery.write_composite(made.folder / "imagery.tif", stored, bands=("B04", "B08"))


def test_the_threshold_is_chosen_where_the_network_was_trained(made: Made) -> None:
    quarter = WIDTH // 4
    # In A sealed is below 0.2; in the tested B and D it is the other way round.
    ndvi = np.where(made.reference == 1, 0.1, 0.6)
    ndvi[:, quarter:] = np.where(made.reference[:, quarter:] == 1, 0.6, 0.1)
    found = made.evaluated(
        zones=made.folder / "zones.geojson",
        checkpoint=made.folder / "checkpoint",
        imagery=imagery(made, ndvi),
    ).metrics["baselines"]["ndvi"]
    assert found["chosen_on"] == "training territories"
    (threshold,) = found["thresholds"]
    assert 0.1 < threshold <= 0.6
    # Its best threshold would have taken everything; that of A is wrong everywhere.
    assert found["iou_sealed"] == 0


def test_the_threshold_is_chosen_crosswise_where_training_is_not_known(tmp_path: Path) -> None:
    made = Made(tmp_path)
    # Squares of 250 cells: the scene lies across an edge of them.
    assert ROW // 250 != (ROW + HEIGHT) // 250 or COLUMN // 250 != (COLUMN + WIDTH) // 250
    ndvi = np.where(made.reference == 1, 0.1, 0.6)
    baselines = made.evaluated(imagery=imagery(made, ndvi)).metrics["baselines"]
    assert len(baselines["ndvi"]["thresholds"]) == 2
    assert baselines["ndvi"]["iou_sealed"] == 1
    tested = made.reference[made.told]
    commonest = max((1, 3, 7), key=lambda code: (tested == code).sum())
    assert baselines["majority"]["code"] == commonest
    assert baselines["majority"]["accuracy"] == pytest.approx((tested == commonest).mean())


def test_no_imagery_no_threshold(made: Made) -> None:
    assert made.evaluated().metrics["baselines"]["ndvi"] is None


class Page(HTMLParser):
    """Tags that are open, and what must not be in a page of its own."""

    VOID = frozenset({"meta", "img", "rect", "path", "circle", "polyline"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def test_the_report_is_one_safe_file(made: Made) -> None:
    found = made.evaluated(
        zones=made.folder / "zones.geojson", imagery=imagery(made, np.full((HEIGHT, WIDTH), 0.3))
    )
    text = found.report.read_text(encoding="utf-8")
    page = Page()
    page.feed(text)
    assert page.open == []
    assert "script" not in page.tags
    assert "link" not in page.tags
    assert page.addresses
    assert all(address.startswith("data:image/png;base64,") for address in page.addresses)
    # Names come from files of strangers.
    assert "Trees &lt;script&gt;" in text
    assert "2024 &lt;b&gt;.tif" in text
    assert f"{found.metrics['iou_sealed']:.3f}" in text


def test_the_map_of_errors_shows_them(made: Made, tmp_path: Path) -> None:
    made.reference[:], made.mapped[:], made.probability[:] = 7, 7, 0
    made.reference[0:10, 0:10] = made.mapped[0:10, 0:10] = 1
    made.reference[20:30, 20:30] = 1
    made.mapped[40:50, 40:50] = 1
    made.mapped[:, 100:], made.probability[:, 100:] = 255, MISSING_PROBABILITY
    text = made.evaluated().report.read_text(encoding="utf-8")
    (whole, *_) = re.findall(r'src="data:image/png;base64,([^"]+)"', text)
    path = tmp_path / "whole.png"
    path.write_bytes(base64.b64decode(whole))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(path) as picture:
            pixels = picture.read()
    assert pixels.shape == (4, HEIGHT, WIDTH)

    def at(row: int, column: int) -> tuple[int, ...]:
        return tuple(pixels[:, row, column].tolist())

    assert at(5, 5) == (128, 138, 152, 255)
    assert at(25, 25) == (45, 118, 178, 255)
    assert at(45, 45) == (214, 79, 44, 255)
    assert 0 < at(30, 60)[3] < 64
    assert at(30, 110)[3] == 0


def test_nothing_in_common_is_said(made: Made) -> None:
    made.reference[:] = 254
    with pytest.raises(NothingObserved, match="no cell that both it and the reference cover"):
        made.evaluated()


def test_a_reference_of_another_nomenclature_is_refused(made: Made) -> None:
    made.reference[:5] = 99
    with pytest.raises(InvalidCodes, match="99"):
        made.evaluated()


def test_another_checkpoint_is_refused(made: Made) -> None:
    made.write()
    other = Checkpoint(
        **{**{f: getattr(CHECKPOINT, f) for f in CHECKPOINT.__slots__}, "window": 64}
    )
    write_description(made.folder / "checkpoint", other)
    with pytest.raises(WrongClasses, match="with which it was predicted"):
        evaluate(
            prediction=made.folder / "prediction",
            reference=[made.folder / "reference.tif"],
            zones=None,
            imagery=None,
            out=made.folder / "out",
            checkpoint=made.folder / "checkpoint",
        )


def test_the_command(made: Made, capsys: pytest.CaptureFixture[str]) -> None:
    made.write()
    arguments = [str(made.folder / "prediction"), str(made.folder / "reference.tif")]
    out = made.folder / "out"
    assert main(["evaluate", *arguments, "-o", str(out)]) == 0
    told = dict(line.split("\t") for line in capsys.readouterr().out.splitlines())
    assert told["report"] == str(out / "report.html")
    document = json.loads((out / "metrics.json").read_text("utf-8"))
    assert told["iou_sealed"] == f"{document['iou_sealed']:.4f}"
    assert told["iou_sealed, NDVI"] == "none"
    assert main(["evaluate", str(made.folder), arguments[1], "-o", str(out)]) == 1
    assert capsys.readouterr().err.count("\n") == 1
