"""Ingest: what is stored equals the naive oracle, whatever happens on the way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import Affine

from analytics.errors import InvalidCodes, RasterError
from analytics.nomenclature import CODES, OBSERVED_CODES, SEA_BUFFER
from clcplus.actions.editions import registration
from clcplus.jobs import runs
from clcplus.models import (
    ChangePart,
    Edition,
    EditionTile,
    Run,
    StatisticsPart,
    TileSums,
    Unit,
    Zone,
    ZoneChange,
    ZoneStatistics,
)
from tests.rasters import write_raster
from tests.region import NORTH, WEST, Region, make_region, write_zones
from tests.runs import drain, load_editions, load_zones, register, work_unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store", "quiet_broker")]


def by_class(cells: list[int]) -> dict[int, int]:
    return {code: n for code, n in zip(CODES, cells, strict=True) if n}


def statistics(code: str, year: int) -> dict[int, int]:
    row = ZoneStatistics.objects.get(zone__code=code, edition__year=year)
    return by_class(row.cells)


def pairs(code: str, earlier: int, later: int) -> dict[tuple[int, int], int]:
    row = ZoneChange.objects.get(zone__code=code, earlier__year=earlier, later__year=later)
    matrix = np.array(row.matrix).reshape(11, 11)
    return {
        (OBSERVED_CODES[i], OBSERVED_CODES[j]): int(matrix[i, j])
        for i, j in zip(*np.nonzero(matrix), strict=True)
    }


def add(*parts: dict) -> dict:
    total: dict = {}
    for part in parts:
        for key, cells in part.items():
            total[key] = total.get(key, 0) + cells
    return total


def assert_equals_oracle(region: Region, years: tuple[int, ...] = (2018, 2021, 2023)) -> None:
    for code in region.zones:
        for year in years:
            assert statistics(code, year) == region.counts(code, year), (code, year)
    for earlier, later in [(a, b) for a in years for b in years if a < b]:
        for code in region.zones:
            assert pairs(code, earlier, later) == region.pairs(code, earlier, later)
    for parent in ("0V", "1W"):
        children = [code for code, of in region.parents.items() if of == parent]
        for year in years:
            assert statistics(parent, year) == add(*(region.counts(c, year) for c in children))
    for year in years:
        everything = add(*(region.counts(c, year) for c in region.zones))
        assert statistics("07", year) == everything
        assert sum(everything.values()) == 3600


def test_every_figure_equals_the_oracle(region: Region) -> None:
    load_zones(region)
    editions = load_editions(region)
    assert_equals_oracle(region)
    change = ZoneChange.objects.get(zone__code="07", earlier__year=2018, later__year=2023)
    expected = add(*(region.pairs(c, 2018, 2023) for c in region.zones))
    assert change.gain == sum(n for (a, b), n in expected.items() if a != 1 and b == 1)
    assert change.loss == sum(n for (a, b), n in expected.items() if a == 1 and b != 1)
    assert change.observed == sum(expected.values())
    assert editions[2018].coast == editions[2021]
    assert not StatisticsPart.objects.exists()
    assert not ChangePart.objects.exists()


def test_stock_and_flows_balance_where_both_are_observed(region: Region) -> None:
    load_zones(region)
    load_editions(region, (2021, 2023))
    changes = list(ZoneChange.objects.all())
    assert {change.zone.code for change in changes} >= {*region.zones}
    for change in changes:
        matrix = np.array(change.matrix).reshape(11, 11)
        assert matrix[0].sum() + change.gain - change.loss == matrix[:, 0].sum()


@pytest.mark.parametrize("years", [(2023, 2021, 2018), (2021, 2023, 2018)])
def test_the_order_of_ingest_does_not_matter(region: Region, years: tuple[int, ...]) -> None:
    load_zones(region)
    load_editions(region, years)
    assert_equals_oracle(region)


def test_zones_that_come_after_the_editions_are_counted_and_only_then_shown(
    region: Region, tmp_path: Path
) -> None:
    corner = write_zones(
        tmp_path / "corner.gpkg", {"x": shapely.box(3_799_700, 2_299_700, 3_799_800, 2_299_800)}
    )
    from clcplus.actions.territories.zones import import_zones

    first = import_zones(
        paths=[corner], level="park", vintage=2024, code_field="code", name_field="name"
    )
    assert first.layer.active
    for year in (2021, 2018, 2023):
        assert drain(register(region, year, everything=True)).state == Run.State.SUCCEEDED
    load_zones(region)
    for run in Run.objects.filter(kind=Run.Kind.COUNT).order_by("created_at"):
        assert not run.layer.active
        drain(run)
        run.layer.refresh_from_db()
        assert run.layer.active
    assert_equals_oracle(region)


def test_a_layer_that_comes_while_an_edition_is_counted_is_not_forgotten(region: Region) -> None:
    load_zones(region)
    run = register(region, 2021)
    load_zones(region, vintage=2025)
    drain(run)
    assert {
        (code, vintage)
        for code, vintage in ZoneStatistics.objects.values_list(
            "zone__code", "zone__layer__vintage"
        )
    } == {(z, v) for z in [*region.zones, "0V", "1W", "07"] for v in (2024, 2025)}


def test_two_editions_at_once_are_compared_with_each_other(region: Region) -> None:
    load_zones(region)
    one, two = register(region, 2021), register(region, 2023)
    for number in Unit.objects.values_list("pk", flat=True):
        work_unit(number)
    drain(one)
    drain(two)
    for code in region.zones:
        assert pairs(code, 2021, 2023) == region.pairs(code, 2021, 2023)


def test_tiles_and_cogs_hold_what_was_read(region: Region, store: Path) -> None:
    load_zones(region)
    edition = load_editions(region, (2021,))[2021]
    tiles = EditionTile.objects.filter(edition=edition)
    assert [t.name for t in tiles] == ["E37N22", "E37N23", "E38N22", "E38N23"]
    counted = np.sum([t.sums[-1] for t in TileSums.objects.filter(edition=edition)], axis=0)
    assert counted.sum() == 4 * 10_000
    everything = region.codes[2021]
    for position, code in enumerate(CODES[:-1]):
        assert counted[position] == (everything == code).sum()
    for tile in tiles:
        assert tile.sha256[:16] in tile.key
        with rasterio.open(store / tile.key) as dataset:
            assert dataset.shape == (tile.height, tile.width) == (100, 100)
    with rasterio.open(store / edition.overview_key) as overview:
        assert overview.res == (100, 100)
        assert overview.shape == (20, 20)
        shares = overview.read(1)
    block = everything[30:40, 30:40]
    observed = (block < 253).sum()
    assert shares[10, 10] == np.rint(200 * (block == 1).sum() / observed)


def test_2018_without_a_later_edition_keeps_its_sea_as_water(region: Region) -> None:
    load_zones(region)
    edition = load_editions(region, (2018,))[2018]
    assert edition.coast is None
    everything = statistics("07", 2018)
    assert SEA_BUFFER not in everything
    assert everything[10] == (region.codes[2018] == 10).sum()


def test_the_same_file_again_is_the_same_edition(region: Region) -> None:
    load_zones(region)
    first = drain(register(region, 2021, publish=False))
    again = register(region, 2021)
    assert again.pk == first.pk
    assert Edition.objects.get().status == Edition.Status.PUBLISHED


def test_other_content_of_one_year_is_a_new_version_that_replaces_the_first(
    region: Region, tmp_path: Path
) -> None:
    load_zones(region)
    load_editions(region, (2021,))
    other = make_region(tmp_path, seed=12)
    run = drain(register(other, 2021))
    assert run.edition.slug == "clcplus-2021-v2"
    assert list(Edition.objects.values_list("slug", "status")) == [
        ("clcplus-2021", "superseded"),
        ("clcplus-2021-v2", "published"),
    ]


def test_a_unit_done_twice_or_half_done_leaves_the_same_counts(region: Region) -> None:
    load_zones(region)
    run = register(region, 2021)
    first = Unit.objects.filter(run=run).first()
    assert first is not None
    work_unit(first.pk)
    # Killed after its counts were stored, before anybody knew that it was done.
    Unit.objects.filter(pk=first.pk).update(state=Unit.State.QUEUED)
    Run.objects.filter(pk=run.pk).update(units_done=0, cells_done=0)
    drain(run)
    for code in region.zones:
        assert statistics(code, 2021) == region.counts(code, 2021)
    run.refresh_from_db()
    assert (run.units_done, run.percent) == (4, 100)


def test_a_failed_unit_fails_the_run_and_the_same_command_takes_it_up(region: Region) -> None:
    load_zones(region)
    run = register(region, 2021)
    unit = Unit.objects.filter(run=run).last()
    assert unit is not None
    runs.fail_unit(unit.pk, reason="the drive is full")
    run.refresh_from_db()
    assert (run.state, run.message) == ("failed", f"tile {unit.tile}: the drive is full")
    again = register(region, 2021)
    assert again.pk == run.pk
    assert drain(again).state == Run.State.SUCCEEDED


def test_bad_codes_store_nothing(region: Region, tmp_path: Path) -> None:
    load_zones(region)
    bad = make_region(tmp_path)
    bad.codes[2021][0, 0] = 77
    write_raster(bad.edition(2021), bad.codes[2021])
    with pytest.raises(InvalidCodes):
        register(bad, 2021)
    assert not Edition.objects.exists()
    assert not Run.objects.exists()


def test_without_zones_nothing_is_registered_unless_everything_is_wanted(region: Region) -> None:
    with pytest.raises(RasterError, match=r"no loaded zone.*--everything"):
        register(region, 2021)
    assert not Edition.objects.exists()
    run = drain(register(region, 2021, everything=True))
    assert run.units_done == 4
    assert not Zone.objects.exists()


def test_an_observed_class_cannot_be_called_missing(region: Region) -> None:
    with pytest.raises(RasterError, match=r"--missing"):
        registration.check_sources(
            paths=[region.edition(2021)], product="clcplus", year=2021, missing=frozenset({1})
        )


def test_a_cancelled_run_goes_no_further(region: Region) -> None:
    load_zones(region)
    run = register(region, 2021)
    runs.cancel(run.pk)
    unit = Unit.objects.filter(run=run).first()
    assert unit is not None
    assert work_unit(unit.pk) is False
    assert not EditionTile.objects.exists()


def test_a_zone_beyond_the_raster_is_not_observed_there(region: Region, tmp_path: Path) -> None:
    from clcplus.actions.territories.zones import import_zones

    # 100 cells in the raster, 100 beyond its eastern edge; another zone far away.
    zones = {
        "half": shapely.box(3_800_200, 2_300_000, 3_800_400, 2_300_100),
        "far": shapely.box(4_500_000, 3_000_000, 4_500_100, 3_000_100),
    }
    import_zones(
        paths=[write_zones(tmp_path / "z.gpkg", zones)],
        level="park",
        vintage=2024,
        code_field="code",
        name_field="name",
    )
    load_editions(region, (2021,))
    half = ZoneStatistics.objects.get(zone__code="half")
    assert (half.observed, half.not_observed) == (90, 110)
    assert half.cells[-1] == 100
    assert half.cells[-2] == 10
    assert not ZoneStatistics.objects.filter(zone__code="far").exists()


@pytest.mark.parametrize("inside", [True, False])
def test_cells_under_a_mask_are_not_observed(tmp_path: Path, store: Path, inside: bool) -> None:
    """Whatever lies under the mask, and whichever way the rows run."""
    source = make_region(tmp_path)
    load_zones(source)
    codes, seen = source.codes[2021].copy(), np.ones_like(source.codes[2021], dtype=bool)
    seen[25:35, 5:50] = False
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=inside):
        path = write_raster(
            source.edition(2021),
            np.where(seen, codes, 77)[::-1],
            transform=Affine(10, 0, WEST, 0, 10, NORTH - 10 * len(codes)),
        )
        with rasterio.open(path, "r+") as dataset:
            dataset.write_mask(np.where(seen, 255, 0).astype("uint8")[::-1])
    edition = drain(register(source, 2021)).edition
    source.codes[2021][~seen] = 255
    for code in source.zones:
        assert statistics(code, 2021) == source.counts(code, 2021)
    stored = np.full_like(codes, 255)
    for tile in EditionTile.objects.filter(edition=edition):
        with rasterio.open(store / tile.key) as dataset:
            row, column = (
                round((NORTH - dataset.bounds.top) / 10),
                round((dataset.bounds.left - WEST) / 10),
            )
            block = dataset.read(1)
            part = stored[max(row, 0) : row + 100, max(column, 0) : column + 100]
            part[:] = block[max(-row, 0) :, max(-column, 0) :][: part.shape[0], : part.shape[1]]
    assert (stored == source.codes[2021]).all()
    assert (~seen).sum() == 450
