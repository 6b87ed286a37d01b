"""Store what was counted of custom zones: by COPY, then in place of what is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from analytics.change import Pattern
from analytics.custom_zones import Pair
from clcplus.bulk_copy import as_array, copy_rows
from clcplus.models import ZoneChange, ZoneCover, ZoneSeries, ZoneStatistics


@dataclass(slots=True)
class Figures:
    """Figures of zones as lists of numbers, by the keys of their rows: edition and zone; earlier
    edition, later edition and zone."""

    statistics: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    change: dict[tuple[int, int, int], list[int]] = field(default_factory=dict)
    cover: dict[tuple[int, int], list[float]] = field(default_factory=dict)
    series: dict[int, dict[Pattern, int]] = field(default_factory=dict)
    """By zone, its cells by pattern."""

    def add(
        self,
        zone_ids: Sequence[int],
        *,
        cells: Mapping[int, Any],
        matrices: Mapping[Pair, Any],
    ) -> None:
        """Take in arrays with a line for each zone."""
        for edition_id, lines in cells.items():
            for zone_id, line in zip(zone_ids, lines.tolist(), strict=True):
                self.statistics[edition_id, zone_id] = line
        for (earlier, later), squares in matrices.items():
            flat = squares.reshape(len(squares), -1).tolist()
            for zone_id, line in zip(zone_ids, flat, strict=True):
                self.change[earlier, later, zone_id] = line

    def add_cover(self, zone_ids: Sequence[int], cells: Mapping[int, Any]) -> None:
        """The same of figures by the rule *coverage*."""
        for edition_id, lines in cells.items():
            for zone_id, line in zip(zone_ids, lines.tolist(), strict=True):
                self.cover[edition_id, zone_id] = line

    def add_series(self, zone_ids: Sequence[int], patterns: Mapping[Pattern, Any]) -> None:
        """The same of counts by pattern, over all published editions."""
        for place, zone_id in enumerate(zone_ids):
            self.series[zone_id] = {
                pattern: int(counts[place]) for pattern, counts in patterns.items() if counts[place]
            }

    def merge(self, other: Figures) -> None:
        """Take in those of further zones."""
        self.statistics |= other.statistics
        self.change |= other.change
        self.cover |= other.cover
        self.series |= other.series


def store(figures: Figures) -> None:
    """Store figures, in place of those that are there; part of the open transaction.

    Those of editions and zones that were removed meanwhile are dropped.
    """
    keys_of_zones = (*figures.statistics, *figures.change, *figures.cover)
    zones = _held("clcplus_zone", {key[-1] for key in keys_of_zones} | set(figures.series))
    editions = _held("clcplus_edition", {number for key in keys_of_zones for number in key[:-1]})
    for table, keys, column, type_, rows in (
        (ZoneStatistics, ("edition_id", "zone_id"), "cells", "bigint[]", figures.statistics),
        (ZoneChange, ("earlier_id", "later_id", "zone_id"), "matrix", "bigint[]", figures.change),
        (ZoneCover, ("edition_id", "zone_id"), "cells", "double precision[]", figures.cover),
    ):
        kept = (
            (*key, as_array(line))
            for key, line in rows.items()
            if key[-1] in zones and editions.issuperset(key[:-1])
        )
        _upsert(table._meta.db_table, keys, column=column, type_=type_, rows=kept)
    _replace_series({zone: cells for zone, cells in figures.series.items() if zone in zones})


def _replace_series(series: Mapping[int, Mapping[Pattern, int]]) -> None:
    """Series instead of those that are there: patterns that no cell has any more are gone."""
    with connection.cursor() as cursor:
        # Two workers with the same zones take turns: each would insert what it cannot see.
        cursor.execute(
            "SELECT FROM clcplus_zone WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
            [list(series)],
        )
    ZoneSeries.objects.filter(zone__in=series).delete()
    copy_rows(
        ZoneSeries._meta.db_table,
        ("zone_id", "tile", "pattern", "cells"),
        (
            (zone_id, "", as_array(pattern), count)
            for zone_id, cells in series.items()
            for pattern, count in cells.items()
        ),
    )


def _held(table: str, ids: Iterable[int]) -> set[int]:
    """Those of some rows that are there, and will be to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM {table} WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE", [list(ids)]
        )
        return {number for (number,) in cursor.fetchall()}


def _upsert(
    table: str,
    keys: Sequence[str],
    *,
    column: str,
    type_: str,
    rows: Iterator[tuple[Any, ...]],
) -> None:
    names, beside = ", ".join(keys), f"{table}_counted"
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE {beside} ({', '.join(f'{key} bigint' for key in keys)},"
            f" {column} {type_}) ON COMMIT DROP"
        )
        copy_rows(beside, (*keys, column), rows)
        # In one order, so that two workers with the same zones do not wait for each other in turn.
        cursor.execute(
            f"INSERT INTO {table} ({names}, {column})"
            f" SELECT {names}, {column} FROM {beside} ORDER BY {names}"
            f" ON CONFLICT ({names}) DO UPDATE SET {column} = EXCLUDED.{column}"
        )
        cursor.execute(f"DROP TABLE {beside}")
