"""Series: what is stored over all editions equals a plain walk over the cells, in whatever order
and however often they were counted."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from django.core.management import call_command
from django.db import connections

from analytics import queries
from clcplus.actions.editions import missed_series, publication, registration
from clcplus.database import read_side
from clcplus.errors import BrokenInvariant
from clcplus.jobs import runner
from clcplus.models import (
    Edition,
    EditionTile,
    Run,
    TileSeriesSums,
    Unit,
    Zone,
    ZoneChange,
    ZoneSeries,
    ZoneStatistics,
)
from tests.rasters import write_raster
from tests.region import NORTH, WEST, YEARS, Codes, Region, make_region, write_zones
from tests.runs import drain, load_editions, load_zones, register, work_unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store", "quiet_broker")]

ByYears = dict[tuple[int, ...], int]
"""Cells by the years in which they are sealed, and with a minus observed and not sealed."""


def cell_by_cell(codes: dict[int, Codes], masks: Iterable[npt.NDArray[np.bool_]]) -> ByYears:
    """By the words of the glossary."""
    found: ByYears = {}
    for inside in masks:
        for row, column in zip(*np.nonzero(inside), strict=True):
            seen = {year: int(codes[year][row, column]) for year in sorted(codes)}
            pattern = tuple(
                year if code == 1 else -year for year, code in seen.items() if code < 12
            )
            if pattern:
                found[pattern] = found.get(pattern, 0) + 1
    return found


def oracle(region: Region, zones: Iterable[str], years: Iterable[int] = YEARS) -> ByYears:
    codes = {year: region.masked(year) for year in years}
    return cell_by_cell(codes, [region.masks[zone] for zone in zones])


def stored(code: str) -> ByYears:
    years = {edition.pk: edition.year for edition in Edition.objects.all()}
    found: ByYears = {}
    for row in ZoneSeries.objects.filter(zone__code=code):
        assert [abs(number) for number in row.pattern] == sorted(map(abs, row.pattern))
        pattern = tuple(
            sorted((years[abs(n)] * (1 if n > 0 else -1) for n in row.pattern), key=abs)
        )
        found[pattern] = found.get(pattern, 0) + row.cells
    return found


def everything() -> list[tuple[object, ...]]:
    """All rows, in the terms of years and codes."""
    years = {edition.pk: edition.year for edition in Edition.objects.all()}

    def named(pattern: list[int]) -> tuple[int, ...]:
        return tuple(sorted((years[abs(n)] * (1 if n > 0 else -1) for n in pattern), key=abs))

    return sorted(
        [
            *(
                (row.zone.code, row.tile, named(row.pattern), row.cells)
                for row in ZoneSeries.objects.select_related("zone")
            ),
            *(
                (row.tile, str(row.row), named(row.pattern), tuple(row.sums))
                for row in TileSeriesSums.objects.all()
            ),
        ]
    )


def assert_equals_oracle(region: Region, years: Iterable[int] = YEARS) -> None:
    children: dict[str, list[str]] = {"07": list(region.zones)}
    for code, parent in region.parents.items():
        children.setdefault(parent, []).append(code)
    for code in region.zones:
        assert stored(code) == oracle(region, [code], years), code
    for parent, codes in children.items():
        assert stored(parent) == oracle(region, codes, years), parent


@pytest.mark.parametrize("years", [(2021, 2018, 2023), (2023, 2021, 2018)])
def test_series_equal_the_oracle_in_any_order_of_ingest(
    region: Region, years: tuple[int, ...]
) -> None:
    load_zones(region)
    load_editions(region, years)
    assert_equals_oracle(region)
    assert not EditionTile.objects.filter(in_series=False).exists()


@pytest.mark.django_db(transaction=True)
def test_a_zone_is_read_as_a_series_of_what_all_editions_observed(region: Region) -> None:
    load_zones(region)
    load_editions(region)
    zone = Zone.objects.get(code="07")
    with read_side.snapshot() as connection:
        [series] = queries.series(connection, zone_ids=[zone.pk])[zone.pk] or ()
    codes = [region.masked(year) for year in YEARS]
    common = np.logical_and.reduce([code <= 11 for code in codes])
    assert [edition.year for edition in series.editions] == list(YEARS)
    assert series.common == common.sum() < max(series.observed)
    assert series.sealed == tuple((code[common] == 1).sum() for code in codes)
    assert series.observed == tuple((code <= 11).sum() for code in codes)


def test_two_editions_at_once_leave_the_rows_of_one_after_the_other(region: Region) -> None:
    load_zones(region)
    one, two = register(region, 2021), register(region, 2023)
    for number in Unit.objects.order_by("-tile", "-pk").values_list("pk", flat=True):
        work_unit(number)
    # Nothing is finalised yet, and no edition is lost: the last unit of a tile has counted both.
    for code in region.zones:
        assert stored(code) == oracle(region, [code], (2021, 2023))
    drain(one)
    assert_equals_oracle(region, (2021, 2023))
    drain(two)
    assert_equals_oracle(region, (2021, 2023))


@pytest.mark.django_db(transaction=True)
def test_units_of_one_tile_that_are_done_at_once_lose_no_edition(region: Region) -> None:
    load_zones(region)
    ingests = [register(region, year) for year in YEARS]
    by_tile = Unit.objects.order_by("tile").values_list("pk", flat=True)

    def work(run: Run) -> None:
        try:
            for number in by_tile.filter(run=run):
                assert work_unit(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(ingests)) as threads:
        list(threads.map(work, ingests))
    # 2018 has no coast: no later edition was loaded when it was registered.
    for code in region.zones:
        assert stored(code) == cell_by_cell(region.codes, [region.masks[code]])


def test_a_unit_done_twice_leaves_the_same_rows(region: Region) -> None:
    load_zones(region)
    load_editions(region)
    before = everything()
    run = Run.objects.filter(kind=Run.Kind.INGEST, edition__year=2021).get()
    Unit.objects.filter(run=run).update(state=Unit.State.QUEUED)
    Run.objects.filter(pk=run.pk).update(state=Run.State.QUEUED)
    drain(run)
    assert everything() == before


def test_zones_that_come_after_the_editions_have_series_too(region: Region, tmp_path: Path) -> None:
    for year in (2021, 2018, 2023):
        drain(register(region, year, everything=True))
    sums = everything()
    load_zones(region)
    for run in Run.objects.filter(kind=Run.Kind.COUNT).order_by("created_at"):
        drain(run)
    assert_equals_oracle(region)
    assert [row for row in everything() if row in sums] == sums


@pytest.mark.django_db(transaction=True)
def test_a_later_edition_of_a_part_counts_its_own_tiles_anew(
    region: Region, tmp_path: Path
) -> None:
    load_zones(region)
    load_editions(region, (2021, 2018))
    untouched = ZoneSeries.objects.filter(tile="E38N22")
    before = list(untouched.order_by("pk").values_list("pk", "cells"))
    # The north-western quarter alone, and a little less: within one 100 km tile.
    part = make_region(tmp_path / "part")
    write_raster(part.edition(2023), part.codes[2023][:28, :27], west=WEST, north=NORTH)
    part.codes[2023][28:] = 255
    part.codes[2023][:, 27:] = 255
    drain(register(part, 2023))
    assert EditionTile.objects.filter(edition__year=2023).count() == 1
    assert_equals_oracle(part)
    assert list(untouched.order_by("pk").values_list("pk", "cells")) == before
    # And the whole of it later: another version, which is not lost beside the first.
    drain(register(region, 2023))
    zone = Zone.objects.get(code="07")
    with read_side.snapshot() as connection:
        [series] = queries.series(connection, zone_ids=[zone.pk])[zone.pk] or ()
    assert [edition.version for edition in series.editions] == [1, 1, 2]
    assert series.observed[2] == (region.codes[2023] <= 11).sum()
    assert_equals_oracle_of_published(region)


def assert_equals_oracle_of_published(region: Region) -> None:
    zones = {zone.pk: zone.code for zone in Zone.objects.filter(code__in=region.zones)}
    with read_side.snapshot() as connection:
        found = queries.series(connection, zone_ids=list(zones))
    assert len(found) == len(zones)
    for zone_id, several in found.items():
        [series] = several or ()
        codes = {
            e.year: region.masked(e.year)[region.masks[zones[zone_id]]] for e in series.editions
        }
        common = np.logical_and.reduce([of_year <= 11 for of_year in codes.values()])
        assert series.common == common.sum()
        assert series.sealed == tuple((c[common] == 1).sum() for c in codes.values())


@pytest.mark.django_db(transaction=True)
def test_nothing_is_counted_anew_when_an_edition_is_withdrawn_or_published(region: Region) -> None:
    load_zones(region)
    load_editions(region)
    before = everything()
    zone = Zone.objects.get(code="0V")
    seen = []
    for action in (None, publication.withdraw_edition, publication.publish_edition):
        if action is not None:
            action(slug="clcplus-2021")
        assert everything() == before
        with read_side.snapshot() as connection:
            [series] = queries.series(connection, zone_ids=[zone.pk])[zone.pk] or ()
        seen.append(([edition.year for edition in series.editions], series.common))
    assert [years for years, _ in seen] == [[2018, 2021, 2023], [2018, 2023], [2018, 2021, 2023]]
    assert seen[0] == seen[2]
    # The cells that 2021 alone has not observed are common to the others.
    assert seen[1][1] >= seen[0][1]


@pytest.mark.django_db(transaction=True)
def test_modelled_editions_have_a_series_of_their_own(region: Region) -> None:
    load_zones(region)
    load_editions(region, (2018, 2021))
    sources = registration.check_sources(paths=[region.edition(2023)], product="clcplus", year=2023)
    drain(
        registration.register_edition(
            sources=sources, product="clcplus", year=2023, origin="modelled", publish=True
        )
    )
    zone = Zone.objects.get(code="07")
    with read_side.snapshot() as connection:
        official, modelled = queries.series(connection, zone_ids=[zone.pk])[zone.pk] or ()
    assert [edition.year for edition in official.editions] == [2018, 2021]
    assert [edition.year for edition in modelled.editions] == [2023]
    assert modelled.common == (region.codes[2023] <= 11).sum()


def test_each_pair_of_a_series_agrees_with_change_and_each_edition_with_statistics(
    region: Region,
) -> None:
    load_zones(region)
    load_editions(region)
    assert ZoneChange.objects.count() >= 3 * len(region.zones)
    assert ZoneStatistics.objects.count() >= 3 * len(region.zones)
    for change in ZoneChange.objects.select_related("earlier", "later"):
        cells = stored(Zone.objects.get(pk=change.zone_id).code)
        first, last = change.earlier.year, change.later.year
        both = {p: n for p, n in cells.items() if {first, last} <= set(map(abs, p))}
        assert sum(both.values()) == change.observed
        assert sum(n for p, n in both.items() if -first in p and last in p) == change.gain
        assert sum(n for p, n in both.items() if first in p and -last in p) == change.loss
    for row in ZoneStatistics.objects.select_related("edition", "zone"):
        cells = stored(row.zone.code)
        year = row.edition.year
        assert sum(n for p, n in cells.items() if year in p) == row.sealed
        assert sum(n for p, n in cells.items() if year in p or -year in p) == row.observed


@pytest.mark.parametrize("number", [0, 1])
def test_series_that_contradict_other_counts_end_the_run(region: Region, number: int) -> None:
    load_zones(region)
    load_editions(region, (2018, 2021))
    run = register(region, 2023)
    for unit in Unit.objects.filter(run=run):
        work_unit(unit.pk)
    row = ZoneSeries.objects.exclude(tile="").filter(pattern__len=3).first()
    assert row is not None
    if number == 0:
        ZoneSeries.objects.filter(pk=row.pk).update(cells=row.cells + 1)
    else:
        # Each edition's cells stay as many: only which of them changed is another.
        first, older, newer = row.pattern
        for pattern, cells in (
            ((older, newer), 1),
            ((-older, -newer), 1),
            ((older, -newer), -1),
            ((-older, newer), -1),
        ):
            ZoneSeries.objects.create(
                zone=row.zone, tile="other", pattern=[first, *pattern], cells=cells
            )
    with pytest.raises(BrokenInvariant, match="series"):
        runner.finish(run.kind, run.pk)
    assert not ZoneStatistics.objects.filter(edition__year=2023).exists()


@pytest.mark.django_db(transaction=True)
def test_of_a_zone_of_which_nothing_is_counted_over_all_editions_there_is_no_series(
    region: Region,
) -> None:
    load_zones(region)
    load_editions(region)
    zone = Zone.objects.get(code="0V001")
    ZoneSeries.objects.filter(zone=zone).delete()
    with read_side.snapshot() as connection:
        assert queries.series(connection, zone_ids=[zone.pk]) == {zone.pk: None}


@pytest.mark.django_db(transaction=True)
def test_a_zone_that_no_edition_observes_has_no_series(region: Region, tmp_path: Path) -> None:
    import shapely

    from clcplus.actions.territories.zones import import_zones

    far = {
        "far": shapely.box(4_500_000, 3_000_000, 4_500_100, 3_000_100),
        "near": shapely.box(3_800_000, 2_300_000, 3_800_100, 2_300_100),
    }
    import_zones(
        paths=[write_zones(tmp_path / "z.gpkg", far)],
        level="park",
        vintage=2024,
        code_field="code",
        name_field="name",
    )
    load_editions(region, (2021,))
    zone = Zone.objects.get(code="far")
    with read_side.snapshot() as connection:
        assert queries.series(connection, zone_ids=[zone.pk]) == {zone.pk: ()}


def test_editions_loaded_before_there_were_series_get_them_by_command(
    region: Region, capsys: pytest.CaptureFixture[str]
) -> None:
    load_zones(region)
    load_editions(region, (2021, 2018))
    before = everything()
    ZoneSeries.objects.all().delete()
    TileSeriesSums.objects.all().delete()
    EditionTile.objects.update(in_series=False)
    run = missed_series.plan()
    assert run is not None
    drain(run)
    assert everything() == before
    load_editions(region, (2023,))
    assert_equals_oracle(region)
    call_command("count_series")
    assert capsys.readouterr().out == "series: all stored tiles are counted\n"
    assert Run.objects.filter(kind=Run.Kind.SERIES).count() == 1
