"""What the read side tells of the small world of :mod:`tests.world`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Connection

from analytics import indicators, queries
from clcplus import reading
from clcplus.models import Publication
from tests.statements import counted
from tests.world import World, world

__all__ = ["world"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(world: World) -> Iterator[Connection]:
    with reading.snapshot() as opened:
        yield opened


# Editions -----------------------------------------------------------------------------------------
def test_only_published_editions_are_seen(connection: Connection) -> None:
    assert [e.slug for e in queries.editions(connection)] == ["clcplus-2018", "clcplus-2021"]
    assert queries.edition(connection, slug="clcplus-2021").year == 2021
    assert queries.edition(connection, slug="clcplus-2023") is None


def test_identity_is_the_last_publication(connection: Connection) -> None:
    last = Publication.objects.latest("id")
    assert queries.data_version(connection).number == last.pk
    assert str(queries.data_version(connection)).startswith(f"{last.pk}-")


# Levels and territories ---------------------------------------------------------------------------
def test_levels_tell_the_newest_active_vintage(connection: Connection) -> None:
    found = {level.slug: level for level in queries.levels(connection)}
    assert list(found) == queries.level_slugs(connection) == ["region", "departement", "commune"]
    commune = found["commune"]
    assert (commune.vintage, commune.vintages, commune.zones) == (2024, (2024, 2020), 4)
    assert commune.parent == "departement"
    west, south, east, north = commune.bounds
    assert 5.59 < west < east < 5.66
    assert 49.12 < south < north < 49.14


def test_a_territory_of_the_newest_layer(connection: Connection) -> None:
    with counted() as sent:
        found = queries.territory(connection, level="commune", code="07001")
    assert len(sent) == 3
    assert found.name == "Saint-Élie-d'Aubrac"
    assert (found.vintage, found.current, found.cells) == (2024, True, 10_000)
    assert found.area_m2 == pytest.approx(1_000_000)
    assert [link.code for link in found.ancestors] == ["07", "07N"]
    assert found.parent.code == "07N"
    assert found.successor is None
    assert found.inhabitants == {2018: 1000, 2021: 1060}


def test_a_territory_of_an_older_vintage(connection: Connection) -> None:
    with counted() as sent:
        found = queries.territory(connection, level="commune", code="07003")
    assert len(sent) == 4
    assert (found.vintage, found.current) == (2020, False)
    assert (found.successor.code, found.successor.vintage) == ("07002", 2024)
    old = queries.territory(connection, level="commune", code="07002", vintage=2020)
    assert (old.cells, old.current) == (5_000, False)


@pytest.mark.parametrize(
    ("level", "code", "vintage"),
    [
        ("commune", "99999", None),
        ("departement", "07001", None),
        ("commune", "07999", None),
        ("commune", "07001", 2026),
    ],
)
def test_unknown_and_hidden_territories(
    connection: Connection, level: str, code: str, vintage: int | None
) -> None:
    assert queries.territory(connection, level=level, code=code, vintage=vintage) is None


def test_lists_are_paged(connection: Connection) -> None:
    with counted() as sent:
        page = queries.territories(connection, level="commune", page=2, page_size=3)
    assert len(sent) == 2
    assert (page.total, page.last) == (4, 2)
    assert [item.link.code for item in page.items] == ["07102"]
    assert page.items[0].parent_name == "Sud-Valmont"
    assert page.items[0].inhabitants is None


def test_lists_below_a_territory_at_any_depth(connection: Connection) -> None:
    below = queries.territories(connection, within=("region", "07"))
    assert [i.link.code for i in below.items] == ["07N", "07S", "07001", "07002", "07101", "07102"]
    south = queries.territories(connection, level="commune", within=("departement", "07S"))
    assert [item.link.code for item in south.items] == ["07101", "07102"]


# Statistics ---------------------------------------------------------------------------------------
def test_statistics(connection: Connection, world: World) -> None:
    with counted() as sent:
        first, second = queries.statistics(connection, zone_id=world.zones["07101"].pk)
    assert len(sent) == 1
    assert (first.edition.year, first.sealed, first.observed, first.not_observed) == (
        2018,
        900,
        9_000,
        1_000,
    )
    assert first.by_class[10] == 4_000
    assert (second.sealed, second.observed, second.not_observed) == (1_100, 5_000, 5_000)
    assert (second.by_class[253], second.by_class[254]) == (4_000, 1_000)


def test_not_observed_is_not_zero(connection: Connection, world: World) -> None:
    first, second = queries.statistics(connection, zone_id=world.zones["07102"].pk)
    assert (first.status, first.sealed) == ("ok", 500)
    assert (second.status, second.sealed, second.by_class) == ("not_observed", None, {})
    assert (second.observed, second.not_observed) == (0, 10_000)
    assert indicators.sealed_share(second.sealed, second.observed) is None


def test_children_sum_to_their_parent(connection: Connection, world: World) -> None:
    edition = queries.edition(connection, slug="clcplus-2018")
    with counted() as sent:
        children = queries.children(
            connection, zone_id=world.zones["07N"].pk, edition_id=edition.id
        )
    assert len(sent) == 1
    # Those of 2024, not those of 2020 which have the same parent.
    assert [child.link.code for child in children] == ["07002", "07001"]
    assert [child.sealed for child in children] == [2_000, 1_000]
    (parent, _) = queries.statistics(connection, zone_id=world.zones["07N"].pk)
    assert sum(child.sealed for child in children) == parent.sealed
    assert sum(child.observed for child in children) == parent.observed


def test_children_that_are_not_observed(connection: Connection, world: World) -> None:
    edition = queries.edition(connection, slug="clcplus-2021")
    children = queries.children(connection, zone_id=world.zones["07S"].pk, edition_id=edition.id)
    assert [(c.link.code, c.status, c.partly, c.sealed) for c in children] == [
        ("07102", "not_observed", False, None),
        ("07101", "ok", True, 1_100),
    ]


# Rankings -----------------------------------------------------------------------------------------
def test_ranks_with_ties(connection: Connection, world: World) -> None:
    edition = queries.edition(connection, slug="clcplus-2018").id
    peers = queries.peers(connection, zone_id=world.zones["07102"].pk, edition_id=edition)
    assert {p.link.code: p.rank for p in peers} == {"07002": 1, "07001": 2, "07101": 2, "07102": 4}


def test_ranks_leave_out_what_is_not_observed(connection: Connection, world: World) -> None:
    edition = queries.edition(connection, slug="clcplus-2021").id
    nowhere = queries.peers(connection, zone_id=world.zones["07102"].pk, edition_id=edition)
    assert nowhere == []
    peers = queries.peers(connection, zone_id=world.zones["07101"].pk, edition_id=edition)
    assert [(p.link.code, p.rank) for p in peers] == [("07101", 1), ("07002", 2), ("07001", 3)]


def test_peers(connection: Connection, world: World) -> None:
    edition = queries.edition(connection, slug="clcplus-2018").id
    with counted() as sent:
        peers = queries.peers(
            connection, zone_id=world.zones["07001"].pk, edition_id=edition, either_side=1
        )
    assert len(sent) == 1
    assert [(p.link.code, p.rank) for p in peers] == [("07002", 1), ("07001", 2), ("07101", 2)]


# Change -------------------------------------------------------------------------------------------
def test_change(connection: Connection, world: World) -> None:
    with counted() as sent:
        (found,) = queries.changes(connection, zone_id=world.zones["07001"].pk)
    assert len(sent) == 1
    assert (found.earlier.year, found.later.year, found.status) == (2018, 2021, "indicative")
    assert (found.observed, found.gain, found.loss, found.net) == (10_000, 100, 40, 60)
    assert (found.sealed_before, found.sealed_after) == (1_000, 1_060)
    assert found.gain_by_former_class[6] == 100
    assert found.loss_by_later_class[6] == 40
    assert found.matrix[5][0] == 100
    assert found.matrix[0][5] == 40
    assert found.sealed_before + found.gain - found.loss == found.sealed_after
    again = queries.change(
        connection,
        zone_id=world.zones["07001"].pk,
        earlier=found.earlier.id,
        later=found.later.id,
    )
    assert again == found


def test_change_counts_cells_observed_in_both(connection: Connection, world: World) -> None:
    (found,) = queries.changes(connection, zone_id=world.zones["07101"].pk)
    assert (found.observed, found.gain, found.loss) == (5_000, 200, 0)
    assert found.gain_by_former_class[3] == 200


def test_change_that_is_not_observed_is_not_zero(connection: Connection, world: World) -> None:
    (found,) = queries.changes(connection, zone_id=world.zones["07102"].pk)
    assert (found.status, found.gain, found.loss, found.net) == ("not_observed", None, None, None)
    assert found.matrix == ()


def test_no_change_with_an_unpublished_edition(connection: Connection, world: World) -> None:
    for earlier, later in ((2018, 2023), (2021, 2023), (2021, 2018)):
        found = queries.change(
            connection,
            zone_id=world.zones["07001"].pk,
            earlier=world.editions[earlier].pk,
            later=world.editions[later].pk,
        )
        assert found is None


# Bulk ---------------------------------------------------------------------------------------------
def test_bulk_statistics(connection: Connection, world: World) -> None:
    published = queries.editions(connection)
    every = [*published, replace(published[0], id=world.editions[2023].pk)]
    with counted() as sent:
        rows = list(queries.bulk_statistics(connection, level="commune", editions=every))
    assert len(sent) == 1
    assert [(zone.code, r.edition.slug[-4:], r.sealed) for zone, r in rows] == [
        ("07001", "2018", 1000),
        ("07001", "2021", 1060),
        ("07002", "2018", 2000),
        ("07002", "2021", 2000),
        ("07101", "2018", 900),
        ("07101", "2021", 1100),
        ("07102", "2018", 500),
        ("07102", "2021", None),
    ]
    assert rows[-1][1].status == "not_observed"
    assert rows[-1][1].not_observed == 10_000


def test_bulk_change_agrees_with_change(connection: Connection, world: World) -> None:
    earlier, later = queries.editions(connection)
    with counted() as sent:
        rows = list(queries.bulk_change(connection, level="commune", earlier=earlier, later=later))
    assert len(sent) == 1
    for zone, row in rows:
        one = queries.change(
            connection, zone_id=world.zones[zone.code].pk, earlier=earlier.id, later=later.id
        )
        assert (row.status, row.observed, row.gain, row.loss) == (
            one.status,
            one.observed,
            one.gain,
            one.loss,
        )
        assert (row.sealed_before, row.sealed_after) == (one.sealed_before, one.sealed_after)


def test_bulk_change_with_an_unpublished_edition_is_empty(
    connection: Connection, world: World
) -> None:
    earlier = queries.editions(connection)[0]
    unpublished = replace(earlier, id=world.editions[2023].pk)
    rows = queries.bulk_change(connection, level="commune", earlier=earlier, later=unpublished)
    assert list(rows) == []


# Shapes -------------------------------------------------------------------------------------------
def test_geometry_is_geojson_in_degrees(connection: Connection, world: World) -> None:
    shape = queries.geometry(connection, zone_id=world.zones["07001"].pk)
    assert set(shape) == {"type", "coordinates"}
    assert shape["type"] == "MultiPolygon"
    (ring,) = shape["coordinates"][0]
    assert ring[0] == ring[-1]
    assert all(5.59 < lon < 5.62 and 49.12 < lat < 49.14 for lon, lat in ring)
    assert all(round(value, 7) == value for point in ring for value in point)
