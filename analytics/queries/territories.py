"""One territory, and lists of them."""

from __future__ import annotations

import functools
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
)

from analytics.queries import tables
from analytics.queries.geometry import WGS84
from analytics.queries.visible import LINK_COLUMNS, link_of, visible_zones
from analytics.records import Page, Territory, TerritoryLink, TerritorySummary
from analytics.search import search_key


def _links(source: FromClause) -> list[ColumnElement[Any]]:
    return [source.c[column] for column in LINK_COLUMNS]


@functools.cache
def _territory(*, by_vintage: bool) -> Select[Any]:
    zone = visible_zones()
    wanted = (
        select(
            *_links(zone),
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
    return select(
        found,
        func.ST_XMin(found.c.box).label("west"),
        func.ST_YMin(found.c.box).label("south"),
        func.ST_XMax(found.c.box).label("east"),
        func.ST_YMax(found.c.box).label("north"),
    )


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
    return Territory(
        id=row.id,
        level=row.level,
        level_name=row.level_name,
        code=row.code,
        name=row.name,
        vintage=row.vintage,
        current=row.current,
        area_m2=row.area_m2,
        cells=row.cells,
        bounds=(row.west, row.south, row.east, row.north),
        source=row.source,
        parent=ancestors[-1] if ancestors else None,
        ancestors=ancestors,
        successor=successors(connection, [row.successor_id]).get(row.successor_id)
        if row.successor_id is not None
        else None,
        inhabitants=_inhabitants(connection, row.id),
    )


def exists(connection: Connection, *, level: str, code: str) -> bool:
    """Whether a visible layer of the level has the code."""
    zone = visible_zones()
    found = select(zone.c.id).where(zone.c.level == level, zone.c.code == code).limit(1)
    return connection.execute(found).scalar() is not None


@functools.cache
def _chain() -> Select[Any]:
    zone = visible_zones()
    start = select(*_links(zone), zone.c.parent_id, literal(0).label("depth")).where(
        zone.c.id == bindparam("wanted")
    )
    chain = start.cte("chain", recursive=True)
    above = visible_zones("above")
    chain = chain.union_all(
        select(*_links(above), above.c.parent_id, chain.c.depth + 1).join_from(
            above, chain, chain.c.parent_id == above.c.id
        )
    )
    return select(*_links(chain)).order_by(chain.c.depth.desc())


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
        select(chain.c.first, *_links(newest))
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


@functools.cache
def _people() -> Select[Any]:
    population = tables.population
    return (
        select(population.c.year, population.c.inhabitants)
        .where(population.c.zone_id == bindparam("wanted"))
        .order_by(population.c.year)
    )


def _inhabitants(connection: Connection, zone_id: int) -> dict[int, int]:
    rows = connection.execute(_people(), {"wanted": zone_id})
    return {row.year: row.inhabitants for row in rows}


def latest_inhabitants(zone_id: ColumnElement[Any]) -> ColumnElement[int | None]:
    """The newest number of inhabitants of a zone, as a column."""
    population = tables.population
    return (
        select(population.c.inhabitants)
        .where(population.c.zone_id == zone_id)
        .order_by(population.c.year.desc())
        .limit(1)
        .correlate_except(population)
        .scalar_subquery()
        .label("inhabitants")
    )


def _summaries(zone: Subquery) -> Select[Any]:
    parent = tables.zone.alias("parent")
    return select(
        *_links(zone),
        zone.c.cells,
        parent.c.name.label("parent_name"),
        latest_inhabitants(zone.c.id),
    ).outerjoin_from(zone, parent, parent.c.id == zone.c.parent_id)


def _summary(row: Row[*tuple[Any, ...]]) -> TerritorySummary:
    return TerritorySummary(
        link=link_of(row),
        parent_name=row.parent_name,
        inhabitants=row.inhabitants,
        cells=row.cells,
    )


def _named(zone: Subquery, text: str) -> ColumnElement[bool]:
    """Whether the code is ``text``, or each word of it begins a word of the name."""
    words = search_key(text).split()
    by_code = zone.c.code.in_(_codes(text))
    if not words:
        return by_code
    # A key holds letters, digits and single spaces only: nothing that LIKE would take for a sign.
    by_name = and_(
        *(
            or_(
                zone.c.search_name.like(f"{word}%"),
                zone.c.search_name.like(f"% {word}%"),
            )
            for word in words
        )
    )
    return or_(by_code, by_name)


def _codes(text: str) -> Sequence[str]:
    stripped = text.strip()
    return sorted({stripped, stripped.upper()})


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
    wanted: list[ColumnElement[bool]] = [zone.c.current]
    if level is not None:
        wanted.append(zone.c.level == level)
    if search:
        wanted.append(_named(zone, search))
    if within is not None:
        wanted.append(zone.c.id.in_(below(*within)))
    total = connection.execute(select(func.count()).select_from(zone).where(*wanted)).scalar_one()
    rows = connection.execute(
        _summaries(zone)
        .where(*wanted)
        .order_by(zone.c.level_rank, zone.c.code)
        .limit(page_size)
        .offset((page - 1) * page_size)
    )
    return Page(
        items=tuple(_summary(row) for row in rows),
        total=total,
        number=page,
        size=page_size,
    )


def of_level(
    zone: FromClause, level: str, within: tuple[str, str] | None
) -> list[ColumnElement[bool]]:
    """Conditions that keep the zones of a level's newest layer, and of those what lies below the
    territory of a level and a code."""
    wanted: list[ColumnElement[bool]] = [zone.c.level == level, zone.c.current]
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
