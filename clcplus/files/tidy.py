"""Bulk tables as tidy rows: one figure a row, its unit and its status in columns of their own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Literal, NamedTuple, Protocol, get_args

from analytics import estimation, indicators
from analytics.estimation import NoiseVerdict
from analytics.nomenclature import CODES, OBSERVED_CODES, SEALED
from analytics.records import (
    BulkChange,
    BulkStatistics,
    Change,
    Edition,
    Parent,
    Series,
    Statistics,
    Status,
    TerritoryLink,
    TerritoryStatistics,
)

COLUMNS = (
    "code",
    "name",
    "level",
    "vintage",
    "edition",
    "indicator",
    "value",
    "unit",
    "ci_low",
    "ci_high",
    "status",
    "parent_level",
    "parent_code",
    "verdict",
    "partly_observed",
)
TEXT_COLUMNS = frozenset(COLUMNS) - {"vintage", "value", "ci_low", "ci_high"}

Verdict = Literal["stands_out", "in_map_noise"]
"""Of a net change: whether it is more than noise of the maps alone could make."""
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

Partly = Literal["yes", "no"]
"""Of an edition's figures: whether another edition has observed clearly more of the territory."""
PARTLY: tuple[Partly, ...] = get_args(Partly)

Value = int | float | None

_BASIC = ("observed_area", "not_observed_area", "sealed_area", "sealed_share")
_OF_CLASSES = {f"area_of_class_{code}": code for code in CODES}
STATISTICS_INDICATORS = (*_BASIC, *_OF_CLASSES)
STATISTICS_DEFAULT = _BASIC
CHANGE_INDICATORS = (
    "observed_area",
    "sealed_gain",
    "sealed_loss",
    "sealed_net_change",
    "sealed_net_change_per_year",
    "sealed_share_change",
    "sealed_per_cent_change",
    "map_noise",
)
_OF_NET_CHANGE = frozenset(name for name in CHANGE_INDICATORS if name.startswith("sealed_net"))


class Figure(NamedTuple):
    """One indicator of one territory. ``value`` is None unless the status lets it be told."""

    value: Value
    unit: str
    status: Status


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
    def parent(self) -> TerritoryLink | None: ...


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
    verdict: Verdict | None = None
    """Of rows of the net change only: it says nothing of gain, loss or a change in per cent."""
    partly_observed: Partly | None = None
    """Of rows of one edition, where it has observed anything."""


def _metres(cells: float | None) -> Value:
    return None if cells is None else indicators.square_metres(cells)


def _names_of(parent: Parent | None) -> tuple[str | None, str | None]:
    return (None, None) if parent is None else (parent.level, parent.code)


def _statistics_figure(record: BulkStatistics, indicator: str) -> Figure:
    if indicator == "observed_area":
        return Figure(_metres(record.observed), "m2", "ok")
    if indicator == "not_observed_area":
        return Figure(_metres(record.not_observed), "m2", "ok")
    if indicator == "sealed_area":
        return Figure(_metres(record.sealed), "m2", record.status)
    if indicator == "sealed_share":
        return Figure(indicators.sealed_share(record.sealed, record.observed), "1", record.status)
    cells = record.by_class.get(_OF_CLASSES[indicator])
    return Figure(_metres(cells), "m2", record.status)


def statistics_rows(records: Iterable[BulkStatistics], wanted: Collection[str]) -> Iterator[Row]:
    """Rows of the bulk table of statistics: areas in square metres, shares as fractions."""
    for record in records:
        for indicator in wanted:
            value, unit, status = _statistics_figure(record, indicator)
            yield Row(
                record.code,
                record.name,
                record.level,
                record.vintage,
                record.edition,
                indicator,
                value,
                unit,
                None,
                None,
                status,
                *_names_of(record.parent),
                partly_observed=partly_of(record),
            )


def _change_figure(
    record: BulkChange, indicator: str, years: float | None, found: NoiseVerdict | None
) -> Figure:
    net = None if record.gain is None or record.loss is None else record.gain - record.loss
    if indicator == "observed_area":
        return Figure(_metres(record.observed), "m2", "ok")
    if indicator == "sealed_gain":
        return Figure(_metres(record.gain), "m2", record.status)
    if indicator == "sealed_loss":
        return Figure(_metres(record.loss), "m2", record.status)
    if indicator == "sealed_net_change":
        return Figure(_metres(net), "m2", record.status)
    if indicator == "sealed_net_change_per_year":
        return Figure(indicators.annualised(_metres(net), years), "m2/a", record.status)
    if indicator == "sealed_share_change":
        points = indicators.share_change(record.sealed_before, record.sealed_after, record.observed)
        return Figure(points, "pp", record.status)
    if indicator == "map_noise":
        return Figure(_metres(found.noise if found else None), "m2", record.status)
    return Figure(
        indicators.per_cent_change(record.sealed_before, record.sealed_after),
        "%",
        indicators.per_cent_change_status(record.sealed_before),
    )


def partly_of(record: Statistics | BulkStatistics) -> Partly | None:
    """Whether an edition's figures are of clearly less ground than another's, as files say it."""
    if not record.observed:
        return None
    return "yes" if record.partly else "no"


def verdict_of(found: NoiseVerdict | None) -> Verdict | None:
    """A verdict as files of data say it."""
    if found is None:
        return None
    return "stands_out" if found.distinguishable else "in_map_noise"


def change_rows(
    records: Iterable[BulkChange], wanted: Collection[str], *, earlier: Edition, later: Edition
) -> Iterator[Row]:
    """Rows of the bulk table of change; both editions stand in the column of the edition."""
    pair, years = f"{earlier.slug}/{later.slug}", indicators.years_apart(earlier, later)
    for record in records:
        found = estimation.verdict_of_counts(
            gain=record.gain,
            loss=record.loss,
            sealed_before=record.sealed_before,
            observed=record.observed,
            earlier=earlier,
            later=later,
        )
        # Change across origins is shown without a verdict: mostly the editions err differently.
        said = verdict_of(found) if earlier.origin == later.origin else None
        for indicator in wanted:
            value, unit, status = _change_figure(record, indicator, years, found)
            yield Row(
                record.code,
                record.name,
                record.level,
                record.vintage,
                pair,
                indicator,
                value,
                unit,
                None,
                None,
                status,
                *_names_of(record.parent),
                verdict=said if indicator in _OF_NET_CHANGE else None,
            )


def _parent_of(place: Place) -> Parent | None:
    return None if place.parent is None else Parent(place.parent.level, place.parent.code)


def territory_rows(territory: Place, records: Iterable[Statistics]) -> Iterator[Row]:
    """Rows of one territory: every indicator of every edition."""
    bulk = (
        BulkStatistics(
            code=territory.code,
            name=territory.name,
            level=territory.level,
            vintage=territory.vintage,
            edition=record.edition.slug,
            status=record.status,
            by_class=record.by_class,
            sealed=record.sealed,
            observed=record.observed,
            not_observed=record.not_observed,
            parent=_parent_of(territory),
            partly=record.partly,
        )
        for record in records
    )
    return statistics_rows(bulk, STATISTICS_INDICATORS)


def series_rows(territory: Place, series: Iterable[Series]) -> Iterator[Row]:
    """Rows of one territory's editions like for like: the area that all editions of a series have
    observed, and its sealed part in each. Series of one edition have none."""
    for line in series:
        for edition, sealed in zip(line.editions, line.sealed, strict=True):
            if len(line.editions) < 2:
                continue
            status: Status = "ok" if line.common else "not_observed"
            for indicator, value, unit in (
                ("observed_area_in_all_editions", _metres(line.common), "m2"),
                ("sealed_area_like_for_like", _metres(sealed) if line.common else None, "m2"),
                (
                    "sealed_share_like_for_like",
                    indicators.sealed_share(sealed, line.common),
                    "1",
                ),
            ):
                yield Row(
                    territory.code,
                    territory.name,
                    territory.level,
                    territory.vintage,
                    edition.slug,
                    indicator,
                    value,
                    unit,
                    None,
                    None,
                    "ok" if indicator == "observed_area_in_all_editions" else status,
                    *_names_of(_parent_of(territory)),
                )


def territory_change_rows(territory: Place, records: Iterable[Change]) -> Iterator[Row]:
    """Rows of one territory's changes: those of the bulk table, and gain and loss by the class that
    was or came."""
    for record in records:
        bulk = BulkChange(
            code=territory.code,
            name=territory.name,
            level=territory.level,
            vintage=territory.vintage,
            status=record.status,
            observed=record.observed,
            gain=record.gain,
            loss=record.loss,
            sealed_before=record.sealed_before,
            sealed_after=record.sealed_after,
            parent=_parent_of(territory),
        )
        pair = {"earlier": record.earlier, "later": record.later}
        usual = list(change_rows([bulk], CHANGE_INDICATORS, **pair))
        yield from usual
        for indicator, cells in _flows(record):
            yield usual[0]._replace(
                indicator=indicator, value=_metres(cells), unit="m2", status=record.status
            )


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


def listed_rows(
    records: Iterable[TerritoryStatistics], edition: str, parents: Mapping[int, Parent]
) -> Iterator[Row]:
    """Rows of territories in a list of one edition, such as those below another one; ``parents``
    are by the id of a territory."""
    bulk = (
        BulkStatistics(
            code=record.link.code,
            name=record.link.name,
            level=record.link.level,
            vintage=record.link.vintage,
            edition=edition,
            status=record.status,
            by_class={},
            sealed=record.sealed,
            observed=record.observed,
            not_observed=record.not_observed,
            parent=parents.get(record.link.id),
            partly=record.partly,
        )
        for record in records
    )
    return statistics_rows(bulk, _BASIC)
