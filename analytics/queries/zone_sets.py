"""Sets of custom zones as wholes: what their zones add up to, what a page of them needs, and which
of them are published."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    cast,
    func,
    select,
)

from analytics.change import patterns
from analytics.figures import Change, CoverageFigures, Statistics
from analytics.nomenclature import CODES, OBSERVED_CODES, SEALED
from analytics.queries import tables
from analytics.queries.statistics import mark_partly_observed, statistics_of_cells
from analytics.queries.visible import (
    EDITION_COLUMNS,
    edition_of,
    most_observed,
    visible_editions,
    visible_layers,
    visible_zones,
)
from analytics.records import Edition, Series
from analytics.search import search_keys

_CLASSES = len(OBSERVED_CODES)
_SEALED = OBSERVED_CODES.index(SEALED)
_MOST_NAMES = 2_000


@dataclass(frozen=True, slots=True)
class SetStatistics:
    """A set in an edition: the sum of the ``zones`` of it that are counted."""

    zones: int
    statistics: Statistics


@dataclass(frozen=True, slots=True)
class SetChange:
    """Change of a set: the sum of the ``zones`` of it that are counted."""

    zones: int
    change: Change


@dataclass(frozen=True, slots=True)
class SetSummary:
    """A set in a list, with what its zones add up to in one edition."""

    level: str
    name: str
    zones: int
    cells: int
    counted: int
    """Zones whose figures are known in the edition."""
    sealed: int
    observed: int
    most: int
    """Cells of its zones that are observed in the edition that observes most of each."""


@dataclass(frozen=True, slots=True)
class SetName:
    """A published set, as a search finds it or a list offers it."""

    level: str
    name: str
    zones: int


def _sum(column: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(column), 0), BigInteger)


@functools.cache
def _statistics() -> Select[Any]:
    zone, counts, edition = visible_zones(), tables.zone_statistics, visible_editions()
    sums = [_sum(counts.c.cells[i]).label(f"c{i}") for i in range(1, len(CODES) + 1)]
    columns = [edition.c[name] for name in EDITION_COLUMNS]
    return (
        select(*columns, func.count().label("zones"), *sums)
        .select_from(zone)
        .join(counts, counts.c.zone_id == zone.c.id)
        .join(edition, edition.c.id == counts.c.edition_id)
        .where(zone.c.level == bindparam("wanted"), zone.c.custom, zone.c.current)
        .group_by(*columns)
        .order_by(edition.c.year, edition.c.slug)
    )


def set_statistics(connection: Connection, *, level: str) -> list[SetStatistics]:
    """The sums of a set's zones, one for each published edition in which any of them is counted.
    What lies in two zones counts twice. One statement."""
    found = []
    for row in connection.execute(_statistics(), {"wanted": level}):
        cells = [row._mapping[f"c{i}"] for i in range(1, len(CODES) + 1)]
        found.append(SetStatistics(row.zones, statistics_of_cells(edition_of(row), cells)))
    # An edition of which fewer zones are counted has not observed less: its count is not done.
    most = max((item.zones for item in found), default=0)
    whole = iter(mark_partly_observed(item.statistics for item in found if item.zones == most))
    return [replace(i, statistics=next(whole)) if i.zones == most else i for i in found]


@functools.cache
def _patterns() -> Select[Any]:
    zone, counts = visible_zones(), tables.zone_series
    return (
        select(counts.c.pattern, _sum(counts.c.cells).label("cells"))
        .join(zone, zone.c.id == counts.c.zone_id)
        .where(zone.c.level == bindparam("wanted"), zone.c.custom, zone.c.current)
        .group_by(counts.c.pattern)
    )


def set_series(
    connection: Connection, *, level: str, observed: Sequence[tuple[Edition, int]]
) -> tuple[Series, ...] | None:
    """As :func:`analytics.queries.series`, of a set as a whole; ``observed`` are published editions
    with the cells of the set that each has observed. What lies in two zones counts twice. None
    where the cells are not counted over all of these editions yet. One statement."""
    rows = connection.execute(_patterns(), {"wanted": level})
    cells = {tuple(row.pattern): row.cells for row in rows}
    if any(patterns.observed(cells, edition.id) != count for edition, count in observed):
        return None
    lines: dict[tuple[str, str], list[tuple[Edition, int]]] = {}
    for edition, count in observed:
        if count:
            lines.setdefault((edition.product, edition.origin), []).append((edition, count))
    return tuple(
        Series(
            editions=tuple(edition for edition, _ in line),
            observed=tuple(count for _, count in line),
            courses=patterns.courses(cells, [edition.id for edition, _ in line]),
        )
        for line in lines.values()
    )


def _cell(before: int, after: int) -> int:
    """Where a pair of classes, by their places, stands in a stored matrix."""
    return before * _CLASSES + after + 1


@functools.cache
def _changes() -> Select[Any]:
    zone, counts = visible_zones(), tables.zone_change
    earlier, later = visible_editions("earlier"), visible_editions("later")
    columns = [
        edition.c[name].label(f"{prefix}_{name}")
        for prefix, edition in (("earlier", earlier), ("later", later))
        for name in EDITION_COLUMNS
    ]
    matrix = counts.c.matrix
    sums = [_sum(counts.c.observed).label("observed")]
    for i in range(_CLASSES):
        sums.append(_sum(matrix[_cell(i, _SEALED)]).label(f"gain_{i}"))
        sums.append(_sum(matrix[_cell(_SEALED, i)]).label(f"loss_{i}"))
    return (
        select(*columns, func.count().label("zones"), *sums)
        .select_from(zone)
        .join(counts, counts.c.zone_id == zone.c.id)
        .join(earlier, earlier.c.id == counts.c.earlier_id)
        .join(
            later,
            and_(later.c.id == counts.c.later_id, later.c.product == earlier.c.product),
        )
        .where(zone.c.level == bindparam("wanted"), zone.c.custom, zone.c.current)
        .group_by(*(column for edition in (earlier, later) for column in edition.c))
        .order_by(earlier.c.year, later.c.year, earlier.c.slug, later.c.slug)
    )


def set_changes(connection: Connection, *, level: str) -> list[SetChange]:
    """The sums of the changes of a set's zones, for each pair of published editions in which any
    of them is counted. One statement."""
    rows = connection.execute(_changes(), {"wanted": level})
    return [SetChange(row.zones, _change(row)) for row in rows]


def _change(row: Row[*tuple[Any, ...]]) -> Change:
    found = row._mapping
    gain = {OBSERVED_CODES[i]: found[f"gain_{i}"] for i in range(_CLASSES) if i != _SEALED}
    loss = {OBSERVED_CODES[i]: found[f"loss_{i}"] for i in range(_CLASSES) if i != _SEALED}
    kept, seen = found[f"gain_{_SEALED}"], bool(row.observed)
    return Change(
        earlier=edition_of(row, "earlier_"),
        later=edition_of(row, "later_"),
        status="indicative" if seen else "not_observed",
        observed=row.observed,
        gain=sum(gain.values()) if seen else None,
        loss=sum(loss.values()) if seen else None,
        sealed_before=kept + sum(loss.values()) if seen else None,
        sealed_after=kept + sum(gain.values()) if seen else None,
        gain_by_former_class=gain if seen else {},
        loss_by_later_class=loss if seen else {},
        # Of no use for a whole, whose zones may overlap.
        matrix=(),
    )


def set_cells(connection: Connection, *, level: str) -> int:
    """Cells of all zones of a set. One statement."""
    zone = visible_zones()
    return int(
        connection.execute(
            select(_sum(zone.c.cells)).where(zone.c.level == level, zone.c.custom, zone.c.current)
        ).scalar_one()
    )


def covers_of(
    connection: Connection, *, ids: Sequence[int], edition_id: int
) -> dict[int, CoverageFigures]:
    """Small zones by the rule *coverage*, by id; only of zones that have such figures. One
    statement."""
    zone, cover, edition = visible_zones(), tables.zone_cover, visible_editions()
    rows = connection.execute(
        select(cover.c.zone_id, cover.c.cells)
        .join(zone, zone.c.id == cover.c.zone_id)
        .join(edition, edition.c.id == cover.c.edition_id)
        .where(cover.c.zone_id.in_(list(ids)), edition.c.id == edition_id)
    )
    return {row.zone_id: CoverageFigures(row.cells) for row in rows}


def set_summaries(
    connection: Connection, *, edition_id: int | None, first: int, most: int
) -> tuple[list[SetSummary], int]:
    """Published sets by name, ``most`` of them after the ``first``, and how many there are. Two
    statements."""
    layer, zone, counts = visible_layers(), visible_zones(), tables.zone_statistics
    published = (layer.c.custom, layer.c.current)
    total = connection.execute(
        select(func.count()).select_from(layer).where(*published)
    ).scalar_one()
    chosen = (
        select(layer.c.id, layer.c.level, layer.c.level_name, layer.c.zones_total)
        .where(*published)
        .order_by(func.lower(layer.c.level_name), layer.c.level)
        .offset(first)
        .limit(most)
        .subquery("chosen")
    )
    rows = connection.execute(
        select(
            chosen.c.level,
            chosen.c.level_name,
            chosen.c.zones_total,
            _sum(zone.c.cells).label("cells"),
            func.count(counts.c.zone_id).label("counted"),
            _sum(counts.c.sealed).label("sealed"),
            _sum(counts.c.observed).label("observed"),
            _sum(most_observed(zone)).label("most"),
        )
        .select_from(chosen)
        .join(zone, zone.c.layer_id == chosen.c.id)
        .outerjoin(counts, and_(counts.c.zone_id == zone.c.id, counts.c.edition_id == edition_id))
        .group_by(chosen.c.level, chosen.c.level_name, chosen.c.zones_total)
        .order_by(func.lower(chosen.c.level_name), chosen.c.level)
    )
    found = [
        SetSummary(
            level=row.level,
            name=row.level_name,
            zones=row.zones_total,
            cells=row.cells,
            counted=row.counted,
            sealed=row.sealed,
            observed=row.observed,
            most=row.most,
        )
        for row in rows
    ]
    return found, total


@functools.cache
def _names() -> Select[Any]:
    layer = visible_layers()
    return (
        select(layer.c.level, layer.c.level_name, layer.c.zones_total)
        .where(layer.c.custom, layer.c.current)
        .order_by(func.lower(layer.c.level_name), layer.c.level)
        .limit(_MOST_NAMES)
    )


def set_names(connection: Connection) -> list[SetName]:
    """Published sets by name. One statement."""
    rows = connection.execute(_names())
    return [SetName(row.level, row.level_name, row.zones_total) for row in rows]


def sets_named(connection: Connection, *, text: str, limit: int) -> list[SetName]:
    """Published sets of which each word of ``text`` begins a word of the name. One statement."""
    keys = [key.split() for key in search_keys(text) if len(key.replace(" ", "")) > 1]
    if not keys:
        return []

    def matches(name: str) -> bool:
        return any(
            all(any(word.startswith(part) for word in written.split()) for part in key)
            for written in search_keys(name)
            for key in keys
        )

    return [item for item in set_names(connection) if matches(item.name)][:limit]


@dataclass(frozen=True, slots=True)
class BulkCover:
    """A row of the table of small zones by the rule *coverage*: sums of fractions of cells."""

    code: str
    name: str
    level: str
    vintage: int
    edition: str
    sealed: float
    observed: float
    not_observed: float


def bulk_covers(connection: Connection, *, level: str) -> Iterator[BulkCover]:
    """Small zones of a set by the rule *coverage*, by code, then by year. One statement, read as
    the rows are taken."""
    zone, cover, edition = visible_zones(), tables.zone_cover, visible_editions()
    statement = (
        select(
            zone.c.code, zone.c.name, zone.c.vintage, edition.c.slug.label("edition"), cover.c.cells
        )
        .select_from(zone)
        .join(cover, cover.c.zone_id == zone.c.id)
        .join(edition, edition.c.id == cover.c.edition_id)
        .where(zone.c.level == level, zone.c.current)
        .order_by(zone.c.code, edition.c.year, edition.c.slug)
    )
    with connection.execute(statement, execution_options={"yield_per": 2_000}) as rows:
        for row in rows:
            yield BulkCover(
                code=row.code,
                name=row.name,
                level=level,
                vintage=row.vintage,
                edition=row.edition,
                sealed=row.cells[_SEALED],
                observed=sum(row.cells[:_CLASSES]),
                not_observed=sum(row.cells[_CLASSES:]),
            )
