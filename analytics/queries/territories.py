"""One territory, lists of them, and the search by name or code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    or_,
    select,
)

from analytics import tables
from analytics.queries.geometry import WGS84
from analytics.queries.visible import LINK_COLUMNS, link_of, visible_zones
from analytics.records import Page, Territory, TerritoryLink, TerritorySummary
from analytics.search import search_key


def _links(source: FromClause) -> list[ColumnElement[Any]]:
    return [source.c[column] for column in LINK_COLUMNS]


def territory(
    connection: Connection, *, level: str, code: str, vintage: int | None = None
) -> Territory | None:
    """The territory of a code; without ``vintage`` of the newest layer that has the code.

    Four statements at most.
    """
    zone = visible_zones()
    shape = func.ST_Transform(zone.c.geometry, WGS84)
    statement = (
        select(
            *_links(zone),
            zone.c.cells,
            zone.c.parent_id,
            zone.c.successor_id,
            zone.c.source,
            func.ST_Area(zone.c.geometry).label("area_m2"),
            func.ST_XMin(shape).label("west"),
            func.ST_YMin(shape).label("south"),
            func.ST_XMax(shape).label("east"),
            func.ST_YMax(shape).label("north"),
        )
        .where(zone.c.level == level, zone.c.code == code)
        .order_by(zone.c.vintage.desc())
        .limit(1)
    )
    if vintage is not None:
        statement = statement.where(zone.c.vintage == vintage)
    row = connection.execute(statement).one_or_none()
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
        successor=None if row.successor_id is None else _successor(connection, row.successor_id),
        inhabitants=_inhabitants(connection, row.id),
    )


def exists(connection: Connection, *, level: str, code: str) -> bool:
    """Whether a visible layer of the level has the code."""
    zone = visible_zones()
    found = select(zone.c.id).where(zone.c.level == level, zone.c.code == code).limit(1)
    return connection.execute(found).scalar() is not None


def _ancestors(connection: Connection, zone_id: int) -> tuple[TerritoryLink, ...]:
    """The visible territory of an id and those above it, from the top."""
    zone = visible_zones()
    start = select(*_links(zone), zone.c.parent_id, literal(0).label("depth")).where(
        zone.c.id == zone_id
    )
    chain = start.cte("chain", recursive=True)
    above = visible_zones("above")
    chain = chain.union_all(
        select(*_links(above), above.c.parent_id, chain.c.depth + 1).join_from(
            above, chain, chain.c.parent_id == above.c.id
        )
    )
    rows = connection.execute(select(*_links(chain)).order_by(chain.c.depth.desc()))
    return tuple(link_of(row) for row in rows)


def _successor(connection: Connection, zone_id: int) -> TerritoryLink | None:
    """Where a territory has gone: the end of the chain of successors, in its newest vintage."""
    zone, later = tables.zone, tables.zone.alias("later")
    chain = (
        select(zone.c.id, zone.c.successor_id, literal(0).label("depth"))
        .where(zone.c.id == zone_id)
        .cte("chain", recursive=True)
    )
    chain = chain.union_all(
        select(later.c.id, later.c.successor_id, chain.c.depth + 1).join_from(
            later, chain, chain.c.successor_id == later.c.id
        )
    )
    step, newest = visible_zones("step"), visible_zones("newest")
    row = connection.execute(
        select(*_links(newest))
        .select_from(chain)
        .join(step, step.c.id == chain.c.id)
        .join(
            newest,
            and_(newest.c.level_id == step.c.level_id, newest.c.code == step.c.code),
        )
        .order_by(chain.c.depth.desc(), newest.c.vintage.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else link_of(row)


def _inhabitants(connection: Connection, zone_id: int) -> dict[int, int]:
    population = tables.population
    rows = connection.execute(
        select(population.c.year, population.c.inhabitants)
        .where(population.c.zone_id == zone_id)
        .order_by(population.c.year)
    )
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


def below(level: str, code: str) -> Select[Any]:
    """Ids of the zones below a territory, at any depth."""
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


def search(connection: Connection, *, text: str, limit: int = 10) -> list[TerritorySummary]:
    """Territories of any level by the beginning of a word of their name, or by code.

    An exact code comes first, then higher levels, names that begin with the text, population.
    A code that the newest layer no longer has is found too, after the rest. One statement.
    """
    key = search_key(text)
    if not key:
        return []
    zone = visible_zones()
    exact = zone.c.code.in_(_codes(text))
    gone = and_(zone.c.successor_id.is_not(None), or_(~zone.c.current))
    statement = _summaries(zone).where(or_(zone.c.current, gone), _named(zone, text))
    found = statement.order_by(
        case((exact, 0), else_=1),
        case((zone.c.current, 0), else_=1),
        zone.c.level_rank,
        case(
            (zone.c.search_name == key, 0),
            (zone.c.search_name.like(f"{key}%"), 1),
            else_=2,
        ),
        latest_inhabitants(zone.c.id).desc().nulls_last(),
        zone.c.name,
        zone.c.code,
    ).limit(limit)
    return [_summary(row) for row in connection.execute(found)]
