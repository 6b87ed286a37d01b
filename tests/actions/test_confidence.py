"""Confidence layers of editions, and change filtered by them, against a plain label."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from analytics.patches import PRESETS
from analytics.patches.mask_codes import GAIN, LOSS, decoded
from analytics.rasters.store import open_store
from clcplus.actions import unused_files
from clcplus.actions.change import filter_plans, filter_run, pairs
from clcplus.actions.editions.confidence import add_confidence
from clcplus.models import (
    ChangePatch,
    ConfidenceTile,
    Edition,
    FilteredPair,
    Run,
    UnusedFile,
    ZoneFilteredChange,
)
from tests.actions.test_filtered_change import do
from tests.analytics.test_patches import change_of, expected
from tests.blocks import make_blocks
from tests.rasters import write_raster
from tests.region import NORTH, SIDE, WEST, Region
from tests.runs import load_editions, load_zones

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store", "quiet_broker")]

SURE = "0.25ha-confidence50"
Codes = npt.NDArray[np.uint8]


def layer(seed: int) -> Codes:
    """Confidences: high in most cells, low or not known in some."""
    random = np.random.default_rng(seed)
    return random.choice(
        np.array([20, 49, 50, 80, 100, 254], dtype=np.uint8),
        (SIDE, SIDE),
        p=[0.02, 0.02, 0.2, 0.5, 0.25, 0.01],
    )


LAYERS = {2021: layer(1), 2023: layer(2)}


@pytest.fixture(scope="module")
def blocks(tmp_path_factory: pytest.TempPathFactory) -> Region:
    return make_blocks(tmp_path_factory.mktemp("blocks"))


@pytest.fixture
def loaded(blocks: Region) -> Region:
    load_zones(blocks)
    load_editions(blocks, (2021, 2023))
    return blocks


def add(folder: Path, year: int, cells: Codes | None = None) -> Edition:
    path = write_raster(
        folder / f"rascl-{year}.tif",
        LAYERS[year] if cells is None else cells,
        west=WEST,
        north=NORTH,
        nodata=254,
    )
    return add_confidence(slug=f"clcplus-{year}", paths=[path])


def least_confidence() -> Codes:
    one, other = LAYERS.values()
    unknown = (one > 100) | (other > 100)
    return np.where(unknown, 254, np.minimum(one, other)).astype(np.uint8)


def test_zones_patches_and_mask_have_the_cells_of_which_both_editions_are_sure(
    loaded: Region, tmp_path: Path
) -> None:
    for year in LAYERS:
        add(tmp_path, year)
    (run,) = do(filter_plans.plan_missed())
    earlier, later = loaded.codes[2021], loaded.codes[2023]
    confidence = least_confidence()
    pair = FilteredPair.objects.get()
    assert set(pair.totals) == {"raw", *PRESETS}
    with open_store(settings.RASTER_STORE).open(pair.mask_key) as dataset:
        codes = dataset.read(1)[70 : 70 + SIDE, 70 : 70 + SIDE]
    change = change_of(earlier, later)
    for kind in (GAIN, LOSS):
        np.testing.assert_array_equal(decoded(codes) == kind, change[kind])
    of_presets = {}
    for place, (name, chosen) in enumerate(PRESETS.items()):
        ids, patches = expected(earlier, later, chosen, confidence)
        accepted = {kind: cells & (ids > 0) for kind, cells in change.items()}
        of_presets[name] = accepted
        for kind in (GAIN, LOSS):
            np.testing.assert_array_equal(decoded(codes, place) == kind, accepted[kind])
        for code, inside in loaded.masks.items():
            row = ZoneFilteredChange.objects.get(
                zone__layer__level__slug="commune", zone__code=code, preset=name
            )
            assert (row.gain, row.loss) == tuple(
                int((inside & accepted[kind]).sum()) for kind in (GAIN, LOSS)
            )
        stored = {
            patch.number: (patch.kind, patch.cells, patch.confidence)
            for patch in ChangePatch.objects.filter(
                min_confidence=chosen.min_confidence,
                cells__gte=chosen.mmu_ha * 100,
                side__gte=chosen.min_width_m / 10,
            )
        }
        assert len(stored) == len(patches) > 0
        assert sorted(stored.values()) == sorted(
            (one["kind"], one["cells"], pytest.approx(one["confidence"]))
            for one in patches.values()
        )
    plain, sure = (sum(cells.sum() for cells in of_presets[n].values()) for n in ("0.25ha", SURE))
    assert 0 < sure < plain
    assert run.cells_done == run.cells_total == codes.size // SIDE**2 * 200 * 200


def test_a_pair_without_both_layers_is_filtered_without_such_a_preset(
    loaded: Region, tmp_path: Path
) -> None:
    add(tmp_path, 2023)
    out = StringIO()
    call_command("filter_change", no_wait=True, stdout=out)
    assert out.getvalue().splitlines()[-1] == (
        f"clcplus-2021 → clcplus-2023: not filtered by {SURE}: no confidence layer of clcplus-2021"
    )
    do(list(Run.objects.filter(kind=Run.Kind.FILTER)))
    pair = FilteredPair.objects.get()
    assert SURE not in pair.totals
    assert not ZoneFilteredChange.objects.filter(preset=SURE).exists()
    assert set(ChangePatch.objects.values_list("confidence", flat=True)) == {None}
    assert pairs.lacking() == []
    # With the other layer the schedule has the pair filtered again.
    add(tmp_path, 2021)
    do(filter_plans.plan_missed())
    assert SURE in FilteredPair.objects.get().totals
    assert filter_plans.plan_missed() == []


def test_another_layer_has_the_pair_filtered_again_and_the_former_tiles_removed(
    loaded: Region, tmp_path: Path
) -> None:
    for year in LAYERS:
        add(tmp_path, year)
    do(filter_plans.plan_missed())
    former = set(ConfidenceTile.objects.values_list("key", flat=True))
    assert len(former) == 8
    add(tmp_path, 2023)
    assert filter_plans.plan_missed() == []
    add(tmp_path, 2023, np.zeros((SIDE, SIDE), dtype=np.uint8))
    do(filter_plans.plan_missed())
    assert set(ZoneFilteredChange.objects.filter(preset=SURE).values_list("gain", "loss")) == {
        (0, 0)
    }
    now = set(ConfidenceTile.objects.values_list("key", flat=True))
    UnusedFile.objects.update(since=timezone.now() - unused_files.KEPT - timedelta(seconds=1))
    assert unused_files.remove() >= len(former - now) == 4
    root = Path(settings.RASTER_STORE)
    assert {str(path.relative_to(root)) for path in root.glob("*/confidence-*")} == now


def test_a_layer_that_comes_during_the_pass_is_used(
    loaded: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(tmp_path, 2021)
    filter_pair = filter_run.filter_pair

    def meanwhile(*arguments: Any, **named: Any) -> Any:
        found = filter_pair(*arguments, **named)
        add(tmp_path, 2023)
        return found

    monkeypatch.setattr(filter_run, "filter_pair", meanwhile)
    do(filter_plans.plan_missed())
    assert SURE in FilteredPair.objects.get().totals


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("edition", "clcplus-1990: found no such edition"),
        ("value", "found code 101 in 3600 cells; expected codes 0 to 100, 253, 254, 255"),
        ("place", "found no cell in the tiles of clcplus-2021"),
        ("file", "found nothing; expected a raster file or folder"),
        ("loaded", "found an edition that is not loaded yet"),
    ],
)
def test_what_is_no_confidence_layer_is_refused(
    loaded: Region, tmp_path: Path, case: str, words: str
) -> None:
    cells = np.full((SIDE, SIDE), 101 if case == "value" else 50)
    east = WEST + (1_000_000 if case == "place" else 0)
    path = write_raster(tmp_path / "rascl.tif", cells, west=east, north=NORTH)
    if case == "loaded":
        Edition.objects.update(loaded_at=None)
    slug = "clcplus-1990" if case == "edition" else "clcplus-2021"
    source = tmp_path / "none.tif" if case == "file" else path
    with pytest.raises(CommandError, match=words):
        call_command("add_confidence", slug, source)
    assert not ConfidenceTile.objects.exists()
    assert not Edition.objects.exclude(confidence_hash="").exists()


def test_the_command_says_what_it_has_done(loaded: Region, tmp_path: Path) -> None:
    add(tmp_path, 2021)
    path = write_raster(tmp_path / "b.tif", LAYERS[2023], west=WEST, north=NORTH)
    out = StringIO()
    call_command("add_confidence", "clcplus-2023", path, stdout=out)
    assert out.getvalue().splitlines() == [
        "clcplus-2023: confidence layer of 4 tiles",
        "clcplus-2021 → clcplus-2023: can be filtered by confidence",
    ]
