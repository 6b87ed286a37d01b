"""Bulk tables as tidy rows: one figure a row, its unit and its status in columns of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Literal, NamedTuple, Protocol, get_args

from analytics import indicators
from analytics.figures import (
    OUTCOMES,
    Change,
    ChangeVerdict,
    Outcome,
    Statistics,
    TerritoryStatistics,
    VerdictBasis,
)
from analytics.nomenclature import OBSERVED_CODES, SEALED
from analytics.records import Edition, NamedZone, Parent, Series, Status, TerritoryLink
from clcplus.presentation.indicators import CHANGE, STATUS, Indicator, Value

VERDICTS = OUTCOMES
"""Of a net change: what its interval says; without one, what the stress test says."""

Partly = Literal["yes", "no"]
"""Of an edition's figures: whether another edition has observed clearly more of the territory."""
PARTLY: tuple[Partly, ...] = get_args(Partly)


class Place(Protocol):
    """What a row is of, such as a territory."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def vintage(self) -> int: ...
    @property
    def parent(self) -> Parent | TerritoryLink | None: ...


class Row(NamedTuple):
    """A row of a bulk table."""

    code: str
    name: str
    level: str
    vintage: int
    edition: str
    indicator: str
    value: Value
    unit: str
    ci_low: Value
    ci_high: Value
    status: Status
    parent_level: str | None = None
    parent_code: str | None = None
    verdict: Outcome | None = None
    """Of rows of the net change only: it says nothing of gain, loss or a change in per cent."""
    partly_observed: Partly | None = None
    """Of rows of one edition, where it has observed anything."""
    method: str | None = None
    """Name of the estimator behind the interval."""
    basis: VerdictBasis | None = None
    """Where interval and verdict come from; ``stress_test`` of a verdict without an interval."""


COLUMNS = Row._fields
FIGURES = ("value", "ci_low", "ci_high")
TEXT_COLUMNS = frozenset(COLUMNS) - {"vintage", *FIGURES}


def _rows(
    place: Place,
    edition: str,
    record: Any,
    wanted: Iterable[Indicator[Any]],
    *,
    verdict: ChangeVerdict | None = None,
    partly: Partly | None = None,
) -> Iterator[Row]:
    """The indicators that a record has: areas in square metres, shares as fractions."""
    parent = place.parent
    for indicator in wanted:
        if not indicator.applies(record):
            continue
        judged = verdict if indicator.judged else None
        low, high = indicator.interval(record) or (None, None)
        yield Row(
            place.code,
            place.name,
            place.level,
            place.vintage,
            edition,
            indicator.name,
            indicator.value(record),
            indicator.unit,
            low,
            high,
            indicator.status(record),
            None if parent is None else parent.level,
            None if parent is None else parent.code,
            verdict_of(judged),
            partly,
            indicator.method(record),
            indicator.basis(record) or (judged.basis if judged else None),
        )


def partly_of(record: Statistics | TerritoryStatistics) -> Partly | None:
    """Whether an edition's figures are of clearly less ground than another's, as files say it."""
    if not record.observed:
        return None
    return "yes" if record.partly else "no"


def verdict_of(found: ChangeVerdict | None) -> Outcome | None:
    """A verdict as files of data say it."""
    return None if found is None else found.outcome


def statistics_rows(
    records: Iterable[tuple[NamedZone, Statistics]], wanted: Iterable[str]
) -> Iterator[Row]:
    """Rows of the bulk table of statistics."""
    chosen = [STATUS[name] for name in wanted]
    for zone, record in records:
        edition = record.edition.slug
        yield from _rows(zone, edition, record, chosen, partly=partly_of(record))


def territory_rows(territory: Place, records: Iterable[Statistics]) -> Iterator[Row]:
    """Rows of one territory: every indicator of every edition."""
    for record in records:
        edition, partly = record.edition.slug, partly_of(record)
        yield from _rows(territory, edition, record, STATUS.values(), partly=partly)


def listed_rows(
    records: Iterable[TerritoryStatistics], edition: Edition, parents: Mapping[int, Parent]
) -> Iterator[Row]:
    """Rows of territories in a list of one edition, such as those below another one; ``parents``
    are by the id of a territory."""
    # Records of lists have no cells by class, and not the inhabitants of the edition's year.
    chosen = [entry for entry in STATUS.values() if entry.placed and entry.by_default]
    for record in records:
        link = record.link
        parent = parents.get(link.id)
        zone = NamedZone(link.code, link.name, link.level, link.vintage, parent)
        yield from _rows(zone, edition.slug, record, chosen, partly=partly_of(record))


def change_rows(
    records: Iterable[tuple[NamedZone, Change]], wanted: Iterable[str]
) -> Iterator[Row]:
    """Rows of the bulk table of change; both editions stand in the column of the edition."""
    chosen = [CHANGE[name] for name in wanted]
    for zone, record in records:
        yield from _change_rows(zone, record, chosen)


def territory_change_rows(territory: Place, records: Iterable[Change]) -> Iterator[Row]:
    """Rows of one territory's changes: those of the bulk table, and gain and loss by the class that
    was or came."""
    for record in records:
        usual = list(_change_rows(territory, record, CHANGE.values()))
        yield from usual
        for indicator, cells in _flows(record):
            yield usual[0]._replace(
                indicator=indicator,
                value=None if cells is None else indicators.square_metres(cells),
                unit="m2",
                ci_low=None,
                ci_high=None,
                status=record.status,
                verdict=None,
                method=None,
                basis=None,
            )


def _change_rows(place: Place, change: Change, wanted: Iterable[Indicator[Any]]) -> Iterator[Row]:
    pair = f"{change.earlier.slug}/{change.later.slug}"
    # Change across origins is shown without a verdict: mostly the editions err differently.
    verdict = None if change.across_origins else change.verdict
    return _rows(place, pair, change, wanted, verdict=verdict)


def _flows(record: Change) -> Iterator[tuple[str, int | None]]:
    """Further indicators of a change, in cells: None where nothing is observed in both."""
    seen = record.gain is not None
    for name, cells in (
        ("sealed_gain_from_class", record.gain_by_former_class),
        ("sealed_loss_to_class", record.loss_by_later_class),
    ):
        for code in OBSERVED_CODES:
            if code != SEALED:
                yield f"{name}_{code}", cells.get(code, 0) if seen else None


def series_rows(territory: Place, series: Iterable[Series]) -> Iterator[Row]:
    """Rows of one territory's editions like for like: the area that all editions of a series have
    observed, and its sealed part in each. Series of one edition have none."""
    row = partial(Row, territory.code, territory.name, territory.level, territory.vintage)
    parent = territory.parent
    if parent is not None:
        row = partial(row, parent_level=parent.level, parent_code=parent.code)
    for line in series:
        if len(line.editions) < 2:
            continue
        common = line.common
        status: Status = "ok" if common else "not_observed"
        for edition, sealed in zip(line.editions, line.sealed, strict=True):
            area = indicators.square_metres(sealed) if common else None
            share = indicators.sealed_share(sealed, common)
            common_area = indicators.square_metres(common)
            figures: tuple[tuple[str, Value, str, Status], ...] = (
                ("observed_area_in_all_editions", common_area, "m2", "ok"),
                ("sealed_area_like_for_like", area, "m2", status),
                ("sealed_share_like_for_like", share, "1", status),
            )
            for indicator, value, unit, told in figures:
                yield row(edition.slug, indicator, value, unit, None, None, told)
