"""Filtered change: what is stored of a pair equals a plain label of the whole rasters."""

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
from django.db import transaction
from django.utils import timezone

from analytics.errors import StoreError
from analytics.patches import preset_groups
from analytics.patches.mask_codes import GAIN, LOSS, decoded
from analytics.rasters.store import open_store
from clcplus.actions import unused_files
from clcplus.actions.change import filter_plans, filter_run, pairs
from clcplus.actions.editions import publication
from clcplus.errors import BrokenInvariant
from clcplus.jobs import kinds, runner, runs
from clcplus.models import (
    ChangePatch,
    Edition,
    FilteredPair,
    Layer,
    Publication,
    Run,
    TileFilteredSums,
    UnusedFile,
    ZoneChange,
    ZoneFilteredChange,
)
from tests.analytics.test_patches import change_of, expected
from tests.blocks import make_blocks
from tests.region import SIDE, Region
from tests.runs import load_editions, load_zones

(PRESETS,) = preset_groups(confident=False)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store", "quiet_broker")]

Mask = npt.NDArray[np.bool_]


@pytest.fixture(scope="module")
def blocks(tmp_path_factory: pytest.TempPathFactory) -> Region:
    return make_blocks(tmp_path_factory.mktemp("blocks"))


@pytest.fixture
def loaded(blocks: Region) -> Region:
    load_zones(blocks)
    load_editions(blocks, (2021, 2023))
    return blocks


def do(planned: list[Run]) -> list[Run]:
    for run in planned:
        assert runner.work(run.kind, run.pk)
        run.refresh_from_db()
        assert run.state == Run.State.SUCCEEDED
    return planned


def zone_rows() -> dict[tuple[str, str, str], tuple[int, int]]:
    return {
        (level, code, preset): (gain, loss)
        for level, code, preset, gain, loss in ZoneFilteredChange.objects.values_list(
            "zone__layer__level__slug", "zone__code", "preset", "gain", "loss"
        )
    }


def accepted(region: Region, preset: str) -> dict[int, Mask]:
    earlier, later = region.codes[2021], region.codes[2023]
    ids, _ = expected(earlier, later, PRESETS[preset])
    return {kind: cells & (ids > 0) for kind, cells in change_of(earlier, later).items()}


def stored() -> dict[str, Any]:
    """All that is stored of filtered change, without ids."""
    return {
        "zones": zone_rows(),
        "patches": sorted(
            ChangePatch.objects.values_list(
                *("number", "kind", "former_class", "later_class", "cells", "side", "geometry")
            ),
            key=lambda row: row[0],
        ),
        "sums": sorted(
            TileFilteredSums.objects.values_list(
                "preset", "tile", "row", "first_column", "tiles", "sums"
            )
        ),
        "pairs": [(pair.mask_key, pair.totals) for pair in FilteredPair.objects.all()],
    }


def test_zones_have_the_cells_of_accepted_patches(loaded: Region) -> None:
    do(filter_plans.plan_missed())
    found = zone_rows()
    for preset in PRESETS:
        cells = accepted(loaded, preset)
        assert all(cells[kind].any() for kind in cells), "the test has nothing to count"
        total = [0, 0]
        for code, inside in loaded.masks.items():
            wanted = [int((inside & cells[kind]).sum()) for kind in (GAIN, LOSS)]
            assert found["commune", code, preset] == tuple(wanted)
            total = [a + b for a, b in zip(total, wanted, strict=True)]
        for level in ("departement", "region"):
            of_level = [value for key, value in found.items() if key[::2] == (level, preset)]
            assert [sum(kind) for kind in zip(*of_level, strict=True)] == total
    assert len(found) == len(PRESETS) * (len(loaded.masks) + 3)


def test_the_account_of_every_zone_balances_raw_and_filtered(loaded: Region) -> None:
    """before + gain - loss = after, on the maps themselves, and where only the accepted patches
    have changed."""
    do(filter_plans.plan_missed())
    earlier, later = loaded.codes[2021], loaded.codes[2023]
    seen = (earlier <= 11) & (later <= 11)
    found = zone_rows()
    for code, inside in loaded.masks.items():
        before = int((inside & seen & (earlier == 1)).sum())
        raw = ZoneChange.objects.get(zone__code=code, zone__layer__level__slug="commune")
        assert before + raw.gain - raw.loss == int((inside & seen & (later == 1)).sum())
        for preset in PRESETS:
            kept = earlier.copy()
            for cells in accepted(loaded, preset).values():
                kept[cells] = later[cells]
            gain, loss = found["commune", code, preset]
            assert gain <= raw.gain
            assert loss <= raw.loss
            assert before + gain - loss == int((inside & seen & (kept == 1)).sum())


def test_patches_are_those_of_the_most_generous_preset(loaded: Region) -> None:
    do(filter_plans.plan_missed())
    _, patches = expected(loaded.codes[2021], loaded.codes[2023], PRESETS["0.25ha"])
    places = {}
    for patch in ChangePatch.objects.all():
        # Numbers count the cells of the raster, which has the whole kilometres round the region.
        row, column = divmod(patch.number - 1, 200)
        inner = (row - 70) * SIDE + column - 70 + 1
        places[inner] = (patch.kind, patch.former_class, patch.later_class, patch.cells, patch.side)
        assert patch.geometry.area == patch.cells * 100
        assert patch.geometry.srid == 3035
    names = ("kind", "former", "later", "cells", "side")
    assert places == {n: tuple(one[name] for name in names) for n, one in patches.items()}
    assert len(places) > 5


def test_squares_and_the_mask_hold_the_same_cells(loaded: Region) -> None:
    do(filter_plans.plan_missed())
    pair = FilteredPair.objects.get()
    with open_store(settings.RASTER_STORE).open(pair.mask_key) as dataset:
        codes = dataset.read(1)
        assert (dataset.transform.c, dataset.transform.f) == (3_799_000, 2_301_000)
    assert codes.shape == (200, 200)
    inner = codes[70 : 70 + SIDE, 70 : 70 + SIDE]
    assert set(np.delete(codes, np.s_[70:130], axis=0).ravel()) == {255}
    change = change_of(loaded.codes[2021], loaded.codes[2023])
    for kind in (GAIN, LOSS):
        np.testing.assert_array_equal(decoded(inner) == kind, change[kind])
    for place, preset in enumerate(PRESETS):
        cells = accepted(loaded, preset)
        for kind in (GAIN, LOSS):
            np.testing.assert_array_equal(decoded(inner, place) == kind, cells[kind])
        # The four 100 km tiles have a square each: their corner is the region's middle.
        half = SIDE // 2
        for tile, rows, columns in (
            ("E37N23", slice(0, half), slice(0, half)),
            ("E38N23", slice(0, half), slice(half, None)),
            ("E37N22", slice(half, None), slice(0, half)),
            ("E38N22", slice(half, None), slice(half, None)),
        ):
            (sums,) = TileFilteredSums.objects.filter(preset=preset, tile=tile)
            wanted = [int(cells[kind][rows, columns].sum()) for kind in (GAIN, LOSS)]
            assert (sums.tiles, sums.sums) == (1, [[0, 0], wanted])
        totals = pair.totals[preset]
        assert [totals["gain_cells"], totals["loss_cells"]] == [
            int(cells[kind].sum()) for kind in (GAIN, LOSS)
        ]
    assert pair.totals["raw"]["gain_cells"] == int(change[GAIN].sum())


def test_a_pair_that_is_filtered_again_is_stored_once(loaded: Region) -> None:
    do(filter_plans.plan_missed())
    first = stored()
    assert filter_plans.plan_missed() == []
    chosen = [pairs.named(earlier="clcplus-2021", later="clcplus-2023")]
    do(filter_plans.request(chosen))
    assert stored() == first


def age() -> None:
    """As if the unused files had been noted long ago."""
    UnusedFile.objects.update(since=timezone.now() - unused_files.KEPT - timedelta(seconds=1))


def stored_masks() -> set[str]:
    root = Path(settings.RASTER_STORE)
    return {str(path.relative_to(root)) for path in (root / "change").glob("*")}


def test_a_mask_that_was_replaced_is_removed_an_hour_later(loaded: Region) -> None:
    do(filter_plans.plan_missed())
    first = FilteredPair.objects.get()
    # As if another version of the platform had written another mask.
    former = Path(settings.RASTER_STORE, first.mask_key).with_name("former.tif")
    former.write_bytes(b"II*")
    FilteredPair.objects.update(mask_key="change/former.tif")
    do(filter_plans.request(pairs.all_pairs()))
    assert FilteredPair.objects.get().mask_key == first.mask_key
    assert unused_files.remove() == 0
    assert stored_masks() == {"change/former.tif", first.mask_key}
    age()
    assert unused_files.remove() == 1
    assert stored_masks() == {first.mask_key}
    assert not UnusedFile.objects.exists()


@pytest.mark.parametrize("filtered_before", [True, False])
def test_the_mask_of_a_run_that_ends_before_it_stores_is_removed_unless_it_is_in_use(
    loaded: Region, monkeypatch: pytest.MonkeyPatch, filtered_before: bool
) -> None:
    planned = filter_plans.plan_missed()
    if filtered_before:
        do(planned)
        planned = filter_plans.request(pairs.all_pairs())

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(filter_run.storage, "store", killed)
        with pytest.raises(KeyboardInterrupt):
            runner.work("filter", planned[0].pk)
    (mask,) = stored_masks()
    age()
    assert unused_files.remove() == (0 if filtered_before else 1)
    assert stored_masks() == ({mask} if filtered_before else set())
    assert not UnusedFile.objects.exists()
    # The run is taken up, and does the same again.
    do(planned)
    assert stored_masks() == {mask} == {FilteredPair.objects.get().mask_key}


def test_a_mask_that_was_removed_before_it_was_stored_is_not_published(
    loaded: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = filter_plans.plan_missed()
    filter_pair = filter_run.filter_pair

    def long_pause(*arguments: Any, **named: Any) -> Any:
        found = filter_pair(*arguments, **named)
        age()
        assert unused_files.remove() == 1
        return found

    with monkeypatch.context() as patch:
        patch.setattr(filter_run, "filter_pair", long_pause)
        with pytest.raises(StoreError, match="removed"):
            runner.work(run.kind, run.pk)
    assert not FilteredPair.objects.exists()
    do([run])


def test_a_run_is_planned_once_and_waits_for_a_person_after_it_failed(loaded: Region) -> None:
    (run,) = filter_plans.plan_missed()
    assert filter_plans.plan_missed() == []
    assert [found.pk for found in filter_plans.request(pairs.lacking())] == [run.pk]
    runs.cancel(run.pk)
    assert filter_plans.plan_missed() == []
    runs.resume(run)
    do([run])
    assert FilteredPair.objects.exists()


def test_a_run_that_is_cancelled_meanwhile_stores_nothing(
    loaded: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = filter_plans.plan_missed()
    filter_pair = filter_run.filter_pair

    def cancelled(*arguments: Any, **named: Any) -> Any:
        found = filter_pair(*arguments, **named)
        runs.cancel(run.pk)
        return found

    monkeypatch.setattr(filter_run, "filter_pair", cancelled)
    assert not runner.work(run.kind, run.pk)
    run.refresh_from_db()
    assert run.state == Run.State.CANCELLED
    assert not FilteredPair.objects.exists()


def test_a_layer_that_comes_during_the_pass_is_counted_too(
    loaded: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = Layer.objects.get(level__slug="region")
    Layer.objects.filter(pk=layer.pk).update(active=False)
    filter_pair = filter_run.filter_pair

    def meanwhile(*arguments: Any, **named: Any) -> Any:
        found = filter_pair(*arguments, **named)
        Layer.objects.filter(pk=layer.pk).update(active=True)
        return found

    monkeypatch.setattr(filter_run, "filter_pair", meanwhile)
    do(filter_plans.plan_missed())
    assert {level for level, *_ in zone_rows()} == {"commune", "departement", "region"}


def test_pairs_lack_a_filter_once_a_layer_is_shown(loaded: Region) -> None:
    layer = Layer.objects.get(level__slug="region")
    Layer.objects.filter(pk=layer.pk).update(active=False)
    do(filter_plans.plan_missed())
    assert pairs.lacking() == []
    Layer.objects.filter(pk=layer.pk).update(active=True)
    do(filter_plans.plan_missed())
    assert pairs.lacking() == []
    assert "region" in {level for level, *_ in zone_rows()}


def test_a_new_filter_makes_every_pair_lack_it(loaded: Region) -> None:
    do(filter_plans.plan_missed())
    pair = FilteredPair.objects.get()
    del pair.totals["clc-change"]
    pair.save()
    assert len(pairs.lacking()) == 1


def test_readers_hear_of_published_pairs_alone(loaded: Region) -> None:
    changes = Publication.objects.filter(event=Publication.Event.CHANGE)
    do(filter_plans.plan_missed())
    assert changes.get().subject == "clcplus-2021 → clcplus-2023"
    Edition.objects.filter(slug="clcplus-2021").update(status=Edition.Status.LOADED)
    do(filter_plans.request(pairs.all_pairs()))
    assert changes.count() == 1


def test_a_withdrawn_edition_is_in_no_pair(loaded: Region) -> None:
    publication.withdraw_edition(slug="clcplus-2021")
    assert pairs.all_pairs() == []
    assert filter_plans.plan_missed() == []


@pytest.mark.parametrize("column", ["matrix", "rows"])
def test_counts_that_contradict_the_editions_are_not_stored(loaded: Region, column: str) -> None:
    changed = ZoneChange.objects.filter(zone__layer__level__slug="commune", gain__gt=0)
    if column == "matrix":
        row = changed.first()
        assert row is not None
        matrix = list(row.matrix)
        matrix[11] += 1
        changed.filter(zone_id=row.zone_id).update(matrix=matrix)
    else:
        changed.delete()
    (run,) = filter_plans.plan_missed()
    with pytest.raises(BrokenInvariant, match="zone"), transaction.atomic():
        runner.work(run.kind, run.pk)
    assert not FilteredPair.objects.exists()
    assert not ChangePatch.objects.exists()


def test_a_filter_accepts_no_more_than_there_is(loaded: Region) -> None:
    """The check beneath the sums of children, too."""
    ZoneChange.objects.filter(zone__layer__level__slug="region").update(matrix=[0] * 121)
    (run,) = filter_plans.plan_missed()
    with pytest.raises(BrokenInvariant, match="at most 0 and 0"), transaction.atomic():
        runner.work(run.kind, run.pk)


def test_the_command_filters_what_is_missing_and_names_what_is_wrong(loaded: Region) -> None:
    out = StringIO()
    call_command("filter_change", no_wait=True, stdout=out)
    run = Run.objects.get(kind=Run.Kind.FILTER)
    said, *_ = out.getvalue().splitlines()
    assert said == f"clcplus-2021 → clcplus-2023: queued, run {run.pk}"
    do([run])
    out = StringIO()
    call_command("filter_change", stdout=out)
    assert out.getvalue() == "change: all pairs of editions are filtered\n"
    for earlier, later, words in (
        ("clcplus-2021", None, "together"),
        ("clcplus-1990", "clcplus-2023", "no such edition"),
        ("clcplus-2023", "clcplus-2021", "the earlier year first"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("filter_change", earlier=earlier, later=later)


def test_the_kind_is_a_run_that_the_schedule_plans(loaded: Region) -> None:
    runner.plan_missed()
    kind = kinds.find("filter")
    run = Run.objects.get(kind=kind.name)
    assert kind.records.waiting(run.pk) == [run.pk]


def test_the_folder_of_a_pass_is_gone(loaded: Region, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    do(filter_plans.plan_missed())
    assert list((tmp_path / "scratch").iterdir()) == []
