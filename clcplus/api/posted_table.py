"""The figures of a posted area as a table: one figure a row, as in the tables of territories."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from analytics import indicators
from analytics.figures import Change, CoverageFigures, Statistics
from analytics.nomenclature import CODES
from analytics.records import Status, TerritoryLink
from clcplus.files import cells, formats, tidy

_OF_A_TERRITORY = {"code", "name", "level", "vintage", "parent_level", "parent_code"}
COLUMNS = ("rule", *(name for name in tidy.COLUMNS if name not in _OF_A_TERRITORY))
"""Those of the other tables without what names a territory, and with the rule of counting."""


@dataclass(frozen=True, slots=True)
class _Nowhere:
    """An area has neither a code nor a name nor a parent; these columns are left out."""

    code: str = ""
    name: str = ""
    level: str = ""
    vintage: int = 0
    parent: TerritoryLink | None = None


def csv_text(
    statistics: Sequence[Statistics],
    changes: Sequence[Change],
    covered: Mapping[int, CoverageFigures] | None,
    *,
    dialect: str,
) -> str:
    """All rows as CSV in a dialect of the tables; ``covered`` are cells by the coverage rule."""
    counted = [
        *tidy.territory_rows(_Nowhere(), statistics),
        *tidy.territory_change_rows(_Nowhere(), changes),
    ]
    exact = [] if covered is None else list(_coverage(statistics, covered))
    number = cells.with_comma if dialect == formats.SPREADSHEET else _plain
    text = io.StringIO()
    separator = ";" if dialect == formats.SPREADSHEET else ","
    writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for rule, rows in (("centre", counted), ("coverage", exact)):
        for row in rows:
            intervals = (number(row.ci_low), number(row.ci_high))
            value = number(row.value)
            writer.writerow(
                (
                    rule,
                    row.edition,
                    row.indicator,
                    value,
                    row.unit,
                    *intervals,
                    row.status,
                    row.verdict,
                    row.partly_observed,
                )
            )
    return text.getvalue()


def covered_status(seen: bool, by_centre: Statistics) -> Status:
    """Status of an edition's figures by the coverage rule, beside those by the centre rule."""
    if not seen:
        return "not_observed"
    return "ok" if by_centre.status == "not_observed" else by_centre.status


def _plain(value: tidy.Value) -> tidy.Value:
    return value


def _coverage(
    statistics: Iterable[Statistics], covered: Mapping[int, CoverageFigures]
) -> Iterator[tidy.Row]:
    """Exact areas by class; nothing is told of what is not observed."""
    for record in statistics:
        edition = record.edition
        found = covered[edition.id]
        seen = found.observed > 0
        status = covered_status(seen, record)
        sealed = None if found.sealed is None else _m2(found.sealed)
        told: list[tuple[str, tidy.Value, str, Status]] = [
            ("observed_area", _m2(found.observed), "m2", "ok"),
            ("not_observed_area", _m2(found.not_observed), "m2", "ok"),
            ("sealed_area", sealed, "m2", status),
            ("sealed_share", found.share, "1", status),
        ]
        for code, part in zip(CODES, found.cells, strict=True):
            told.append((f"area_of_class_{code}", _m2(part) if seen else None, "m2", status))
        for indicator, value, unit, state in told:
            yield tidy.Row("", "", "", 0, edition.slug, indicator, value, unit, None, None, state)


def _m2(cells: float) -> float:
    return round(indicators.square_metres(cells), 3)
