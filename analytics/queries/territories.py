"""One territory, and lists of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    Subquery,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from analytics.queries import tables
from analytics.queries.populations import latest_inhabitants, populations_of
from analytics.queries.single_statements import made_once
from analytics.queries.visible import (
    LINK_COLUMNS,
    WGS84,
    bounds_of,
    edges_of,
    link_columns,
    link_of,
    visible_zones,
)
from analytics.records import (
    NamedZone,
    Page,
    Parent,
    PlacedTerritory,
    Territory,
    TerritoryLink,
    TerritorySummary,
)
from analytics.search import search_key


def named_zones(zone: FromClause) -> Select[Any]:
    """Zones with what :func:`named_zone` reads."""
    parent = visible_zones("parent")
    return select(
        zone.c.code,
        zone.c.name,
        zone.c.level,
        zone.c.vintage,
        parent.c.level.label("parent_level"),
        parent.c.code.label("parent_code"),
    ).outerjoin_from(zone, parent, parent.c.id == zone.c.parent_id)


def named_zone(row: Row[*tuple[Any, ...]]) -> NamedZone:
    """A zone as rows of tables name it."""
    parent = None if row.parent_code is None else Parent(row.parent_level, row.parent_code)
    return NamedZone(row.code, row.name, row.level, row.vintage, parent)


def parents(connection: Connection, *, zone_ids: Collection[int]) -> dict[int, Parent]:
    """The visible territory one level above each visible zone, by the id of the zone; nothing of
    those that have none. One statement."""
    zone, above = visible_zones(), visible_zones("above")
    rows = connection.execute(
        select(zone.c.id, above.c.level, above.c.code)
        .join_from(zone, above, above.c.id == zone.c.parent_id)
        .where(zone.c.id.in_(zone_ids))
    )
    return {row.id: Parent(row.level, row.code) for row in rows}


@made_once
def _territory(*, by_vintage: bool) -> Select[Any]:
    zone = visible_zones()
    wanted = (
        select(
            *link_columns(zone),
            zone.c.cells,
            zone.c.parent_id,
            zone.c.successor_id,
            zone.c.source,
            func.ST_Area(zone.c.geometry).label("area_m2"),
            # Turned once: the limit keeps the four edges from turning it again.
            func.ST_Envelope(func.ST_Transform(zone.c.geometry, WGS84)).label("box"),
        )
        .where(zone.c.level == bindparam("of_level"), zone.c.code == bindparam("of_code"))
        .order_by(zone.c.vintage.desc())
        .limit(1)
    )
    if by_vintage:
        wanted = wanted.where(zone.c.vintage == bindparam("of_vintage"))
    found = wanted.subquery("found")
    return select(found, *edges_of(found.c.box))


def territory(
    connection: Connection, *, level: str, code: str, vintage: int | None = None
) -> Territory | None:
    """The territory of a code; without ``vintage`` of the newest layer that has the code.

    Four statements at most.
    """
    by_vintage = vintage is not None
    row = connection.execute(
        _territory(by_vintage=by_vintage),
        {"of_level": level, "of_code": code} | ({"of_vintage": vintage} if by_vintage else {}),
    ).one_or_none()
    if row is None:
        return None
    ancestors = () if row.parent_id is None else _ancestors(connection, row.parent_id)
    later = {} if row.successor_id is None else successors(connection, [row.successor_id])
    return Territory(
        **{name: row._mapping[name] for name in (*LINK_COLUMNS, "area_m2", "cells", "source")},
        bounds=bounds_of(row),
        ancestors=ancestors,
        successor=later.get(row.successor_id),
        inhabitants=populations_of(connection, ids=[row.id]).get(row.id, {}),
    )


def exists(connection: Connection, *, level: str, code: str) -> bool:
    """Whether a visible layer of the level has the code."""
    zone = visible_zones()
    found = select(zone.c.id).where(zone.c.level == level, zone.c.code == code).limit(1)
    return connection.execute(found).scalar() is not None


@made_once
def _chain() -> Select[Any]:
    zone = visible_zones()
    start = select(*link_columns(zone), zone.c.parent_id, literal(0).label("depth")).where(
        zone.c.id == bindparam("wanted")
    )
    chain = start.cte("chain", recursive=True)
    above = visible_zones("above")
    chain = chain.union_all(
        select(*link_columns(above), above.c.parent_id, chain.c.depth + 1).join_from(
            above, chain, chain.c.parent_id == above.c.id
        )
    )
    return select(*link_columns(chain)).order_by(chain.c.depth.desc())


def _ancestors(connection: Connection, zone_id: int) -> tuple[TerritoryLink, ...]:
    """The visible territory of an id and those above it, from the top."""
    rows = connection.execute(_chain(), {"wanted": zone_id})
    return tuple(link_of(row) for row in rows)


def successors(connection: Connection, zone_ids: Collection[int]) -> dict[int, TerritoryLink]:
    """Where territories have gone: the ends of their chains of successors, in the newest vintage.

    ``zone_ids`` are of successors; one that leads to nothing visible has no entry. One statement.
    """
    zone, later = tables.zone, tables.zone.alias("later")
    chain = (
        select(zone.c.id.label("first"), zone.c.id, zone.c.successor_id, literal(0).label("depth"))
        .where(zone.c.id.in_(zone_ids))
        .cte("chain", recursive=True)
    )
    chain = chain.union_all(
        select(chain.c.first, later.c.id, later.c.successor_id, chain.c.depth + 1).join_from(
            later, chain, chain.c.successor_id == later.c.id
        )
    )
    step, newest = visible_zones("step"), visible_zones("newest")
    rows = connection.execute(
        select(chain.c.first, *link_columns(newest))
        .select_from(chain)
        .join(step, step.c.id == chain.c.id)
        .join(
            newest,
            and_(newest.c.level_id == step.c.level_id, newest.c.code == step.c.code),
        )
        .order_by(chain.c.first, chain.c.depth.desc(), newest.c.vintage.desc())
    )
    found: dict[int, TerritoryLink] = {}
    for row in rows:
        found.setdefault(row.first, link_of(row))
    return found


def _placed(zone: Subquery) -> Select[Any]:
    """Zones with what :func:`_placed_territory` reads."""
    parent = tables.zone.alias("parent")
    return select(
        *link_columns(zone), zone.c.cells, parent.c.name.label("parent_name")
    ).outerjoin_from(zone, parent, parent.c.id == zone.c.parent_id)


def _placed_territory(row: Row[*tuple[Any, ...]]) -> PlacedTerritory:
    return PlacedTerritory(link=link_of(row), parent_name=row.parent_name, cells=row.cells)


@made_once
def _placed_by_id() -> Select[Any]:
    zone = visible_zones()
    return _placed(zone).where(zone.c.id.in_(bindparam("ids", expanding=True)))


def placed_territories(connection: Connection, *, ids: Sequence[int]) -> dict[int, PlacedTerritory]:
    """Visible territories by id. One statement."""
    rows = connection.execute(_placed_by_id(), {"ids": ids})
    return {row.id: _placed_territory(row) for row in rows}


def territories_by_code(
    connection: Connection, *, places: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], PlacedTerritory]:
    """Territories by level and code, each of the newest layer that has it. One statement."""
    zone = visible_zones()
    if not places:
        return {}
    rows = connection.execute(
        _placed(zone)
        .where(tuple_(zone.c.level, zone.c.code).in_(list(places)))
        .order_by(zone.c.vintage)
    )
    # A newer vintage replaces an older one.
    return {(row.level, row.code): _placed_territory(row) for row in rows}


def links_of_levels(connection: Connection, *, levels: Sequence[str]) -> list[TerritoryLink]:
    """Territories of some levels' newest layers, by level and name. One statement."""
    zone = visible_zones()
    rows = connection.execute(
        select(*link_columns(zone))
        .where(zone.c.level.in_(levels), zone.c.current)
        .order_by(zone.c.level_rank, zone.c.search_name, zone.c.code)
    )
    return [link_of(row) for row in rows]


def summary(row: Row[*tuple[Any, ...]]) -> TerritorySummary:
    """A territory in a list, of a row that has its link, its parent's name and its inhabitants."""
    return TerritorySummary(link_of(row), row.parent_name, row.cells, row.inhabitants)


def _named(zone: Subquery, text: str) -> ColumnElement[bool]:
    """Whether the code is ``text``, or each word of it begins a word of the name."""
    stripped = text.strip()
    by_code = zone.c.code.in_(sorted({stripped, stripped.upper()}))
    words = search_key(text).split()
    if not words:
        return by_code
    name = zone.c.search_name
    # A key holds letters, digits and single spaces only: nothing that LIKE would take for a sign.
    by_name = (or_(name.like(f"{word}%"), name.like(f"% {word}%")) for word in words)
    return or_(by_code, and_(*by_name))


def territories(
    connection: Connection,
    *,
    level: str | None = None,
    search: str = "",
    within: tuple[str, str] | None = None,
    page: int = 1,
    page_size: int = 100,
) -> Page[TerritorySummary]:
    """Territories of the newest layers, in the order of level and code; pages count from 1.

    ``within`` is the level and code of a territory that holds them. Two statements.
    """
    zone = visible_zones()
    wanted = of_level(zone, level, within)
    if search:
        wanted.append(_named(zone, search))
    total = connection.execute(select(func.count()).select_from(zone).where(*wanted)).scalar_one()
    rows = connection.execute(
        _placed(zone)
        .add_columns(latest_inhabitants(zone.c.id))
        .where(*wanted)
        .order_by(zone.c.level_rank, zone.c.code)
        .limit(page_size)
        .offset((page - 1) * page_size)
    )
    return Page(
        items=tuple(map(summary, rows)),
        total=total,
        number=page,
        size=page_size,
    )


def of_level(
    zone: FromClause, level: str | None, within: tuple[str, str] | None
) -> list[ColumnElement[bool]]:
    """Conditions that keep the zones of the newest layers, or of a level's; and of those what lies
    below the territory of a level and a code."""
    wanted: list[ColumnElement[bool]] = [zone.c.current]
    if level is not None:
        wanted.append(zone.c.level == level)
    if within is not None:
        wanted.append(zone.c.id.in_(below(*within)))
    return wanted


def ids_below(connection: Connection, level: str, code: str) -> list[int]:
    """Ids of the zones below a territory, at any depth. One statement."""
    return list(connection.execute(below(level, code)).scalars())


def below(level: str, code: str) -> Select[Any]:
    """A statement of :func:`ids_below`."""
    top, zone = visible_zones("top"), tables.zone
    newest = (
        select(top.c.id)
        .where(top.c.level == level, top.c.code == code)
        .order_by(top.c.vintage.desc())
        .limit(1)
        .scalar_subquery()
    )
    found = select(zone.c.id).where(zone.c.parent_id == newest).cte("below", recursive=True)
    deeper = tables.zone.alias("deeper")
    found = found.union(select(deeper.c.id).join(found, deeper.c.parent_id == found.c.id))
    return select(found.c.id)
