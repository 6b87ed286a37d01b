"""Series of custom zones: exact, whole or not there, counted anew with the editions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

from analytics import queries
from analytics.custom_zones import batch
from analytics.queries.visible import ShownLayer, show_layer
from analytics.records import Series
from clcplus.actions.editions import missed_series, publication
from clcplus.actions.zone_sets import computation
from clcplus.database import read_side
from clcplus.jobs import runner
from clcplus.models import (
    EditionTile,
    Layer,
    Publication,
    Run,
    TileSeriesSums,
    Unit,
    Zone,
    ZoneSeries,
)
from tests.runs import work_unit
from tests.zone_sets.landscape import HEIGHT, NORTH, WEST, WIDTH, Landscape
from tests.zone_sets.layers import drain, layer_of, planned

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("store", "quiet_broker"),
]

CORNER = shapely.Point(3_800_000.3, 2_300_000.7)
AREAS = [
    CORNER.buffer(2700),
    shapely.box(WEST - 4001, NORTH - 9003, WEST + 12_007, NORTH + 3001),
    shapely.box(WEST + 100, NORTH - 300, WEST + 300, NORTH - 100),
    shapely.box(5_000_000, 3_000_000, 5_002_000, 3_001_000),
]


def inside(area: Any) -> np.ndarray:
    """The cells of an area, on whose border no centre lies, in the landscape."""
    columns, rows = np.meshgrid(
        WEST + 10 * (np.arange(WIDTH) + 0.5), NORTH - 10 * (np.arange(HEIGHT) + 0.5)
    )
    shapely.prepare(area)
    return shapely.contains_xy(area, columns, rows)


def series(layer: Layer) -> list[tuple[Series, ...] | None]:
    zones = list(Zone.objects.filter(layer=layer).order_by("pk").values_list("pk", flat=True))
    with read_side.snapshot() as connection:
        show_layer(connection, ShownLayer(id=layer.pk, stamp="test"))
        found = queries.series(connection, zone_ids=zones)
    return [found[zone] for zone in zones]


def assert_equals_cells(layer: Layer, landscape: Landscape, years: tuple[int, ...]) -> None:
    for area, found in zip(AREAS, series(layer), strict=True):
        codes = {year: landscape.codes[year][inside(area)] for year in years}
        common = np.logical_and.reduce([of_year <= 11 for of_year in codes.values()])
        if not common.size:
            assert found == ()
            continue
        assert found is not None
        [one] = found
        assert tuple(edition.year for edition in one.editions) == years
        assert one.common == common.sum()
        assert one.sealed == tuple((c[common] == 1).sum() for c in codes.values())
        assert one.observed == tuple((c <= 11).sum() for c in codes.values())


@pytest.mark.parametrize("small", [batch.SMALL, 0], ids=["read-whole", "by-tiles"])
def test_series_equal_a_count_of_every_cell(
    published: Landscape, small: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "SMALL", small)
    layer = layer_of(AREAS)
    assert series(layer) == [None] * len(AREAS)
    assert drain(planned(layer)).state == Run.State.SUCCEEDED
    assert_equals_cells(layer, published, (2021, 2022, 2023))
    assert computation.plan(layer=layer, by=None) is None
    # Lost rows are missed, and only those of their zone.
    ZoneSeries.objects.filter(zone__layer=layer, zone__code="0").delete()
    assert series(layer)[0] is None
    again = planned(layer)
    assert again.units_total == 1
    drain(again)
    assert_equals_cells(layer, published, (2021, 2022, 2023))


def test_a_further_edition_has_series_counted_anew(landscape: Landscape) -> None:
    layer = layer_of(AREAS)
    landscape.publish(2021)
    drain(Run.objects.get(kind=Run.Kind.ZONES))
    assert_equals_cells(layer, landscape, (2021,))
    landscape.publish(2023)
    # Not counted in it yet: no series, rather than a shorter one.
    assert series(layer)[0] is None
    drain(Run.objects.get(kind=Run.Kind.ZONES, state=Run.State.QUEUED))
    assert_equals_cells(layer, landscape, (2021, 2023))
    publication.withdraw_edition(slug="clcplus-2021")
    assert_equals_cells(layer, landscape, (2023,))
    assert computation.plan(layer=layer, by=None) is None


def test_editions_that_were_loaded_without_series_get_them_by_command(
    published: Landscape,
) -> None:
    """As a database is after an upgrade."""
    EditionTile.objects.update(in_series=False)
    TileSeriesSums.objects.all().delete()
    layer = layer_of(AREAS)
    run = drain(planned(layer))
    assert run.state == Run.State.SUCCEEDED
    # The zones are counted, and their series are not there: none is planned that cannot be made.
    assert series(layer)[:3] == [None] * 3
    assert computation.plan(layer=layer, by=None) is None
    logged = Publication.objects.count()
    counted = missed_series.plan()
    assert counted is not None
    assert missed_series.plan() == counted
    for unit in Unit.objects.filter(run=counted):
        assert work_unit(unit.pk)
    runner.finish(counted.kind, counted.pk)
    counted.refresh_from_db()
    assert (counted.state, counted.units_done) == (Run.State.SUCCEEDED, 4)
    assert Publication.objects.count() == logged + 1
    assert not EditionTile.objects.filter(in_series=False).exists()
    drain(Run.objects.get(kind=Run.Kind.ZONES, state=Run.State.QUEUED))
    assert_equals_cells(layer, published, (2021, 2022, 2023))
    assert missed_series.plan() is None


def test_running_sums_that_contradict_each_other_keep_no_run_going(
    published: Landscape, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "SMALL", 0)
    lost = TileSeriesSums.objects.order_by("pk").first()
    assert lost is not None
    TileSeriesSums.objects.filter(tile=lost.tile).delete()
    layer = layer_of(AREAS)
    assert drain(planned(layer)).state == Run.State.SUCCEEDED
    # No series is better than one that is short of cells.
    assert series(layer)[1] is None
    assert series(layer)[2] is not None
