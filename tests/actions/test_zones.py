"""Zones: import, levels, generations of boundaries; inhabitants."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from django.core.management import CommandError, call_command

from analytics.errors import DuplicateCode, InvalidGeometry, MissingField
from clcplus.actions.territories.population import import_population
from clcplus.actions.territories.zones import dissolve_zones, import_zones
from clcplus.errors import BadTable, UnknownLevel, WrongState
from clcplus.models import (
    Layer,
    Level,
    Population,
    Publication,
    Zone,
    ZoneSeries,
    ZoneStatistics,
)
from tests.region import Region, write_zones
from tests.runs import drain, load_editions, load_zones

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store", "quiet_broker")]


def load(path: Path, **options: object) -> Layer:
    return import_zones(
        paths=[path],
        **{
            "level": "commune",
            "vintage": 2024,
            "code_field": "code",
            "name_field": "name",
            **options,
        },
    ).layer


def test_levels_are_linked_and_cells_add_up(region: Region) -> None:
    load_zones(region)
    assert list(Level.objects.values_list("slug", "parent__slug")) == [
        ("region", None),
        ("departement", "region"),
        ("commune", "departement"),
    ]
    for zone in Zone.objects.filter(layer__level__slug="commune"):
        assert zone.cells == region.masks[zone.code].sum()
        assert zone.parent is not None
        assert zone.parent.code == region.parents[zone.code]
    assert Zone.objects.get(code="07").cells == 3600
    assert Zone.objects.get(code="0V001").search_name == "saint elie 0v001"


def test_a_dissolved_level_counted_by_itself_gives_the_same_cells(region: Region) -> None:
    import numpy as np

    from analytics.counting.zone_cells import count_cells

    load_zones(region)
    dissolved = list(Zone.objects.filter(layer__aggregated=True))
    assert {zone.layer.level.slug for zone in dissolved} == {"departement", "region"}
    for zone in dissolved:
        own = count_cells(np.array([shapely.from_wkb(bytes(zone.geometry.wkb))]))
        assert own.tolist() == [zone.cells]


def test_a_given_level_that_its_children_fill_is_their_sum(region: Region, tmp_path: Path) -> None:
    halves = {
        "0V": shapely.union_all([region.zones[c] for c, p in region.parents.items() if p == "0V"]),
        "1W": shapely.union_all([region.zones[c] for c, p in region.parents.items() if p == "1W"]),
    }
    given = load(write_zones(tmp_path / "d.gpkg", halves), level="departement")
    assert not given.aggregated
    load(region.communes, parent_field="parent", parent_level="departement")
    given.refresh_from_db()
    assert given.aggregated


def test_a_given_level_that_is_not_filled_is_counted_by_itself(
    region: Region, tmp_path: Path
) -> None:
    wide = {"0V": shapely.box(3_799_700, 2_299_700, 3_801_300, 2_300_300)}
    given = load(write_zones(tmp_path / "d.gpkg", wide), level="departement")
    load(region.communes, parent_field="parent", parent_level="departement")
    given.refresh_from_db()
    assert not given.aggregated
    assert Zone.objects.get(code="0V").cells == 160 * 60


def test_the_same_file_again_changes_nothing_and_another_is_refused(
    region: Region, tmp_path: Path
) -> None:
    first = load(region.communes)
    assert load(region.communes).pk == first.pk
    assert Layer.objects.count() == 1
    other = write_zones(tmp_path / "other.gpkg", {"x": shapely.box(0, 0, 10, 10)})
    with pytest.raises(WrongState, match=r"zones of commune 2024 that were imported"):
        load(other)
    assert Zone.objects.count() == 9


def test_a_bad_file_leaves_nothing(tmp_path: Path, region: Region) -> None:
    with pytest.raises(MissingField):
        load(region.communes, parent_field="departement")
    with pytest.raises(DuplicateCode):
        import_zones(
            paths=[region.communes, region.communes],
            level="commune",
            vintage=2024,
            code_field="code",
            name_field="name",
        )
    with pytest.raises(UnknownLevel, match=r"level 'departement'"):
        load(region.communes, parent_level="departement")
    assert not Layer.objects.exists()
    assert not Level.objects.exists()


def test_overlaps_and_repairs_are_in_the_report(tmp_path: Path) -> None:
    zones = {
        "a": shapely.box(0, 0, 100, 100),
        "b": shapely.box(90, 0, 200, 100),
        "c": shapely.Polygon([(300, 0), (400, 100), (400, 0), (300, 100)]),
    }
    report = load(write_zones(tmp_path / "z.gpkg", zones)).report
    assert report["overlap_m2"] == 1000
    assert [o["code"] for o in report["overlaps"]] == ["a"]
    assert [r["code"] for r in report["repairs"]] == ["c"]
    assert report["gap_m2"] == 0


def test_odd_outlines_have_the_cells_of_the_even_odd_rule(tmp_path: Path) -> None:
    square = shapely.box(0, 0, 1000, 1000)
    hole = [(0, 0), (1000, 0), (500, 500), (0, 0)]
    part = shapely.GeometryCollection([shapely.MultiPolygon([shapely.box(0, 2000, 100, 2100)])])
    zones = {
        "hole": shapely.Polygon(square.exterior, [hole]),
        "nested": shapely.GeometryCollection([part, shapely.box(500, 2000, 600, 2100)]),
    }
    path = tmp_path / "z.gpkg"
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array(list(zones.values()), dtype=object)),
        [np.array(list(zones), dtype=object)] * 2,
        fields=np.array(["code", "name"], dtype=object),
        crs="EPSG:3035",
        geometry_type="Unknown",
    )
    layer = load(path)
    cells = dict(Zone.objects.filter(layer=layer).values_list("code", "cells"))
    assert cells == {"hole": 7500, "nested": 200}


@pytest.mark.parametrize("x", [float("nan"), 1e300, 5e9])
def test_zones_that_lie_nowhere_leave_nothing(tmp_path: Path, x: float) -> None:
    square = shapely.box(0, 0, 100, 100)
    corners = shapely.get_coordinates(square)
    corners[1, 0] = x
    path = write_zones(
        tmp_path / "z.gpkg", {"a": square, "b": shapely.transform(square, lambda _: corners)}
    )
    with pytest.raises(InvalidGeometry, match=r"z\.gpkg: found a corner at .* in feature 2"):
        load(path)
    with pytest.raises(CommandError, match=r"^z\.gpkg: found a corner at [^\n]*$"):
        call_command(
            "import_zones", path, level="commune", vintage=2024, code_field="code",
            name_field="name",
        )  # fmt: skip
    assert not Layer.objects.exists()


def test_merged_zones_lead_to_their_successor(region: Region, tmp_path: Path) -> None:
    load_zones(region, vintage=2020)
    merged = {c: z for c, z in region.zones.items() if c != "0V002"}
    merged["0V001"] = shapely.union_all([region.zones["0V001"], region.zones["0V002"]])
    if merged["0V001"].geom_type == "Polygon":
        merged["0V001"] = shapely.MultiPolygon([merged["0V001"]])
    load(write_zones(tmp_path / "new.gpkg", merged))
    gone = Zone.objects.get(code="0V002")
    assert gone.successor is not None
    assert (gone.successor.code, gone.successor.layer.vintage) == ("0V001", 2024)
    assert Zone.objects.filter(successor__isnull=False).count() == 1


def test_dissolving_wants_a_name_for_every_parent(region: Region, tmp_path: Path) -> None:
    load(region.communes, parent_field="parent")
    names = tmp_path / "names.csv"
    names.write_text("code,name\n0V,Haut-Val\n", "utf-8")
    with pytest.raises(BadTable, match=r"no row for 1W"):
        dissolve_zones(path=names, level="departement", from_level="commune", vintage=2024)
    with pytest.raises(UnknownLevel, match=r"no layer of 2030"):
        dissolve_zones(path=names, level="departement", from_level="commune", vintage=2030)


def write_population(path: Path, rows: list[str], header: str = "code,year,population") -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return path


def test_inhabitants_are_summed_up_the_levels(region: Region, tmp_path: Path) -> None:
    load_zones(region)
    rows = [f"{code},2018,{100 + n}" for n, code in enumerate(region.zones)]
    assert import_population(path=write_population(tmp_path / "p.csv", rows), level="commune") == 9
    assert Population.objects.get(zone__code="07").inhabitants == 936
    assert Publication.objects.filter(event="population").count() == 1
    # Without the figure of one commune there is no sum of its département, nor of the region.
    partial = [f"{code},2023,5" for code in region.zones if code != "0V001"]
    import_population(path=write_population(tmp_path / "q.csv", partial), level="commune")
    assert set(
        Population.objects.filter(year=2023, zone__layer__aggregated=True).values_list(
            "zone__code", flat=True
        )
    ) == {"1W"}


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (["99999,2018,5"], "1 codes of no commune, such as 99999"),
        (["0V001,2018,many"], "line 2: found year '2018', population 'many'"),
        (["0V001,2018,-4"], "line 2: found -4"),
    ],
)
def test_bad_figures_store_nothing(
    region: Region, tmp_path: Path, rows: list[str], found: str
) -> None:
    load_zones(region)
    with pytest.raises(BadTable, match=found):
        import_population(path=write_population(tmp_path / "p.csv", rows), level="commune")
    assert not Population.objects.exists()


def test_a_table_without_the_columns_is_refused(region: Region, tmp_path: Path) -> None:
    load_zones(region)
    path = write_population(tmp_path / "p.csv", [], header="insee;annee;pop")
    with pytest.raises(MissingField, match=r"a column 'code'"):
        import_population(path=path, level="commune")


def test_a_new_vintage_is_counted_in_every_edition_beside_the_old(
    region: Region, tmp_path: Path
) -> None:
    """Series are those of today's boundary, back to the first edition."""
    load_zones(region, vintage=2020)
    load_editions(region, (2018, 2021, 2023))
    merged = {c: z for c, z in region.zones.items() if c != "0V002"}
    both = shapely.union_all([region.zones["0V001"], region.zones["0V002"]])
    merged["0V001"] = both if both.geom_type == "MultiPolygon" else shapely.MultiPolygon([both])
    path = write_zones(tmp_path / "new.gpkg", merged)
    imported = import_zones(
        paths=[path], level="commune", vintage=2024, code_field="code", name_field="name"
    )
    assert imported.run is not None
    drain(imported.run)

    def cells(code: str, vintage: int) -> dict[int, list[int]]:
        zone = Zone.objects.get(code=code, layer__level__slug="commune", layer__vintage=vintage)
        found = ZoneStatistics.objects.filter(zone=zone)
        return dict(found.values_list("edition__year", "cells"))

    today, first, second = cells("0V001", 2024), cells("0V001", 2020), cells("0V002", 2020)
    assert sorted(today) == [2018, 2021, 2023]
    for year, counts in today.items():
        assert counts == [a + b for a, b in zip(first[year], second[year], strict=True)]
    series = ZoneSeries.objects.filter(zone__layer__vintage=2024, zone__code="0V001")
    assert sum(series.values_list("cells", flat=True)) == sum(today[2021])


def test_figures_that_were_published_survive_a_new_vintage(region: Region) -> None:

    load_zones(region, vintage=2020)
    load_editions(region, (2021,))
    before = list(ZoneStatistics.objects.order_by("zone").values_list("zone", "cells"))
    load_zones(region, vintage=2024)
    assert list(ZoneStatistics.objects.order_by("zone").values_list("zone", "cells")) == before
