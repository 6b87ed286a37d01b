"""Figures of custom zones: collected during a count, then stored in place of former ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from analytics.change import Pattern
from analytics.patches import PRESETS
from clcplus.database.bulk_copy import as_array, copy_rows
from clcplus.models import (
    ZoneChange,
    ZoneCover,
    ZoneFilteredChange,
    ZoneSeries,
    ZoneStatistics,
)

# The key of a model's rows, and the column of its arrays with its type.
_COLUMNS = {
    ZoneStatistics: (("edition_id", "zone_id"), "cells", "bigint[]"),
    ZoneChange: (("earlier_id", "later_id", "zone_id"), "matrix", "bigint[]"),
    ZoneCover: (("edition_id", "zone_id"), "cells", "double precision[]"),
}


@dataclass(slots=True)
class Figures:
    """Figures of the zones that could be counted, and the reasons for the others."""

    lines: dict[type[Any], dict[tuple[int, ...], list[float]]] = field(
        default_factory=lambda: {model: {} for model in _COLUMNS}
    )
    """By model, arrays by the key of their row: edition ids, then the zone's."""
    series: dict[int, dict[Pattern, int]] = field(default_factory=dict)
    """By zone, its cells by pattern."""
    filtered: dict[tuple[int, int, int], dict[str, list[int]]] = field(default_factory=dict)
    """By ids of the editions and of the zone, cells of gain and of loss of each preset."""
    failed: dict[int, str] = field(default_factory=dict)

    def add(
        self,
        model: type[Any],
        zone_ids: Sequence[int],
        counts: Mapping[tuple[int], Any] | Mapping[tuple[int, int], Any],
    ) -> None:
        """Add arrays by edition ids; each has one entry for each zone."""
        for edition_ids, array in counts.items():
            lines = array.reshape(len(array), -1).tolist()
            for zone_id, line in zip(zone_ids, lines, strict=True):
                self.lines[model][*edition_ids, zone_id] = line

    def add_series(self, zone_ids: Sequence[int], patterns: Mapping[Pattern, Any]) -> None:
        """Add counts by pattern; each has one entry for each zone."""
        for place, zone_id in enumerate(zone_ids):
            self.series[zone_id] = {
                pattern: int(counts[place]) for pattern, counts in patterns.items() if counts[place]
            }

    def add_filtered(
        self,
        zone_ids: Sequence[int],
        counts: Mapping[tuple[int, int], Any],
        *,
        presets: Mapping[tuple[int, int], Sequence[str]],
    ) -> None:
        """Add filtered change by ids of editions, shape (zones, presets, 2): of the presets by
        which each pair was filtered."""
        for (earlier, later), array in counts.items():
            for zone_id, cells in zip(zone_ids, array.tolist(), strict=True):
                self.filtered[earlier, later, zone_id] = {
                    preset: of_preset
                    for preset, of_preset in zip(PRESETS, cells, strict=True)
                    if preset in presets[earlier, later]
                }

    def merge(self, other: Figures) -> None:
        """Add the figures of further zones."""
        for model, lines in other.lines.items():
            self.lines[model] |= lines
        self.series |= other.series
        self.filtered |= other.filtered


def store(figures: Figures) -> None:
    """Store figures in place of former ones, if their zones and editions were not removed."""
    keys: list[tuple[int, ...]] = [key for lines in figures.lines.values() for key in lines]
    keys += figures.filtered
    zones = _locked("clcplus_zone", {key[-1] for key in keys} | set(figures.series))
    editions = _locked("clcplus_edition", {number for key in keys for number in key[:-1]})
    for model, lines in figures.lines.items():
        _upsert(
            model,
            {
                key: line
                for key, line in lines.items()
                if key[-1] in zones and editions.issuperset(key[:-1])
            },
        )
    _replace_filtered(
        {
            key: cells
            for key, cells in figures.filtered.items()
            if key[-1] in zones and editions.issuperset(key[:-1])
        }
    )
    _replace_series({zone: cells for zone, cells in figures.series.items() if zone in zones})


def _replace_filtered(
    filtered: Mapping[tuple[int, int, int], Mapping[str, Sequence[int]]],
) -> None:
    """Filtered change instead of the former one: what a preset that is gone has left goes too."""
    _locked("clcplus_zone", {zone for *_, zone in filtered}, strength="NO KEY UPDATE")
    table = ZoneFilteredChange._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {table} stored USING unnest(%s::bigint[], %s::bigint[], %s::bigint[])"
            " AS counted(earlier, later, zone) WHERE stored.earlier_id = counted.earlier"
            " AND stored.later_id = counted.later AND stored.zone_id = counted.zone",
            [[key[place] for key in filtered] for place in range(3)],
        )
    copy_rows(
        table,
        ("earlier_id", "later_id", "zone_id", "preset", "gain", "loss"),
        (
            (*key, preset, gain, loss)
            for key, cells in filtered.items()
            for preset, (gain, loss) in cells.items()
        ),
    )


def _replace_series(series: Mapping[int, Mapping[Pattern, int]]) -> None:
    """Series instead of the former ones: patterns that no cell has any more are gone."""
    # Two workers with the same zones take turns: each would insert what it cannot see.
    _locked("clcplus_zone", series, strength="NO KEY UPDATE")
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


def _locked(table: str, ids: Iterable[int], *, strength: str = "KEY SHARE") -> set[int]:
    """The ids whose rows exist, locked until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM {table} WHERE id = ANY(%s) ORDER BY id FOR {strength}", [list(ids)]
        )
        return {number for (number,) in cursor.fetchall()}


def _upsert(model: type[Any], lines: Mapping[tuple[int, ...], list[float]]) -> None:
    table, (keys, column, type_) = model._meta.db_table, _COLUMNS[model]
    names, beside = ", ".join(keys), f"{table}_counted"
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE {beside} ({', '.join(f'{key} bigint' for key in keys)},"
            f" {column} {type_}) ON COMMIT DROP"
        )
        rows = ((*key, as_array(line)) for key, line in lines.items())
        copy_rows(beside, (*keys, column), rows)
        # In one order, so that two workers with the same zones do not wait for each other in turn.
        cursor.execute(
            f"INSERT INTO {table} ({names}, {column})"
            f" SELECT {names}, {column} FROM {beside} ORDER BY {names}"
            f" ON CONFLICT ({names}) DO UPDATE SET {column} = EXCLUDED.{column}"
        )
        cursor.execute(f"DROP TABLE {beside}")
