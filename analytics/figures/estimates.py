"""Estimates: what reference data say of an area, how sure that is, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from analytics import indicators
from analytics.accuracy_zones import SOURCE, accuracy_zone
from analytics.estimation import Basis as SampleBasis
from analytics.estimation import (
    Quantity,
    Verdict,
    borrowed_area,
    status_of_area,
    verdict_of_interval,
)
from analytics.records import Edition, Interval, PlaceAccuracy, Status

Basis = Literal[SampleBasis, "borrowed"]
"""Where an interval comes from, the most trusted first: a sample, or the published accuracy of a
group of countries."""
BASES: tuple[Basis, ...] = get_args(Basis)


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaEstimate:
    """An estimate with its 95 % interval, in square metres, and what it rests on.

    The interval is of the true area, not of the mapped one, which may lie outside of it. Nothing of
    a suppressed estimate is shown but that it is suppressed: ``value``, ``interval`` and what
    follows from them are None.
    """

    estimated_m2: float
    se_m2: float
    """Standard error."""
    low_m2: float
    high_m2: float
    status: Status
    basis: Basis
    method: str
    """Name of the estimator (:class:`analytics.estimation.Method`)."""
    points: int = 0
    """Labelled points in the zone."""
    sealed_points: int = 0
    """Those of them that the reference calls sealed."""
    sample: str = ""
    """Name of the sample; of a borrowed accuracy, of the group of countries."""
    sample_id: str = ""
    """Empty where no sample of the platform is behind it."""
    source: str = ""
    """Who labelled the sample, with which imagery."""
    synthetic: bool = False
    """Whether the labels were read from a known truth, and no interpreter has seen the points."""
    cells: int | None = None
    """Cells that the estimate is of: those in the strata of its sample; None where not known."""

    @property
    def suppressed(self) -> bool:
        """Whether it is too uncertain to be shown."""
        return self.status in {"suppressed", "not_observed"}

    @property
    def value_m2(self) -> float | None:
        """The estimate."""
        return None if self.suppressed else self.estimated_m2

    @property
    def interval_m2(self) -> Interval | None:
        """The 95 % interval."""
        return None if self.suppressed else (self.low_m2, self.high_m2)

    @property
    def value_ha(self) -> float | None:
        """The estimate."""
        return None if self.value_m2 is None else indicators.hectares_of_shape(self.value_m2)

    @property
    def interval_ha(self) -> Interval | None:
        """The 95 % interval."""
        if self.interval_m2 is None:
            return None
        low, high = map(indicators.hectares_of_shape, self.interval_m2)
        return low, high

    @property
    def share(self) -> float | None:
        """The estimate as a part of the area that it is of, 0..1."""
        return self._part(self.value_m2)

    @property
    def share_interval(self) -> Interval | None:
        """The interval as parts of the area that it is of, 0..1."""
        if self.interval_m2 is None or not self.cells:
            return None
        whole = indicators.square_metres(self.cells)
        low, high = self.interval_m2
        return low / whole, high / whole

    def _part(self, area: float | None) -> float | None:
        if area is None or not self.cells:
            return None
        return area / indicators.square_metres(self.cells)

    @property
    def verdict(self) -> Verdict | None:
        """Of a net change: what its interval says; None where it is suppressed."""
        return None if self.interval_m2 is None else verdict_of_interval(self.interval_m2)


Estimates = Mapping[Quantity, AreaEstimate]


def best(found: Iterable[AreaEstimate]) -> AreaEstimate | None:
    """The one to show of several estimates of one quantity, given in the order of preference among
    equals: one that is shown before one that is suppressed, then by its basis."""
    return min(found, key=lambda one: (one.suppressed, BASES.index(one.basis)), default=None)


def borrowed_estimate(
    edition: Edition, *, sealed: int | None, observed: int, country: str
) -> AreaEstimate | None:
    """The sealed area of a zone from its cells, with the accuracy that was entered for the edition,
    or else with that of its country's group.

    None where nothing is observed, and where no accuracy was entered and the edition is not an
    official one whose accuracy is published by country with a half-width, or the country is not
    known (empty). A single zone may differ from what was validated: the status is ``indicative`` at
    best.
    """
    if sealed is None or not observed:
        return None
    accuracy = edition.accuracy or _published_accuracy(edition, country)
    if accuracy is None:
        return None
    made = borrowed_area(
        indicators.square_metres(sealed),
        users=accuracy.users,
        producers=accuracy.producers,
        producers_half_width=accuracy.producers_half_width,
        largest=indicators.square_metres(observed),
    )
    return AreaEstimate(
        estimated_m2=made.value,
        se_m2=made.se,
        low_m2=made.ci_low,
        high_m2=made.ci_high,
        status="suppressed" if status_of_area(made) == "suppressed" else "indicative",
        basis="borrowed",
        method=made.method.value,
        sample=accuracy.place,
        cells=observed,
    )


def _published_accuracy(edition: Edition, country: str) -> PlaceAccuracy | None:
    """The accuracy of the country's group in an official edition, where its half-width is
    published."""
    if edition.origin != "official" or not country:
        return None
    zone = accuracy_zone(product=edition.product, year=edition.year, country=country)
    if zone is None or zone.accuracy.producers_half_width is None:
        return None
    return PlaceAccuracy(
        place=zone.name,
        producers=zone.accuracy.producers,
        producers_half_width=zone.accuracy.producers_half_width,
        users=zone.accuracy.users,
        source=SOURCE,
    )
