"""Bulk tables as tidy rows: one figure a row, its unit and its status in columns of their own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Literal, NamedTuple, Protocol, get_args

from analytics import indicators
from analytics.estimation import NoiseVerdict
from analytics.figures import Change, Statistics, TerritoryStatistics
from analytics.nomenclature import OBSERVED_CODES, SEALED
from analytics.records import Edition, Interval, NamedZone, Parent, Series, Status, TerritoryLink
from clcplus.presentation import indicators as registry
from clcplus.presentation.indicators import Value

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


def _names_of(parent: Parent | None) -> tuple[str | None, str | None]:
    return (None, None) if parent is None else (parent.level, parent.code)


def statistics_rows(
    records: Iterable[tuple[NamedZone, Statistics]], wanted: Collection[str]
) -> Iterator[Row]:
    """Rows of the bulk table of statistics: areas in square metres, shares as fractions."""
    chosen = [registry.STATUS[name] for name in wanted]
    for zone, record in records:
        for indicator in chosen:
            yield Row(
                zone.code,
                zone.name,
                zone.level,
                zone.vintage,
                record.edition.slug,
                indicator.name,
                indicator.value(record),
                indicator.unit,
                *_ends(indicator.interval(record)),
                indicator.status(record),
                *_names_of(zone.parent),
                partly_observed=partly_of(record),
            )


def _ends(interval: Interval | None) -> tuple[Value, Value]:
    return (None, None) if interval is None else interval


def partly_of(record: Statistics) -> Partly | None:
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
    records: Iterable[tuple[NamedZone, Change]], wanted: Collection[str]
) -> Iterator[Row]:
    """Rows of the bulk table of change; both editions stand in the column of the edition."""
    chosen = [registry.CHANGE[name] for name in wanted]
    for zone, record in records:
        # Change across origins is shown without a verdict: mostly the editions err differently.
        said = None if record.across_origins else verdict_of(record.verdict)
        for indicator in chosen:
            yield Row(
                zone.code,
                zone.name,
                zone.level,
                zone.vintage,
                f"{record.earlier.slug}/{record.later.slug}",
                indicator.name,
                indicator.value(record),
                indicator.unit,
                *_ends(indicator.interval(record)),
                indicator.status(record),
                *_names_of(zone.parent),
                verdict=said if indicator.judged else None,
            )


def _parent_of(place: Place) -> Parent | None:
    return None if place.parent is None else Parent(place.parent.level, place.parent.code)


def _named(place: Place) -> NamedZone:
    return NamedZone(place.code, place.name, place.level, place.vintage, _parent_of(place))


def territory_rows(territory: Place, records: Iterable[Statistics]) -> Iterator[Row]:
    """Rows of one territory: every indicator of every edition."""
    zone = _named(territory)
    return statistics_rows(((zone, record) for record in records), registry.STATUS)


def series_rows(territory: Place, series: Iterable[Series]) -> Iterator[Row]:
    """Rows of one territory's editions like for like: the area that all editions of a series have
    observed, and its sealed part in each. Series of one edition have none."""
    for line in series:
        for edition, sealed in zip(line.editions, line.sealed, strict=True):
            if len(line.editions) < 2:
                continue
            sealed_area = indicators.square_metres(sealed) if line.common else None
            status: Status = "ok" if line.common else "not_observed"
            for indicator, value, unit in (
                ("observed_area_in_all_editions", indicators.square_metres(line.common), "m2"),
                (
                    "sealed_area_like_for_like",
                    sealed_area,
                    "m2",
                ),
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
    zone = _named(territory)
    for record in records:
        usual = list(change_rows([(zone, record)], registry.CHANGE))
        yield from usual
        for indicator, cells in _flows(record):
            yield usual[0]._replace(
                indicator=indicator,
                value=None if cells is None else indicators.square_metres(cells),
                unit="m2",
                status=record.status,
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
    records: Iterable[TerritoryStatistics], edition: Edition, parents: Mapping[int, Parent]
) -> Iterator[Row]:
    """Rows of territories in a list of one edition, such as those below another one; ``parents``
    are by the id of a territory."""
    named = (
        (
            NamedZone(
                record.link.code,
                record.link.name,
                record.link.level,
                record.link.vintage,
                parents.get(record.link.id),
            ),
            Statistics(
                edition=edition,
                sealed=record.sealed,
                observed=record.observed,
                not_observed=record.not_observed,
                partly=record.partly,
                inhabitants=record.inhabitants,
            ),
        )
        for record in records
    )
    return statistics_rows(named, registry.by_default(registry.STATUS))
