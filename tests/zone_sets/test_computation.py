"""Computing custom zones: exact, only what is missing, one zone's fault is not the others'."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import pytest
import shapely
from django.conf import settings
from django.db import connection

from analytics.custom_zones import batch, count_zone
from analytics.errors import StoreError
from analytics.nomenclature import CODES
from analytics.rasters.store import open_store
from clcplus.actions.editions import publication
from clcplus.actions.zone_sets import batch_counts, batches, computation, set_publication
from clcplus.database import read_side
from clcplus.errors import WrongState
from clcplus.jobs import runner, runs
from clcplus.jobs.states import OPEN
from clcplus.models import (
    Edition,
    Publication,
    Run,
    Zone,
    ZoneBatch,
    ZoneChange,
    ZoneCover,
    ZoneSet,
    ZoneStatistics,
)
from tests.zone_sets.landscape import (
    HEIGHT,
    NORTH,
    WEST,
    WIDTH,
    Landscape,
    figures,
    stored,
    stored_of_all,
)
from tests.zone_sets.layers import batches_left, drain, layer_of, planned

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("store", "quiet_broker"),
]

EAST, SOUTH = WEST + WIDTH * 10, NORTH - HEIGHT * 10


def square(column: int, row: int, side: int = 20) -> Any:
    """A square of cells of the landscape."""
    x, y = WEST + column * 10, NORTH - row * 10
    return shapely.box(x, y - side * 10, x + side * 10, y)


def some_squares(number: int) -> list[Any]:
    return [square(30 * n % 700, 40 * (n // 20) + 7) for n in range(number)]


def random_areas(number: int, *, seed: int) -> list[Any]:
    """Small, thin and multi-part areas, with holes, on ties, across tiles and out of coverage."""
    random = np.random.default_rng(seed)
    found: list[Any] = []
    while len(found) < number:
        kind = random.integers(5)
        # Some lie beyond the landscape, many at the corner of the tiles.
        centre = (
            random.normal((3_800_000, 2_300_000), 150)
            if random.random() < 0.3
            else random.uniform((WEST - 300, SOUTH - 300), (EAST + 300, NORTH + 300))
        )
        corners = random.integers(3, 8)
        angles = np.sort(random.uniform(0, 2 * np.pi, corners))
        reach = random.uniform(3, 140, corners)[:, None]
        points = centre + reach * np.column_stack((np.cos(angles), np.sin(angles)))
        if kind == 1:
            points[:, 1] = centre[1] + (points[:, 1] - centre[1]) / 40
        if kind == 2:
            # Corners on centres and sides of cells: nothing but ties.
            points = np.round(points / 5) * 5
        shape = shapely.Polygon(points)
        if kind == 3:
            shape = shapely.make_valid(shape).difference(
                shapely.Point(*centre).buffer(40, quad_segs=1)
            )
        if kind == 4:
            shape = shapely.MultiPolygon(
                [shapely.box(*centre, *(centre + 31)), shapely.box(*(centre + 60), *(centre + 97))]
            )
        shape = shapely.make_valid(shape)
        parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon" and p.area > 0]
        if parts:
            found.append(shapely.MultiPolygon(parts))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("small", [batch.SMALL, 0], ids=["read-whole", "by-tiles"])
def test_five_hundred_areas_equal_the_naive_oracle(
    published: Landscape, small: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "SMALL", small)
    areas = random_areas(500 if small else 100, seed=5)
    layer = layer_of(areas)
    run = drain(planned(layer))
    assert (run.state, run.message) == (Run.State.SUCCEEDED, "")
    assert run.units_done == run.units_total == len(areas)
    assert (run.cells_done, run.percent) == (run.cells_total, 100)
    found = stored_of_all(layer)
    assert len(found) == len(areas)
    for position, area in enumerate(areas):
        assert found[str(position)] == published.expected(area), area.wkt
    # A row for each, also where nothing is observed.
    assert ZoneStatistics.objects.filter(zone__layer=layer).count() == 3 * len(areas)
    assert ZoneChange.objects.filter(zone__layer=layer).count() == 3 * len(areas)
    assert ZoneStatistics.objects.filter(zone__layer=layer, observed=0).exists()


@pytest.mark.parametrize("small", [batch.SMALL, 0], ids=["read-whole", "by-tiles"])
def test_large_areas_among_small_ones(
    published: Landscape, small: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With tiles inside, across 100 km tiles, beyond coverage, one over the other."""
    monkeypatch.setattr(batch, "SMALL", small)
    corner = shapely.Point(3_800_000.3, 2_300_000.7)
    areas = [
        corner.buffer(2700),
        corner.buffer(2500).difference(corner.buffer(1100)),
        shapely.box(WEST - 4001, NORTH - 9003, WEST + 12_007, NORTH + 3001),
        shapely.MultiPolygon(
            [corner.buffer(700), shapely.box(WEST + 3, NORTH - 1803, WEST + 2004, NORTH)]
        ),
        square(10, 10),
        shapely.box(5_000_000, 3_000_000, 5_002_000, 3_001_000),
    ]
    layer = layer_of(areas)
    assert drain(planned(layer)).state == Run.State.SUCCEEDED
    for position, area in enumerate(areas):
        assert stored(layer, str(position)) == published.expected(area, naively=False)
    assert stored(layer, "5")[0][2021] == {255: 20_000}


def test_a_batch_equals_each_zone_alone(published: Landscape) -> None:
    areas = random_areas(40, seed=9)
    ids = list(Edition.objects.order_by("year").values_list("pk", flat=True))
    asked = {
        "store": open_store(settings.RASTER_STORE),
        "edition_ids": ids,
        "pairs": [(ids[0], ids[1]), (ids[1], ids[2])],
    }
    with read_side.snapshot() as opened:
        together = batch.count_zones(opened, areas, **asked)
        for position, area in enumerate(areas):
            alone = count_zone(opened, area, **asked)
            assert alone.total == together.total[position]
            for edition_id in ids:
                assert (alone.cells[edition_id] == together.cells[edition_id][position]).all()
            for pair in asked["pairs"]:
                assert (alone.matrices[pair] == together.matrices[pair][position]).all()


def test_small_zones_have_the_rule_coverage_beside_the_centres(published: Landscape) -> None:
    half = shapely.box(WEST + 1005, NORTH - 2000, WEST + 1205, NORTH - 1800)
    layer = layer_of([half, square(100, 100, side=100), square(300, 300, side=110)])
    drain(planned(layer))
    covers = ZoneCover.objects.filter(zone__layer=layer)
    # A square of exactly 1 km² is none of them, nor a larger one.
    assert set(covers.values_list("zone__code", flat=True)) == {"0"}
    assert covers.count() == 3
    for row in covers.select_related("edition"):
        codes = published.codes[row.edition.year][180:200, 100:121]
        weights = np.ones(codes.shape)
        weights[:, [0, -1]] = 0.5
        for code, cells in zip(CODES, row.cells, strict=True):
            assert cells == pytest.approx(weights[codes == code].sum(), abs=1e-9)
        assert sum(row.cells) == pytest.approx(400, abs=1e-9)


def test_what_is_there_is_not_counted_again(published: Landscape) -> None:
    layer = layer_of(some_squares(10))
    drain(planned(layer))
    assert computation.plan(layer=layer, by=None) is None
    before = figures(layer)
    ZoneStatistics.objects.filter(zone__code__in=("3", "7"), edition__year=2022).delete()
    again = planned(layer)
    assert (again.units_total, again.cells_total) == (2, 800)
    drain(again)
    assert figures(layer) == before


def test_one_run_at_a_time(published: Landscape) -> None:
    layer = layer_of(some_squares(3))
    run = planned(layer)
    assert planned(layer) == run
    drain(run)
    other = Run.objects.create(kind=Run.Kind.ZONES, layer=layer)
    with pytest.raises(WrongState, match="which computes these zones"):
        computation.take_up(run=run)
    assert Run.objects.filter(state__in=OPEN, kind=Run.Kind.ZONES).get() == other


def test_without_editions_nothing_is_to_be_done() -> None:
    assert computation.plan(layer=layer_of(some_squares(2)), by=None) is None
    assert not Run.objects.exists()


def test_a_further_edition_is_counted_when_it_is_published(
    landscape: Landscape, quiet_broker: list[Any]
) -> None:
    layer = layer_of(some_squares(5))
    for year, statistics, changes in ((2021, 5, 0), (2023, 10, 5), (2022, 15, 15)):
        landscape.publish(year)
        run = Run.objects.get(kind=Run.Kind.ZONES, state__in=OPEN)
        assert run.units_total == 5
        assert ("work", "zones", run.batches.get().pk) in quiet_broker
        drain(run)
        assert ZoneStatistics.objects.filter(zone__layer=layer).count() == statistics
        assert ZoneChange.objects.filter(zone__layer=layer).count() == changes
    for position, area in enumerate(some_squares(5)):
        assert stored(layer, str(position)) == landscape.expected(area)


def test_an_edition_published_while_a_run_is_under_way_is_counted_by_it(
    landscape: Landscape, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MOST_ZONES", 2)
    landscape.publish(2021)
    layer = layer_of(some_squares(5))
    run = planned(layer)
    first, *_ = batches_left(run)
    assert runner.work("zones", first)
    landscape.publish(2023)
    assert drain(run).state == Run.State.SUCCEEDED
    assert Run.objects.filter(kind=Run.Kind.ZONES).count() == 1
    for position, area in enumerate(some_squares(5)):
        cells, change = landscape.expected(area)
        assert stored(layer, str(position)) == (
            {year: cells[year] for year in (2021, 2023)},
            {(2021, 2023): change[2021, 2023]},
        )


def test_an_edition_withdrawn_in_mid_run_is_left_out_and_never_no_data(
    published: Landscape, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MOST_ZONES", 2)
    layer = layer_of(some_squares(6))
    run = planned(layer)
    first, second, third = batches_left(run)
    assert runner.work("zones", first)
    publication.withdraw_edition(slug=Edition.objects.get(year=2022).slug)
    assert runner.work("zones", second)
    # It goes when the batch already knows what it lacks.
    lacking_of = batch_counts.missing_figures.of_zones

    def withdrawn_then(zone_ids: Any) -> Any:
        found = lacking_of(zone_ids)
        publication.withdraw_edition(slug=Edition.objects.get(year=2023).slug)
        return found

    monkeypatch.setattr(batch_counts.missing_figures, "of_zones", withdrawn_then)
    assert runner.work("zones", third)
    monkeypatch.undo()
    assert drain(run).state == Run.State.SUCCEEDED
    of_batches = [ZoneBatch.objects.get(pk=number).zones for number in (first, second, third)]
    for years, zones in zip(({2021, 2022, 2023}, {2021, 2023}, {2021}), of_batches, strict=True):
        for zone in Zone.objects.filter(pk__in=zones):
            cells, change = published.expected(some_squares(6)[int(zone.code)])
            assert stored(layer, zone.code) == (
                {year: cells[year] for year in years},
                {pair: change[pair] for pair in change if years.issuperset(pair)},
            )


def test_a_zone_that_cannot_be_counted_does_not_hold_up_the_others(
    published: Landscape,
) -> None:
    layer = layer_of(some_squares(8))
    broken = Zone.objects.get(layer=layer, code="4")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE clcplus_zone SET geometry = ST_SetSRID('MULTIPOLYGON(((0 0, NaN 1, 1 1,"
            " 0 0)))'::geometry, 3035) WHERE id = %s",
            [broken.pk],
        )
    run = drain(planned(layer))
    assert run.state == Run.State.SUCCEEDED
    assert run.message.startswith("1 zones could not be counted: zones: found coordinates")
    batch = ZoneBatch.objects.get(run=run)
    (failure,) = batch.failures
    assert (failure["zone"], failure["code"], failure["name"]) == (broken.pk, "4", "Field 4")
    assert "not finite" in failure["reason"]
    for position, area in enumerate(some_squares(8)):
        expected = ({}, {}) if position == 4 else published.expected(area)
        assert stored(layer, str(position)) == expected


def test_an_unreadable_raster_is_waited_for_and_then_the_fault_of_its_zones(
    published: Landscape, store: Any
) -> None:
    # One zone lies in the north-western 100 km tile, the other in the south-eastern one.
    layer = layer_of([square(20, 20), square(600, 500)])
    (tile,) = Edition.objects.get(year=2021).tiles.filter(name="E37N23")
    file = store / tile.key
    content = file.read_bytes()
    file.write_bytes(b"no raster")
    run = planned(layer)
    (number,) = batches_left(run)
    for _ in range(batches.PATIENCE - 1):
        with pytest.raises(StoreError):
            runner.work("zones", number)
    assert not ZoneStatistics.objects.filter(zone__layer=layer).exists()
    assert runner.work("zones", number)
    drain(run)
    assert run.state == Run.State.SUCCEEDED
    (failure,) = ZoneBatch.objects.get(run=run).failures
    assert failure["code"] == "0"
    assert failure["reason"] == f"the raster {tile.key} could not be read"
    assert stored(layer, "1") == published.expected(square(600, 500))
    assert stored(layer, "0") == ({}, {})
    # The raster is back, and the run is asked to go on.
    file.write_bytes(content)
    computation.take_up(run=run)
    run.refresh_from_db()
    assert (run.state, run.message, run.units_total) == (Run.State.QUEUED, "", 1)
    assert drain(run).state == Run.State.SUCCEEDED
    assert stored(layer, "0") == published.expected(square(20, 20))
    assert not ZoneBatch.objects.exclude(failures=[]).exists()


def test_nothing_counted_at_all_is_a_failure(published: Landscape, store: Any) -> None:
    layer = layer_of([square(20, 20)])
    for tile in Edition.objects.get(year=2021).tiles.all():
        (store / tile.key).unlink()
    run = planned(layer)
    ZoneBatch.objects.update(attempts=batches.PATIENCE)
    assert drain(run).state == Run.State.FAILED
    assert run.message.startswith("1 zones could not be counted: the raster")


def test_a_zone_that_ends_its_worker_is_found_and_given_up(
    published: Landscape, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = layer_of(some_squares(4))
    deadly = Zone.objects.get(layer=layer, code="2").pk
    run = planned(layer)
    count = batch_counts.count

    class Died(BaseException):
        """As a worker is killed: nobody handles it."""

    def dies(zone_ids: Any, **options: Any) -> Any:
        if deadly in zone_ids:
            raise Died
        return count(zone_ids, **options)

    monkeypatch.setattr(batch_counts, "count", dies)
    for _ in range(5 * batches.MOST_ATTEMPTS):
        for number in batches_left(run):
            with contextlib.suppress(Died):
                runner.work("zones", number)
    assert not batches_left(run)
    runner.finish("zones", run.pk)
    run.refresh_from_db()
    assert (run.state, run.units_done, run.units_total) == (Run.State.SUCCEEDED, 4, 4)
    (failed,) = ZoneBatch.objects.exclude(failures=[])
    assert [failure["code"] for failure in failed.failures] == ["2"]
    for position in (0, 1, 3):
        assert stored(layer, str(position)) == published.expected(some_squares(4)[position])


def test_a_cancelled_run_stops_and_goes_on_with_what_is_missing(
    published: Landscape, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MOST_ZONES", 3)
    layer = layer_of(some_squares(9))
    run = planned(layer)
    first, second, third = batches_left(run)
    assert runner.work("zones", first)
    runs.cancel(run.pk)
    assert not runner.work("zones", second)
    runner.finish("zones", run.pk)
    run.refresh_from_db()
    assert (run.state, run.units_done) == (Run.State.CANCELLED, 3)
    assert ZoneStatistics.objects.filter(zone__layer=layer).count() == 9
    computation.take_up(run=run)
    run.refresh_from_db()
    assert (run.state, run.units_total, run.units_done) == (Run.State.QUEUED, 6, 0)
    assert not ZoneBatch.objects.filter(pk=third).exists()
    assert not runner.work("zones", third)
    assert drain(run).state == Run.State.SUCCEEDED
    for position, area in enumerate(some_squares(9)):
        assert stored(layer, str(position)) == published.expected(area)


def test_a_run_cancelled_between_zones_stores_nothing_more(
    published: Landscape, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = layer_of(some_squares(5))
    run = planned(layer)
    counted_alone = []
    count = batch_counts._count

    def fails_together(lacks: Any, geometries: Any) -> Any:
        if len(lacks) > 1:
            raise ValueError("no batch can be counted")
        counted_alone.append(lacks)
        if len(counted_alone) == 2:
            runs.cancel(run.pk)
        return count(lacks, geometries)

    monkeypatch.setattr(batch_counts, "_count", fails_together)
    (number,) = batches_left(run)
    assert not runner.work("zones", number)
    assert len(counted_alone) == 2
    assert not ZoneStatistics.objects.filter(zone__layer=layer).exists()


def test_readers_of_a_published_set_see_new_figures_when_all_are_there(
    landscape: Landscape,
) -> None:
    landscape.publish(2021)
    layer = layer_of(some_squares(2))
    drain(planned(layer))
    assert not Publication.objects.filter(event=Publication.Event.ZONE_SET).exists()
    layer.active = True
    layer.save()
    landscape.publish(2023)
    run = Run.objects.get(kind=Run.Kind.ZONES, state=Run.State.QUEUED)
    for number in batches_left(run):
        runner.work("zones", number)
    assert not Publication.objects.filter(event=Publication.Event.ZONE_SET).exists()
    runner.finish("zones", run.pk)
    assert Publication.objects.get(event=Publication.Event.ZONE_SET).subject == "Fields"


def test_results_show_as_they_come(published: Landscape, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MOST_ZONES", 1)
    layer = layer_of(some_squares(2))
    run = planned(layer)
    seen = []
    for number in batches_left(run):
        seen.append(ZoneSet.objects.get(layer=layer).changed_at)
        runner.work("zones", number)
    run.refresh_from_db()
    assert (run.units_done, run.percent) == (2, 99)
    runner.finish("zones", run.pk)
    seen.append(ZoneSet.objects.get(layer=layer).changed_at)
    assert seen == sorted(set(seen))


def test_a_set_deleted_while_it_is_counted_leaves_nothing(
    published: Landscape, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = layer_of(some_squares(3))
    run = planned(layer)
    zone_set = ZoneSet.objects.get(layer=layer)
    count = batch_counts.count

    def deleted_then(zone_ids: Any, **options: Any) -> Any:
        counted = count(zone_ids, **options)
        set_publication.delete(zone_set=zone_set, by=zone_set.owner)
        return counted

    monkeypatch.setattr(batch_counts, "count", deleted_then)
    (number,) = batches_left(run)
    assert not runner.work("zones", number)
    assert not ZoneStatistics.objects.exists()
    runner.finish("zones", run.pk)
    assert not Run.objects.filter(kind=Run.Kind.ZONES).exists()


def test_what_nobody_works_on_is_queued_again(
    published: Landscape, quiet_broker: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MOST_ZONES", 1)
    Run.objects.filter(kind=Run.Kind.CHECK).delete()
    run = planned(layer_of(some_squares(3)))
    quiet_broker.clear()
    assert runner.take_up() == 0
    assert quiet_broker == []
    waiting = batches_left(run)
    assert runner.take_up(at_once=True) == 3
    assert quiet_broker == [("work", "zones", number) for number in waiting]
    for number in waiting:
        runner.work("zones", number)
    quiet_broker.clear()
    assert runner.take_up(at_once=True) == 0
    assert quiet_broker == [("finish", "zones", run.pk)]
