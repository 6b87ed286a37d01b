"""From imagery and a checkpoint to a published modelled edition, whatever happens on the way."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import override_settings

from analytics.nomenclature import OBSERVED_CODES
from clcplus.actions.predictions import evaluation, execution, imagery
from clcplus.actions.predictions.checkpoints import folder_of, register_checkpoint
from clcplus.actions.predictions.prediction_requests import request_prediction
from clcplus.errors import NoImagery, WrongState
from clcplus.jobs import kinds, runner, runs
from clcplus.models import Checkpoint, Edition, Prediction, Run, Zone, ZoneChange, ZoneStatistics
from inference import checkpoint as folders_of_checkpoints
from inference.errors import CorruptWeights, MissingBand, UnreadableCheckpoint, WrongClasses
from inference.prediction import predictor
from tests.predictions.conftest import write_composite
from tests.region import Region
from tests.runs import drain, load_editions, load_zones

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store", "quiet_broker", "folders")]


@pytest.fixture
def checkpoint(trained: Path, folders: Path) -> Checkpoint:
    return register_checkpoint(folder=trained, name="First")


@pytest.fixture
def loaded(region: Region) -> Region:
    load_zones(region)
    load_editions(region, (2021, 2023))
    return region


@pytest.fixture
def zoned(region: Region) -> Region:
    load_zones(region)
    return region


def done(run: Run) -> Run:
    """Work on a prediction as the task does; the run as it is then."""
    runner.handle_work("predict", run.pk)
    run.refresh_from_db()
    return run


def classes_of(run: Run) -> Any:
    with rasterio.open(execution.folder_for(run.prediction) / "classes.tif") as dataset:
        return dataset.read(1)


def test_a_prediction_becomes_a_published_modelled_edition(
    loaded: Region, checkpoint: Checkpoint, composite: Path
) -> None:
    asked = request_prediction(checkpoint=checkpoint, year=2024, publish=True)
    assert (asked.kind, asked.cells_total) == (Run.Kind.PREDICT, 3600)
    run = done(asked)
    assert run.state == Run.State.SUCCEEDED, run.message
    assert run.percent == 100
    edition = Edition.objects.get(slug="clcplus-2024-modelled")
    assert (edition.origin, edition.product_name) == ("modelled", "CLC+ Forward")
    assert edition.checkpoint == checkpoint
    assert edition.doi == ""
    assert str(edition.window_start) == "2024-06-01"
    assert edition.status == Edition.Status.REGISTERED
    # The same ingest as of any edition counts and publishes it.
    drain(Run.objects.get(pk=run.parameters["ingest"]))
    edition.refresh_from_db()
    assert edition.status == Edition.Status.PUBLISHED
    codes = classes_of(run)
    assert set(np.unique(codes)) <= {1, 6, 7, 255}
    counted = ZoneStatistics.objects.get(edition=edition, zone__code="07").cells
    inside = np.any(list(loaded.masks.values()), axis=0)
    expected = [int(np.sum(codes[inside] == code)) for code in OBSERVED_CODES]
    assert counted[:11] == expected
    assert ZoneChange.objects.filter(later=edition).exists()
    prediction = Prediction.objects.get(run=run)
    assert prediction.stage == Prediction.Stage.REGISTERED
    assert prediction.edition == edition


def test_it_is_compared_with_the_nearest_edition_that_is_not_modelled(
    loaded: Region, checkpoint: Checkpoint, composite: Path
) -> None:
    run = done(request_prediction(checkpoint=checkpoint, year=2024))
    found = Prediction.objects.get(run=run).evaluation
    assert found["edition"] == "clcplus-2023"
    codes, reference = classes_of(run), loaded.codes[2023]
    both = np.isin(codes, OBSERVED_CODES) & np.isin(reference, OBSERVED_CODES)
    sealed, truth = (codes == 1) & both, (reference == 1) & both
    iou = (sealed & truth).sum() / (sealed | truth).sum()
    assert found["metrics"]["iou_sealed"] == pytest.approx(iou)
    assert found["metrics"]["cells"] == both.sum()


def test_areas_are_those_of_probabilities_and_of_cells(
    zoned: Region, checkpoint: Checkpoint, composite: Path, folders: Path
) -> None:
    run = done(request_prediction(checkpoint=checkpoint, year=2024))
    areas = Prediction.objects.get(run=run).areas
    codes = classes_of(run)
    assert areas["by_class"]["mapped_m2"] == (codes == 1).sum() * 100
    with rasterio.open(execution.folder_for(run.prediction) / "sealed_probability.tif") as dataset:
        stored = dataset.read(1).astype(float)
    assert areas["by_probability"]["mapped_m2"] == pytest.approx(
        stored[stored != 65_535].sum() / 10_000 * 100, rel=1e-6
    )
    assert areas["by_class"]["corrected_m2"] is None
    sample = folders / "imagery" / "sample-2024.csv"
    sample.write_text(
        "x,y,code\n"
        + "".join(f"{3_799_705 + n * 50},{2_300_295 - n * 40},{1 + n % 2 * 5}\n" for n in range(10))
    )
    again = done(request_prediction(checkpoint=checkpoint, year=2024))
    corrected = Prediction.objects.get(run=again).areas
    assert corrected["points"] == 10
    low, high = (corrected["by_class"][name] for name in ("low_m2", "high_m2"))
    assert low <= corrected["by_class"]["corrected_m2"] <= high


def test_a_repeated_prediction_is_the_same_edition(
    zoned: Region, checkpoint: Checkpoint, composite: Path
) -> None:
    first = done(request_prediction(checkpoint=checkpoint, year=2024))
    second = done(request_prediction(checkpoint=checkpoint, year=2024))
    assert first.edition == second.edition
    assert first.parameters["ingest"] == second.parameters["ingest"]
    assert Edition.objects.filter(origin="modelled").count() == 1


def test_over_a_territory_only_its_rectangle_is_predicted(
    zoned: Region, checkpoint: Checkpoint, composite: Path
) -> None:
    zone = Zone.objects.select_related("layer__level").get(code="0V001")
    run = done(request_prediction(checkpoint=checkpoint, year=2024, territory=zone))
    assert run.state == Run.State.SUCCEEDED, run.message
    assert run.prediction.territory_name == zone.name
    west, south, east, north = zone.geometry.extent
    height, width = classes_of(run).shape
    assert 0 <= width * 10 - (east - west) < 20
    assert 0 <= height * 10 - (north - south) < 20
    assert run.cells_total == height * width


def test_an_official_and_a_modelled_edition_of_one_year_are_two(
    loaded: Region, checkpoint: Checkpoint, folders: Path
) -> None:
    path = write_composite(folders / "imagery" / "composite-2023.tif")
    run = done(request_prediction(checkpoint=checkpoint, year=2023, composite=path, publish=True))
    drain(Run.objects.get(pk=run.parameters["ingest"]))
    slugs = Edition.objects.filter(year=2023, status="published").values_list("slug", flat=True)
    assert set(slugs) == {"clcplus-2023", "clcplus-2023-modelled"}


class Killed(BaseException):
    """Stands for a worker's sudden end."""


def dying(stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the work end where a stage begins, or has just been done."""
    name = stage.removeprefix("after ")
    place = evaluation if name == "evaluate" else execution
    real: Callable[..., Any] = getattr(place, name)

    def end(*given: Any, **asked: Any) -> Any:
        if stage.startswith("after "):
            real(*given, **asked)
        raise Killed

    monkeypatch.setattr(place, name, end)


@pytest.mark.parametrize("stage", ["_predict", "after _predict", "after evaluate", "after _areas"])
def test_killed_anywhere_the_next_worker_ends_with_the_same(
    loaded: Region,
    checkpoint: Checkpoint,
    composite: Path,
    stage: str,
    quiet_broker: list[Any],
) -> None:
    expected = done(request_prediction(checkpoint=checkpoint, year=2024)).edition
    assert expected is not None
    run = request_prediction(checkpoint=checkpoint, year=2024)
    with pytest.MonkeyPatch.context() as patch:
        dying(stage, patch)
        with pytest.raises(Killed):
            done(run)
    run.refresh_from_db()
    assert run.state == Run.State.RUNNING
    # The schedule sees that nobody is at it, and queues it.
    quiet_broker.clear()
    runner.take_up(at_once=True)
    assert ("work", "predict", run.pk) in quiet_broker
    done(run)
    assert run.state == Run.State.SUCCEEDED, run.message
    assert run.edition == expected


def test_killed_while_it_is_registered_nothing_is_half_done(
    zoned: Region, checkpoint: Checkpoint, composite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = request_prediction(checkpoint=checkpoint, year=2024)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "clcplus.actions.editions.registration._plan",
            lambda *a, **k: (_ for _ in ()).throw(Killed()),
        )
        with pytest.raises(Killed):
            done(run)
    assert not Edition.objects.filter(origin="modelled").exists()
    assert done(run).state == Run.State.SUCCEEDED


def test_a_prediction_that_keeps_killing_its_worker_is_given_up(
    zoned: Region, checkpoint: Checkpoint, composite: Path
) -> None:
    run = request_prediction(checkpoint=checkpoint, year=2024)
    with pytest.MonkeyPatch.context() as patch:
        dying("_predict", patch)
        for _ in range(kinds.find("predict").attempts):
            with pytest.raises(Killed):
                done(run)
        done(run)
    assert run.state == Run.State.FAILED
    assert "ended its worker" in run.message
    runs.resume(run)
    assert done(run).state == Run.State.SUCCEEDED


def test_a_run_that_is_cancelled_stops_and_is_resumed(
    zoned: Region, checkpoint: Checkpoint, composite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = request_prediction(checkpoint=checkpoint, year=2024)
    monkeypatch.setattr(runs, "PROGRESS_SECONDS", 0.0)
    real = predictor.predict

    def cancelled_midway(**asked: Any) -> Any:
        runs.cancel(run.pk)
        return real(**asked)

    monkeypatch.setattr(predictor, "predict", cancelled_midway)
    assert done(run).state == Run.State.CANCELLED
    assert not Edition.objects.filter(origin="modelled").exists()
    done(run)
    assert run.state == Run.State.CANCELLED, "a message that comes late begins nothing"
    monkeypatch.setattr(predictor, "predict", real)
    runs.resume(run)
    assert done(run).state == Run.State.SUCCEEDED
    with pytest.raises(WrongState):
        runs.resume(run)


def test_progress_is_in_cells(
    zoned: Region, checkpoint: Checkpoint, composite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = request_prediction(checkpoint=checkpoint, year=2024)
    seen: list[tuple[int, int, str]] = []

    def partly(*, progress: Callable[[int, int], None], **_: Any) -> None:
        progress(900, 3600)
        run.refresh_from_db()
        seen.append((run.percent, run.cells_done, run.message))

    monkeypatch.setattr(predictor, "predict", partly)
    done(run)
    assert seen == [(25, 900, "predicting")]


def failure(run: Run) -> str:
    done(run)
    assert run.state == Run.State.FAILED, run.state
    assert "\n" not in run.message
    assert not Edition.objects.filter(origin="modelled").exists()
    return run.message


def test_a_worker_without_the_model_says_so(
    checkpoint: Checkpoint, composite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = request_prediction(checkpoint=checkpoint, year=2024)
    monkeypatch.setitem(sys.modules, "torch", None)
    for name in [name for name in sys.modules if name.startswith("inference.")]:
        if name.partition(".")[2] in {"predict", "devices", "probabilities", "slabs", "blending"}:
            monkeypatch.delitem(sys.modules, name)
    said = failure(run)
    assert "no package torch" in said
    assert "queue `inference`" in said


def test_weights_that_were_damaged_are_named(checkpoint: Checkpoint, composite: Path) -> None:
    run = request_prediction(checkpoint=checkpoint, year=2024)
    with (folder_of(checkpoint) / "weights.safetensors").open("r+b") as file:
        file.seek(-4, 2)
        file.write(b"\0\1\2\3")
    assert "weights.safetensors: found sha256" in failure(run)


def test_imagery_of_nothing_but_cloud_is_named(checkpoint: Checkpoint, folders: Path) -> None:
    write_composite(folders / "imagery" / "composite-2024.tif", cloud=True)
    assert "observed" in failure(request_prediction(checkpoint=checkpoint, year=2024))


def test_what_cannot_be_predicted_is_refused_at_once(checkpoint: Checkpoint, folders: Path) -> None:
    with pytest.raises(NoImagery, match="imagery of 2025: found no composite"):
        request_prediction(checkpoint=checkpoint, year=2025)
    poor = write_composite(folders / "poor.tif", bands=("B02", "B04", "observations"))
    with pytest.raises(MissingBand, match="B08"):
        request_prediction(checkpoint=checkpoint, year=2024, composite=poor)
    assert not Run.objects.filter(kind=Run.Kind.PREDICT).exists()


def test_with_a_catalogue_imagery_is_composed_first(
    zoned: Region, checkpoint: Checkpoint, folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compose(prediction: Prediction, **_: Any) -> Path:
        return write_composite(folders / "imagery" / f"composite-2024-{prediction.code}.tif")

    monkeypatch.setattr(imagery, "compose", compose)
    zone = Zone.objects.select_related("layer__level").get(code="0V001")
    with override_settings(CLCPLUS_STAC="https://stac.invalid/v1"):
        run = request_prediction(checkpoint=checkpoint, year=2024, territory=zone)
        assert run.prediction.composite == ""
        done(run)
    assert run.state == Run.State.SUCCEEDED, run.message
    run.prediction.refresh_from_db()
    assert run.prediction.composite_name == "composite-2024-0V001.tif"


def test_a_checkpoint_is_registered_once(trained: Path, folders: Path) -> None:
    user = User.objects.create_user("staff")
    first = register_checkpoint(folder=trained, by=user)
    assert (first.name, first.architecture) == ("first", "segformer-small")
    assert (first.training_areas, first.training_years) == (["1", "2"], [2023])
    assert [label["code"] for label in first.labels] == [1, 6, 7]
    copied = folder_of(first)
    assert sorted(path.name for path in copied.iterdir()) == [
        "checkpoint.json",
        "weights.safetensors",
    ]
    assert register_checkpoint(folder=trained, name="Better").pk == first.pk
    assert register_checkpoint(folder=copied).pk == first.pk
    assert Checkpoint.objects.get().name == "Better"


def test_metrics_measured_anew_are_taken_over(trained: Path, folders: Path) -> None:
    first = register_checkpoint(folder=trained)
    again = folders / "again"
    shutil.copytree(trained, again)
    described = folders_of_checkpoints.read(again)
    folders_of_checkpoints.write_description(again, replace(described, metrics={"test": {}}))
    assert register_checkpoint(folder=again).pk == first.pk
    first.refresh_from_db()
    assert first.metrics == {"test": {}}


def test_what_is_no_checkpoint_of_this_map_is_refused(trained: Path, folders: Path) -> None:
    with pytest.raises(UnreadableCheckpoint, match=r"no checkpoint\.json"):
        register_checkpoint(folder=folders)
    other = folders / "other"
    shutil.copytree(trained, other)
    document = json.loads((other / "checkpoint.json").read_text())
    document["labels"][0]["code"] = 42
    (other / "checkpoint.json").write_text(json.dumps(document))
    with pytest.raises(WrongClasses, match="code 1 among them"):
        register_checkpoint(folder=other)
    damaged = folders / "damaged"
    shutil.copytree(trained, damaged)
    (damaged / "weights.safetensors").write_bytes(b"nothing")
    with pytest.raises(CorruptWeights):
        register_checkpoint(folder=damaged)
    assert not Checkpoint.objects.exists()


def test_commands_report_in_one_line(
    zoned: Region, trained: Path, composite: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("register_checkpoint", trained, name="First")
    identity = Checkpoint.objects.get().identity
    assert capsys.readouterr().out.strip() == f"First: {identity}"
    call_command("predict_edition", identity[:8], year=2024, no_wait=True)
    assert Run.objects.filter(kind=Run.Kind.PREDICT).count() == 1
    for arguments, said in (
        (("nobody",), "no such checkpoint"),
        ((identity,), "no composite"),
    ):
        with pytest.raises(CommandError, match=said) as refused:
            call_command("predict_edition", *arguments, year=2030, no_wait=True)
        assert "\n" not in str(refused.value)
    with pytest.raises(CommandError, match="no such territory"):
        call_command("predict_edition", "First", year=2024, territory="region:99", no_wait=True)
