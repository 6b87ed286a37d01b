"""What has become of a territory, and what it was made of: by movements, else by its area."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    CTE,
    Connection,
    Row,
    Select,
    bindparam,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from analytics.queries import tables
from analytics.queries.single_statements import made_once
from analytics.queries.visible import link_columns, link_of, visible_zones
from analytics.records import Succession, Successions, Territory, TerritoryLink

_STEP = ("date", "step", "kind", "former_code", "former_name", "later_code", "later_name")


def successions(connection: Connection, territory: Territory) -> Successions:
    """What has become of a territory up to the newest visible vintage, and what it was made of
    since the oldest; nothing of custom zones. Two statements at most."""
    asked = {"of_level": territory.level, "of_code": territory.code}
    rows = connection.execute(_by_movements(), asked | {"of_vintage": territory.vintage}).all()
    ahead = _steps(row for row in rows if row.ahead)
    behind = _steps(row for row in rows if not row.ahead)
    if not territory.current and territory.successor and not _reaches_today(ahead):
        ahead = (*ahead, _by_area(territory.link, territory.successor))
    older = connection.execute(_by_areas(), asked | {"of_vintage": territory.vintage})
    behind = (*behind, *(_by_area(link_of(row), territory.link) for row in older))
    return Successions(successors=ahead, predecessors=behind)


def _reaches_today(steps: Sequence[Succession]) -> bool:
    return any(step.later is not None and step.later.current for step in steps)


def _by_area(former: TerritoryLink, later: TerritoryLink) -> Succession:
    return Succession(
        kind=None,
        day=None,
        former_code=former.code,
        former_name=former.name,
        code=later.code,
        name=later.name,
        former=former,
        later=later,
    )


def _steps(rows: Iterable[Row[Any]]) -> tuple[Succession, ...]:
    """Steps in the order of time, each with the zones that its codes have in visible vintages."""
    zones: dict[tuple[Any, ...], list[TerritoryLink]] = {}
    for row in rows:
        of_step = zones.setdefault(tuple(row._mapping[name] for name in _STEP), [])
        if row.id is not None:
            of_step.append(link_of(row))
    return tuple(_succession(step, zones[step]) for step in sorted(zones))


def _succession(step: tuple[Any, ...], zones: Sequence[TerritoryLink]) -> Succession:
    day, _, kind, former_code, former_name, code, name = step
    before = [zone for zone in zones if date(zone.vintage, 1, 1) < day]
    after = [zone for zone in zones if date(zone.vintage, 1, 1) >= day]
    return Succession(
        kind=kind,
        day=day,
        former_code=former_code,
        former_name=former_name,
        code=code or None,
        name=name or None,
        former=_newest(zone for zone in before if zone.code == former_code),
        later=_newest(zone for zone in after if zone.code == code),
    )


def _newest(links: Iterable[TerritoryLink]) -> TerritoryLink | None:
    return max(links, key=lambda link: link.vintage, default=None)


def _walk(*, ahead: bool) -> CTE:
    """Movements from a code of a vintage on, or back from it, each after or before the last."""
    movement, level = tables.movement, tables.level
    zone = visible_zones("vintages")
    span = (
        select(func.min(zone.c.vintage).label("oldest"), func.max(zone.c.vintage).label("newest"))
        .where(zone.c.level == bindparam("of_level"))
        .cte("span_ahead" if ahead else "span_behind")
    )
    own = func.make_date(bindparam("of_vintage"), 1, 1)
    oldest, newest = (func.make_date(column, 1, 1) for column in (span.c.oldest, span.c.newest))
    columns = [
        *(movement.c[name] for name in ("level_id", *_STEP[:5])),
        movement.c.code.label("later_code"),
        movement.c.name.label("later_name"),
    ]
    own_code = movement.c.former_code if ahead else movement.c.code
    first = (
        select(*columns)
        .join_from(movement, level, level.c.id == movement.c.level_id)
        .join(span, movement.c.date.between(oldest, newest))
        .where(
            level.c.slug == bindparam("of_level"),
            own_code == bindparam("of_code"),
            movement.c.date > (own if ahead else oldest),
            movement.c.date <= (newest if ahead else own),
        )
    )
    walk = first.cte("ahead" if ahead else "behind", recursive=True)
    place, known = (tuple_(source.c.date, source.c.step) for source in (movement, walk))
    further = (
        select(*columns)
        .join_from(
            walk,
            movement,
            (movement.c.level_id == walk.c.level_id)
            & (
                (movement.c.former_code == walk.c.later_code) & (place > known)
                if ahead
                else (movement.c.code == walk.c.former_code) & (place < known)
            ),
        )
        .join(span, (movement.c.date > oldest) & (movement.c.date <= newest))
    )
    return walk.union(further)


@made_once
def _by_movements() -> Select[Any]:
    ahead, behind = _walk(ahead=True), _walk(ahead=False)
    steps = (
        select(literal(True).label("ahead"), *(ahead.c[name] for name in _STEP))
        .union_all(select(literal(False).label("ahead"), *(behind.c[name] for name in _STEP)))
        .subquery("steps")
    )
    zone = visible_zones("named")
    return select(*steps.c, *link_columns(zone)).outerjoin_from(
        steps,
        zone,
        (zone.c.level == bindparam("of_level"))
        & or_(zone.c.code == steps.c.former_code, zone.c.code == steps.c.later_code),
    )


@made_once
def _by_areas() -> Select[Any]:
    """Zones of older vintages that lie in a territory by their area, of which no movement tells."""
    zone, heir, movement = visible_zones("gone"), visible_zones("heir"), tables.movement
    told = (
        select(literal(1))
        .select_from(movement)
        .where(
            movement.c.level_id == zone.c.level_id,
            movement.c.former_code == zone.c.code,
            movement.c.code != zone.c.code,
            movement.c.date > func.make_date(zone.c.vintage, 1, 1),
            movement.c.date <= func.make_date(heir.c.vintage, 1, 1),
        )
        .exists()
    )
    return (
        select(*link_columns(zone))
        .join_from(zone, heir, heir.c.id == zone.c.successor_id)
        .where(
            heir.c.level == bindparam("of_level"),
            heir.c.code == bindparam("of_code"),
            heir.c.vintage <= bindparam("of_vintage"),
            ~told,
        )
        .order_by(zone.c.vintage, zone.c.code)
    )
