"""The registry of indicators: what each is called, its unit, how it is written, where it stands.

To add an indicator, write one function of the record (:mod:`analytics.figures`) and one entry here.
It then stands in the bulk tables and files of territories under its name, in the answers of the
API, on the pages of territories and of comparisons, and in the report; with a ``shade`` the map
offers it too. The order of the entries is that of the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter
from typing import Any, Generic, Literal, TypeVar

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from analytics import indicators
from analytics.figures import (
    DEFAULT_PRESET,
    Basis,
    Change,
    Quantity,
    Statistics,
)
from analytics.nomenclature import CODES
from analytics.patches import PRESETS
from analytics.queries import LineFigure, TileFigure, flicker_rate
from analytics.records import Interval, Status
from clcplus.presentation.classes import CLASS_NAMES
from clcplus.presentation.numbers import (
    at_least,
    decimal,
    hectares,
    per_cent,
    percent,
    points,
    signed_hectares,
    signed_percent,
)

Unit = Literal["m2", "m2/a", "1", "pp", "%"]
UNITS: Mapping[Unit, str] = {
    "m2": "square metres, in EPSG:3035",
    "m2/a": "square metres a year, between the middles of the observation windows",
    "1": "fraction of the observed area, 0 to 1",
    "pp": "percentage points",
    "%": "per cent of the earlier sealed area; of flicker_rate, of the cells ever sealed",
}
"""Units of values, as files and the API name them, and what they mean."""
FILTER_NAMES: Mapping[str, Promise] = {
    "0.25ha": _("patches of at least 0.25 ha"),
    "0.5ha": _("patches of at least 0.5 ha"),
    "clc-change": _("patches of at least 5 ha and 100 m wide"),
    "0.25ha-confidence50": _("patches of at least 0.25 ha, of cells with a confidence from 50"),
}
"""What each filter of :data:`analytics.patches.PRESETS` leaves, in words."""
Value = int | float | None
Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Shade:
    """How the map shades territories by an indicator of status."""

    figure: TileFigure | LineFigure
    """The same figure in SQL: tiles are made where the shapes are. Tiles have one of a line of
    editions only where they are asked for it."""
    breaks: tuple[float, ...]
    """Lower bounds of the five classes after the first, which starts at zero; in the indicator's
    unit."""
    choice: str | Promise | None = None
    """A short label for the map's choice of layers; without one, the indicator's label."""
    decimals: int = 0
    """Decimals that the map shows of a value that is no fraction."""
    legend: str | Promise | None = None
    """The title of the legend; without one, the indicator's label."""
    write: Callable[[float], str] | None = None
    """A bound of a class in the legend; without it, as the indicator is written."""


@dataclass(frozen=True, slots=True)
class Indicator(Generic[Record]):
    """An indicator of a kind of records."""

    name: str
    """As files and the API name it."""
    label: str | Promise
    """In the language of the page."""
    unit: Unit
    """Of the value, as files and the API have it."""
    value: Callable[[Record], Value]
    write: Callable[[Any], str]
    """The value for readers, with its unit, in the habit of the page's language."""
    status: Callable[[Record], Status] = attrgetter("status")
    interval: Callable[[Record], Interval | None] = lambda record: None
    method: Callable[[Record], str | None] = lambda record: None
    """Name of the estimator behind the interval."""
    basis: Callable[[Record], Basis | None] = lambda record: None
    """Where the interval comes from."""
    applies: Callable[[Record], bool] = lambda record: True
    """Whether the record has the indicator at all; tables have no row of one that it has not."""
    by_default: bool = True
    """Whether a bulk table has it where the request names no indicators."""
    inhabitants: bool = False
    """Of status: whether the value needs inhabitants. Bulk tables read them only for those; sets of
    zones, whose inhabitants nobody knows, leave the indicator out."""
    flicker: bool = False
    """Of status: whether the value needs flicker. Bulk tables read it only for those."""
    lower_bound: bool = False
    """Of status: whether the value is at least so much where the zone is observed in part, as an
    area is."""
    judged: bool = False
    """Of change: whether the verdict on the net change is one on this indicator."""
    shade: Shade | None = None
    """Of status: where the map offers it as a choice."""
    placed: bool = False
    """Whether pages, report and API have a place of their own for it, with words around it. Others
    are listed after those."""

    def written(self, record: Record) -> str:
        """The value of a record for readers."""
        value = self.value(record)
        of_a_part = self.lower_bound and getattr(record, "partly", False)
        return at_least(self.write(value), of_a_part and value is not None)


def area(value: float | None) -> str:
    """Square metres, written in hectares."""
    return hectares(None if value is None else indicators.hectares_of_shape(value))


def signed_area(value: float | None) -> str:
    """A difference in square metres, written in hectares."""
    return signed_hectares(None if value is None else indicators.hectares_of_shape(value))


def _ok(record: object) -> Status:
    return "ok"


def _area_of_class(record: Statistics, *, code: int) -> Value:
    cells = record.by_class.get(code)
    return None if cells is None else indicators.square_metres(cells)


def _of_status_estimate(record: Statistics, *, name: str) -> Any:
    return None if record.estimate is None else getattr(record.estimate, name)


def _of_estimate(record: Change, *, quantity: Quantity, name: str) -> Any:
    found = record.estimates.get(quantity)
    return None if found is None else getattr(found, name)


def _has_estimate(record: Change, *, quantity: Quantity) -> bool:
    return quantity in record.estimates


def _estimated(
    name: str, label: str | Promise, quantity: Quantity, write: Callable[[Any], str]
) -> Indicator[Change]:
    """An estimate of a sample; it is there where a sample tells it."""
    read = partial(_of_estimate, quantity=quantity)
    return Indicator(
        name,
        label,
        "m2",
        partial(read, name="value_m2"),
        write,
        status=partial(read, name="status"),
        interval=partial(read, name="interval_m2"),
        method=partial(read, name="method"),
        basis=partial(read, name="basis"),
        applies=partial(_has_estimate, quantity=quantity),
    )


def _of_filter(record: Change, *, preset: str, name: str) -> Value:
    found = record.filtered.get(preset)
    return None if found is None else getattr(found, name)


def _has_filter(record: Change, *, preset: str) -> bool:
    return preset in record.filtered


def _filtered(preset: str) -> Iterator[Indicator[Change]]:
    """What a filter leaves; it is there where the pair of editions was filtered."""
    suffix = "".join(sign if sign.isalnum() else "_" for sign in preset)
    for name, label, attribute, write in (
        ("sealed_gain", _("Gain"), "gain_m2", area),
        ("sealed_loss", _("Loss"), "loss_m2", area),
        ("sealed_net_change", _("Net"), "net_m2", signed_area),
    ):
        yield Indicator(
            f"{name}_filtered_{suffix}",
            format_lazy("{}, {}", label, FILTER_NAMES[preset]),
            "m2",
            partial(_of_filter, preset=preset, name=attribute),
            write,
            applies=partial(_has_filter, preset=preset),
            by_default=preset == DEFAULT_PRESET,
        )


def _by_name(*entries: Indicator[Record]) -> Mapping[str, Indicator[Record]]:
    return {entry.name: entry for entry in entries}


def _placed(*entries: Indicator[Record]) -> tuple[Indicator[Record], ...]:
    return tuple(replace(entry, placed=True) for entry in entries)


_STATUS: tuple[Indicator[Statistics], ...] = (
    Indicator("observed_area", _("Observed"), "m2", lambda r: r.observed_m2, area, status=_ok),
    Indicator(
        "not_observed_area", _("Not observed"), "m2", lambda r: r.not_observed_m2, area, status=_ok
    ),
    Indicator(
        "sealed_area",
        _("Sealed area"),
        "m2",
        lambda r: r.sealed_m2,
        area,
        interval=lambda r: r.interval,
        method=lambda r: r.method,
        basis=lambda r: r.basis,
    ),
    Indicator(
        "sealed_share",
        _("Sealed share"),
        "1",
        lambda r: r.share,
        percent,
        interval=lambda r: r.share_interval,
        method=lambda r: r.method,
        basis=lambda r: r.basis,
    ),
    Indicator(
        "sealed_area_estimate",
        _("Sealed area, estimate"),
        "m2",
        partial(_of_status_estimate, name="value_m2"),
        area,
        status=partial(_of_status_estimate, name="status"),
        interval=partial(_of_status_estimate, name="interval_m2"),
        method=partial(_of_status_estimate, name="method"),
        basis=partial(_of_status_estimate, name="basis"),
        applies=lambda r: r.estimate is not None,
    ),
)
_CLASSES: tuple[Indicator[Statistics], ...] = tuple(
    Indicator(
        f"area_of_class_{code}",
        CLASS_NAMES[code],
        "m2",
        partial(_area_of_class, code=code),
        area,
        by_default=False,
    )
    for code in CODES
)
STATUS: Mapping[str, Indicator[Statistics]] = _by_name(
    *_placed(*_STATUS, *_CLASSES),
    Indicator(
        "flicker_rate",
        _("Flicker rate, all editions"),
        "%",
        lambda r: r.flicker_per_cent,
        partial(per_cent, digits=1),
        by_default=False,
        applies=lambda r: r.flicker is not None,
        flicker=True,
        shade=Shade(
            LineFigure("flicker_rate", 1, flicker_rate),
            (2, 5, 10, 20, 40),
            choice=_("Flicker"),
            decimals=1,
            legend=_(
                "Flicker rate, per cent of the cells that any edition shows as sealed: they change"
                " and change back, a sign of noise in the maps"
            ),
            write=partial(decimal, digits=0),
        ),
    ),
    # Further indicators stand here.
)
"""Of a zone in one edition."""

_CHANGE: tuple[Indicator[Change], ...] = (
    Indicator(
        "observed_area", _("Observed in both"), "m2", lambda r: r.observed_m2, area, status=_ok
    ),
    Indicator("sealed_gain", _("Gain"), "m2", lambda r: r.gain_m2, area),
    Indicator("sealed_loss", _("Loss"), "m2", lambda r: r.loss_m2, area),
    Indicator(
        "sealed_net_change",
        _("Net"),
        "m2",
        lambda r: r.net_m2,
        signed_area,
        interval=lambda r: r.interval,
        method=lambda r: r.method,
        basis=lambda r: r.basis,
        judged=True,
    ),
    Indicator(
        "sealed_net_change_per_year",
        _("Net a year"),
        "m2/a",
        lambda r: r.net_m2_a_year,
        signed_area,
        judged=True,
    ),
    Indicator(
        "sealed_share_change", _("Net, percentage points"), "pp", lambda r: r.net_points, points
    ),
    Indicator(
        "sealed_per_cent_change",
        _("Net, per cent"),
        "%",
        lambda r: r.per_cent,
        signed_percent,
        status=lambda r: r.per_cent_status,
    ),
    Indicator("map_noise", _("Noise alone could make"), "m2", lambda r: r.noise_m2, area),
    *(entry for preset in PRESETS for entry in _filtered(preset)),
    _estimated("sealed_gain_estimate", _("Gain, estimate"), "gain", area),
    _estimated("sealed_loss_estimate", _("Loss, estimate"), "loss", area),
    _estimated("sealed_net_change_estimate", _("Net, estimate"), "net", signed_area),
)
CHANGE: Mapping[str, Indicator[Change]] = _by_name(
    *_placed(*_CHANGE),
    # Further indicators stand here.
)
"""Of a zone between two editions."""


def by_default(registry: Mapping[str, Indicator[Record]]) -> tuple[str, ...]:
    """Names of those that a table has unless others are asked for."""
    return tuple(entry.name for entry in registry.values() if entry.by_default)


def listed(registry: Mapping[str, Indicator[Record]]) -> Iterator[Indicator[Record]]:
    """Those that outputs have no place of their own for, and list."""
    return (entry for entry in registry.values() if not entry.placed)


def shades() -> Iterator[tuple[Indicator[Statistics], Shade]]:
    """The indicators that the map offers after those that it has controls of its own for."""
    return ((entry, entry.shade) for entry in STATUS.values() if entry.shade is not None)


@dataclass(frozen=True, slots=True)
class WrittenFigure:
    """An indicator of a record, for readers."""

    label: str
    value: str


def further(status: Statistics | None, change: Change | None) -> tuple[WrittenFigure, ...]:
    """The listed indicators of a zone in an edition and of its change, for readers; those that
    need inhabitants only where some are known."""
    found = []
    if status is not None:
        found += [
            WrittenFigure(str(i.label), i.written(status))
            for i in listed(STATUS)
            if i.applies(status) and (not i.inhabitants or status.inhabitants is not None)
        ]
    if change is not None:
        found += [
            WrittenFigure(str(i.label), i.written(change))
            for i in listed(CHANGE)
            if i.applies(change)
        ]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """An indicator of several zones beside each other, for readers."""

    label: str
    values: tuple[str, ...]
    strong: bool = False


_COMPARED = (
    "observed_area",
    "sealed_gain",
    "sealed_loss",
    "sealed_net_change",
    "sealed_share_change",
    "sealed_net_change_per_year",
    "map_noise",
    "sealed_gain_filtered_0_25ha",
    "sealed_loss_filtered_0_25ha",
    "sealed_net_change_filtered_0_25ha",
    "sealed_net_change_estimate",
)


def compared_changes(changes: Sequence[Change]) -> list[ComparedRow]:
    """Rows of a table of changes of one pair, a column each."""
    return _compared((*(CHANGE[name] for name in _COMPARED), *listed(CHANGE)), changes)


def compared_statistics(statistics: Sequence[Statistics]) -> list[ComparedRow]:
    """Rows of the listed indicators of several zones, a column each."""
    return _compared(listed(STATUS), statistics)


def _compared(entries: Iterable[Indicator[Any]], records: Sequence[Any]) -> list[ComparedRow]:
    return [
        ComparedRow(
            label=str(entry.label),
            values=tuple(map(entry.written, records)),
            strong=entry.name == "sealed_net_change",
        )
        for entry in entries
        if not records or any(entry.applies(record) for record in records)
    ]
