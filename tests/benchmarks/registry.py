"""All rows, in the order of the table. A new one: a module with ROWS, and its name here."""

from __future__ import annotations

from tests.benchmarks import (
    change_filter,
    change_job,
    command_line,
    coverage,
    custom_zone,
    dashboard,
    decode_time,
    encoded_pairs,
    france,
    france_sample,
    ingest,
    intervals,
    kept_answers,
    posted_zone,
    prediction,
    readers,
    search,
    two_editions,
    uploads,
    zone_report,
    zone_sets,
)
from tests.benchmarks.rows import Row

ROWS: tuple[Row, ...] = (
    *two_editions.ROWS,
    *encoded_pairs.ROWS,
    *decode_time.ROWS,
    *change_filter.ROWS,
    *change_job.ROWS,
    *command_line.ROWS,
    *custom_zone.ROWS,
    *posted_zone.ROWS,
    *zone_report.ROWS,
    *zone_sets.ROWS,
    *coverage.ROWS,
    *france.ROWS,
    *france_sample.ROWS,
    *intervals.ROWS,
    *ingest.ROWS,
    *dashboard.ROWS,
    *kept_answers.ROWS,
    *search.ROWS,
    *uploads.ROWS,
    *readers.ROWS,
    *prediction.ROWS,
)


def chosen(names: list[str]) -> list[Row]:
    """Rows of these names, or whose names begin so (``france``); all without names.

    Raises ValueError for a name that no row has.
    """
    for name in names:
        if not any(_fits(row, name) for row in ROWS):
            known = ", ".join(row.name for row in ROWS)
            raise ValueError(f"there is no benchmark {name!r}; there are {known}")
    return [row for row in ROWS if not names or any(_fits(row, name) for name in names)]


def _fits(row: Row, name: str) -> bool:
    return row.name == name or row.name.startswith(f"{name}-")
