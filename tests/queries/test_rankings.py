"""What is told from a level's table is what the statements of rankings say."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from analytics import queries
from analytics.figures import TerritoryStatistics
from analytics.queries.level_table import level_table
from analytics.queries.rankings import peers_of, ranking_of
from analytics.queries.ties import Standing
from analytics.records import Page
from clcplus import reading
from tests.world import World, world

__all__ = ["world"]
pytestmark = pytest.mark.django_db


def _standing(connection: Connection, level: str, world: World) -> Standing:
    edition = queries.edition(connection, slug="clcplus-2021")
    assert edition is not None
    table = level_table(connection, level=level, edition_id=edition.id, pair=None)
    return Standing(table, edition, ())


def _listed(
    connection: Connection, world: World, level: str, *, lowest_first: bool
) -> list[TerritoryStatistics]:
    """All territories of a level as the statements have them: peers in their order, then those that
    are not observed."""
    edition = world.editions[2021].pk
    observed, others = LISTED[level]
    ranked = queries.peers(
        connection, zone_id=world.zones[observed].pk, edition_id=edition, either_side=9
    )
    if lowest_first:
        ranked.sort(key=lambda row: (-(row.rank or 0), row.link.code))
    unseen = [
        row
        for code, parent in others.items()
        for row in queries.children(connection, zone_id=world.zones[parent].pk, edition_id=edition)
        if row.link.code == code
    ]
    return [*ranked, *unseen]


LISTED: dict[str, tuple[str, dict[str, str]]] = {
    "region": ("07", {}),
    "departement": ("07N", {}),
    "commune": ("07001", {"07102": "07S"}),
}
"""One that is observed; those that are not, with what holds them."""


@pytest.mark.parametrize("level", ["region", "departement", "commune"])
@pytest.mark.parametrize("lowest_first", [False, True])
@pytest.mark.parametrize(("page", "size"), [(1, 100), (1, 2), (2, 3), (9, 2)])
def test_ranking(world: World, level: str, lowest_first: bool, page: int, size: int) -> None:
    with reading.snapshot() as connection:
        expected = _listed(connection, world, level, lowest_first=lowest_first)
        standing = _standing(connection, level, world)
        found = ranking_of(
            connection, standing, lowest_first=lowest_first, page=page, page_size=size
        )
    assert len(expected) == {"region": 1, "departement": 2, "commune": 4}[level]
    assert found == Page(
        items=tuple(expected[(page - 1) * size : page * size]),
        total=len(expected),
        number=page,
        size=size,
    )


@pytest.mark.parametrize("code", ["07001", "07002", "07101", "07102"])
@pytest.mark.parametrize("either_side", [1, 3])
def test_peers(world: World, code: str, either_side: int) -> None:
    zone = world.zones[code].pk
    with reading.snapshot() as connection:
        said = queries.peers(
            connection,
            zone_id=zone,
            edition_id=world.editions[2021].pk,
            either_side=either_side,
        )
        standing = _standing(connection, "commune", world)
        told = peers_of(connection, standing, zone_id=zone, either_side=either_side)
    assert told == said
    assert bool(told) == (code != "07102")
