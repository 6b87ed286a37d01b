"""The training of the demonstration: who trains and who tests, and all steps on a small region."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pyogrio.raw
import pytest
import shapely

from demonstration import forward
from demonstration.imagery.composites import make_imagery
from inference.composites.composite import open_composite

pytest.importorskip("torch", reason="the packages of the model are not installed")


@pytest.fixture(scope="module")
def seen(region: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the region with the imagery that is trained on."""
    folder = tmp_path_factory.mktemp("forward") / "region"
    shutil.copytree(region, folder)
    make_imagery(folder=folder, years=(forward.TRAINING_YEAR,))
    return folder


def departements(folder: Path) -> dict[str, str]:
    meta, _, _, columns = pyogrio.raw.read(folder / "zones/communes_2024.gpkg")
    named = dict(zip(meta["fields"], columns, strict=True))
    return dict(zip(named["code"], named["departement"], strict=True))


def test_each_commune_has_one_part_and_a_whole_departement_tests(seen: Path) -> None:
    areas = forward.configuration_of(seen).areas
    of = departements(seen)
    parts = [*areas.training, *areas.validation, *areas.test]
    assert sorted(parts) == sorted(of)
    (tested,) = {of[code] for code in areas.test}
    assert sorted(areas.test) == sorted(code for code in of if of[code] == tested)
    assert areas.validation
    assert len(areas.training) > 3 * len(areas.validation)
    assert areas.buffer_m > 0


def test_what_is_learnt_from_is_the_published_edition_and_not_the_truth(seen: Path) -> None:
    (pair,) = forward.configuration_of(seen).pairs
    assert {path.parent for path in pair.reference} == {seen / "editions/2023"}
    assert pair.composite == seen / "imagery/composite-2023.tif"


def test_the_test_is_predicted_where_its_communes_lie(seen: Path) -> None:
    areas = forward.configuration_of(seen).areas
    window = forward._window_of(seen, areas.test)
    meta, _, geometries, columns = pyogrio.raw.read(seen / "zones/communes_2024.gpkg")
    codes = dict(zip(meta["fields"], columns, strict=True))["code"]
    box = shapely.box(*window.bounds)
    for code, geometry in zip(codes, shapely.from_wkb(geometries), strict=True):
        if code in areas.test:
            assert box.covers(geometry), code
    whole = open_composite(seen / "imagery/composite-2023.tif").window
    assert whole.intersection(window) == window


def test_from_imagery_to_a_judgement_and_nothing_twice(
    seen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: Counter[int] = Counter()
    checkpoint = forward.train_network(
        folder=seen, steps=4, progress=lambda done, total: told.update([total])
    )
    assert told == {4: 4}
    areas = forward.configuration_of(seen).areas
    assert checkpoint.training.areas == areas.training
    judgement = forward.judge(folder=seen)
    assert judgement.communes == len(areas.test)
    edition, truth = judgement.against_edition, judgement.against_truth
    assert edition["checkpoint"] == truth["checkpoint"] == checkpoint.identity
    assert {territory["code"] for territory in edition["territories"]} == set(areas.test)
    # The edition errs, so that one map cannot agree with both alike.
    assert edition["accuracy"] != truth["accuracy"]
    assert edition["baselines"]["ndvi"]["iou_sealed"] > 0

    monkeypatch.setattr("inference.training.optimisation.Stepper.step", lambda *_, **__: 1 / 0)
    assert forward.train_network(folder=seen, steps=4).identity == checkpoint.identity
    assert forward.judge(folder=seen).against_edition == edition
