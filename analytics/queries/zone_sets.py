"""Sets of custom zones as wholes: what their zones add up to, what a page of them needs, and which
of them are published."""

from __future__ import annotations

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

from analytics.figures import Change, CoverageFigures, Statistics
from analytics.nomenclature import CODES, OBSERVED_CODES, SEALED
from analytics.queries import tables
from analytics.queries.changes import change_of_flows
from analytics.queries.evidence import filtered_of
from analytics.queries.filtered_pairs import Ids
from analytics.queries.series import series_of_cells
from analytics.queries.single_statements import made_once
from analytics.queries.statistics import AS_TAKEN, mark_partly_observed, statistics_of_cells
from analytics.queries.territories import named_zone, named_zones
from analytics.queries.visible import (
    edition_columns,
    edition_of,
    most_observed,
    visible_editions,
    visible_layers,
    visible_zones,
)
from analytics.records import Edition, NamedZone, Series
from analytics.search import search_keys

_CLASSES = len(OBSERVED_CODES)
_SEALED = OBSERVED_CODES.index(SEALED)
_MOST_NAMES = 2_000


_SetFlows = dict[str, tuple[int, tuple[int, int]]]
"""By preset, how many zones are counted, and their cells of gain and of loss."""


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
class SetName:
    """A published set, as a search finds it or a list offers it."""

    level: str
    name: str
    zones: int


@dataclass(frozen=True, slots=True)
class SetSummary(SetName):
    """A set in a list, with what its zones add up to in one edition."""

    cells: int
    counted: int
    """Zones whose figures are known in the edition."""
    sealed: int
    observed: int
    most: int
    """Cells of its zones that are observed in the edition that observes most of each."""


def _sum(column: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(column), 0), BigInteger)


@made_once
def _statistics() -> Select[Any]:
    zone, counts, edition = visible_zones(), tables.zone_statistics, visible_editions()
    sums = [_sum(counts.c.cells[i]).label(f"c{i}") for i in range(1, len(CODES) + 1)]
    columns = edition_columns(edition)
    return (
        select(*columns, func.count().label("zones"), *sums)
        .select_from(zone)
        .join(counts, counts.c.zone_id == zone.c.id)
        .join(edition, edition.c.id == counts.c.edition_id)
        .where(zone.c.level == bindparam("wanted"), zone.c.custom, zone.c.current)
        .group_by(*edition.c)
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


def set_series(
    connection: Connection, *, level: str, observed: Sequence[tuple[Edition, int]]
) -> tuple[Series, ...] | None:
    """As :func:`analytics.queries.series`, of a set as a whole; ``observed`` are published editions
    with the cells of the set that each has observed. What lies in two zones counts twice. None
    where the cells are not counted over all of these editions yet. One statement."""
    zone, counts = visible_zones(), tables.zone_series
    rows = connection.execute(
        select(counts.c.pattern, _sum(counts.c.cells).label("cells"))
        .join(zone, zone.c.id == counts.c.zone_id)
        .where(zone.c.level == level, zone.c.custom, zone.c.current)
        .group_by(counts.c.pattern)
    )
    return series_of_cells({tuple(row.pattern): row.cells for row in rows}, observed=dict(observed))


def _cell(before: int, after: int) -> int:
    """Where a pair of classes, by their places, stands in a stored matrix."""
    return before * _CLASSES + after + 1


@made_once
def _changes() -> Select[Any]:
    zone, counts = visible_zones(), tables.zone_change
    earlier, later = visible_editions("earlier"), visible_editions("later")
    columns = [*edition_columns(earlier, "earlier_"), *edition_columns(later, "later_")]
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
    of them is counted; with what the filters leave, where that is known of all these. Two
    statements."""
    rows = connection.execute(_changes(), {"wanted": level}).all()
    filtered = _filtered(connection, level) if rows else {}
    found = []
    for row in rows:
        change = _change(row)
        flows = filtered.get((change.earlier.id, change.later.id), {})
        # Those of fewer zones would be a sum of something else.
        whole = {preset: cells for preset, (zones, cells) in flows.items() if zones == row.zones}
        if change.observed:
            change = replace(change, filtered=filtered_of(whole))
        found.append(SetChange(row.zones, change))
    return found


def _filtered(connection: Connection, level: str) -> dict[Ids, _SetFlows]:
    """What the filters leave of the zones of a set, by pair."""
    zone, counts, pair = visible_zones(), tables.zone_filtered_change, tables.filtered_pair
    rows = connection.execute(
        select(
            counts.c.earlier_id,
            counts.c.later_id,
            counts.c.preset,
            func.count().label("zones"),
            _sum(counts.c.gain).label("gain"),
            _sum(counts.c.loss).label("loss"),
        )
        .select_from(zone)
        .join(counts, counts.c.zone_id == zone.c.id)
        .join(
            pair,
            and_(pair.c.earlier_id == counts.c.earlier_id, pair.c.later_id == counts.c.later_id),
        )
        .where(zone.c.level == level, zone.c.custom, zone.c.current)
        .group_by(counts.c.earlier_id, counts.c.later_id, counts.c.preset)
    )
    found: dict[Ids, _SetFlows] = {}
    for row in rows:
        of_pair = found.setdefault((row.earlier_id, row.later_id), {})
        of_pair[row.preset] = row.zones, (row.gain, row.loss)
    return found


def _change(row: Row[*tuple[Any, ...]]) -> Change:
    """The matrix of a whole is of no use, since its zones may overlap."""
    found = row._mapping
    others = [(i, code) for i, code in enumerate(OBSERVED_CODES) if i != _SEALED]
    return change_of_flows(
        edition_of(row, "earlier_"),
        edition_of(row, "later_"),
        observed=row.observed,
        kept=found[f"gain_{_SEALED}"],
        gain={code: found[f"gain_{i}"] for i, code in others},
        loss={code: found[f"loss_{i}"] for i, code in others},
    )


def set_cells(connection: Connection, *, level: str) -> int:
    """Cells of all zones of a set. One statement."""
    zone = visible_zones()
    return int(
        connection.execute(
            select(_sum(zone.c.cells)).where(zone.c.level == level, zone.c.custom, zone.c.current)
        ).scalar_one()
    )


def coverage_figures_of(
    connection: Connection, *, ids: Sequence[int], edition_id: int
) -> dict[int, CoverageFigures]:
    """Small zones by the rule *coverage*, by id; only of zones that have such figures. One
    statement."""
    zone, coverage, edition = visible_zones(), tables.zone_coverage, visible_editions()
    rows = connection.execute(
        select(coverage.c.zone_id, coverage.c.cells)
        .join(zone, zone.c.id == coverage.c.zone_id)
        .join(edition, edition.c.id == coverage.c.edition_id)
        .where(coverage.c.zone_id.in_(list(ids)), edition.c.id == edition_id)
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
    return [SetSummary(*row) for row in rows], total


def set_names(connection: Connection) -> list[SetName]:
    """Published sets by name. One statement."""
    layer = visible_layers()
    rows = connection.execute(
        select(layer.c.level, layer.c.level_name, layer.c.zones_total)
        .where(layer.c.custom, layer.c.current)
        .order_by(func.lower(layer.c.level_name), layer.c.level)
        .limit(_MOST_NAMES)
    )
    return [SetName(*row) for row in rows]


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


def bulk_coverage_figures(
    connection: Connection, *, level: str
) -> Iterator[tuple[NamedZone, str, CoverageFigures]]:
    """Small zones of a set by the rule *coverage*, with the slug of the edition, by code, then by
    year. One statement, read as the rows are taken."""
    zone, coverage, edition = visible_zones(), tables.zone_coverage, visible_editions()
    statement = (
        named_zones(zone)
        .add_columns(edition.c.slug, coverage.c.cells)
        .join(coverage, coverage.c.zone_id == zone.c.id)
        .join(edition, edition.c.id == coverage.c.edition_id)
        .where(zone.c.level == level, zone.c.current)
        .order_by(zone.c.code, edition.c.year, edition.c.slug)
    )
    with connection.execute(statement, execution_options=AS_TAKEN) as rows:
        for row in rows:
            yield named_zone(row), row.slug, CoverageFigures(row.cells)
