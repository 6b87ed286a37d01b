"""Status: what an edition shows of a zone.

Counts are integers of cells of 100 m². Every figure that follows from them is a property here, with
its unit in its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from analytics import indicators
from analytics.change.flicker import Flicker
from analytics.figures.estimates import AreaEstimate, Basis
from analytics.nomenclature import CLASSES, MISSING_CLASSES, LandCoverClass
from analytics.records import Edition, Interval, Status, TerritoryLink


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusFigures:
    """Counts of a zone in one edition, and what follows from them.

    Where nothing is observed ``status`` is ``not_observed`` and ``sealed`` is None: that is not
    zero.
    """

    sealed: int | None
    observed: int
    not_observed: int
    inhabitants: int | None = None
    """None where none are known, or none were asked for."""
    partly: bool = False
    """Whether another edition has observed clearly more of the territory: the counts are right, and
    say nothing of the rest (:func:`analytics.indicators.is_partly_observed`)."""
    estimate: AreaEstimate | None = None
    """Of the truly sealed area, from a published sample or a borrowed accuracy; None where there
    is none."""

    @property
    def status(self) -> Status:
        """Whether anything is observed."""
        return "ok" if self.observed else "not_observed"

    @property
    def same_ground(self) -> bool:
        """Whether the estimate is of the ground that the edition has observed, but for 1 %. One of
        a pair of editions is of what both have observed."""
        found = self.estimate
        if found is None or found.cells is None:
            return False
        less, more = sorted((found.cells, self.observed))
        return not indicators.differs_in_observed_area(less, more)

    @property
    def interval(self) -> Interval | None:
        """95 % interval of the truly sealed area, in square metres; None where none is known for
        the ground that the edition has observed."""
        return self.estimate.interval_m2 if self.estimate and self.same_ground else None

    @property
    def share_interval(self) -> Interval | None:
        """The same as parts of the ground that it is of, 0..1."""
        return self.estimate.share_interval if self.estimate and self.same_ground else None

    @property
    def basis(self) -> Basis | None:
        """Where the interval comes from."""
        return self.estimate.basis if self.estimate and self.interval else None

    @property
    def method(self) -> str | None:
        """Name of the estimator of the interval."""
        return self.estimate.method if self.estimate and self.interval else None

    @property
    def cells(self) -> int:
        """All cells of the zone."""
        return self.observed + self.not_observed

    @property
    def share(self) -> float | None:
        """Sealed part of the observed area, 0..1; None where nothing is observed."""
        return indicators.sealed_share(self.sealed, self.observed)

    @property
    def not_observed_share(self) -> float:
        """Part of the zone that is not observed, 0..1."""
        return self.not_observed / self.cells if self.cells else 0.0

    @property
    def sealed_m2(self) -> int | None:
        """Sealed area; None where nothing is observed."""
        return None if self.sealed is None else indicators.square_metres(self.sealed)

    @property
    def observed_m2(self) -> int:
        """Observed area."""
        return indicators.square_metres(self.observed)

    @property
    def not_observed_m2(self) -> int:
        """Area that is not observed."""
        return indicators.square_metres(self.not_observed)

    @property
    def sealed_ha(self) -> float | None:
        """Sealed area; None where nothing is observed."""
        return None if self.sealed is None else indicators.hectares(self.sealed)

    @property
    def observed_ha(self) -> float:
        """Observed area."""
        return indicators.hectares(self.observed)

    @property
    def area_km2(self) -> float:
        """Area of the zone."""
        return indicators.square_kilometres(self.cells)

    @property
    def per_inhabitant_m2(self) -> float | None:
        """Sealed area per inhabitant, in square metres; None where nobody is known to live."""
        return indicators.square_metres_per_inhabitant(self.sealed, self.inhabitants)


@dataclass(frozen=True, slots=True)
class ClassFigure:
    """A class, or a cause of not being observed, in one edition."""

    cells: int | None
    hectares: float | None
    share: float | None
    """Of the observed area; of the whole zone where the class is one that is missing."""


@dataclass(frozen=True, slots=True)
class PerInhabitant:
    """Sealed area per inhabitant, with the year of the population."""

    square_metres: float | None
    inhabitants: int
    year: int


def nearest_year(inhabitants: Mapping[int, int], year: int) -> int | None:
    """The year nearest to ``year`` whose population is known, the earlier of two as near."""
    return min(inhabitants, key=lambda known: (abs(known - year), known), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics(StatusFigures):
    """Cells of a zone in an edition. Inhabitants are of the year nearest to the edition's whose
    population is known."""

    edition: Edition
    by_class: Mapping[int, int] = field(default_factory=dict)
    """Cells by code: 1..11, 253, 254, 255; empty where nothing is observed."""
    flicker: Flicker | None = None
    """Of all published editions of its product and origin, with the newest of them; None for the
    others, for fewer than three editions, and where none was asked for."""

    @property
    def flicker_per_cent(self) -> float | None:
        """Cells that flicker, in per cent of those ever sealed; None where none was."""
        return None if self.flicker is None else indicators.per_cent(self.flicker.rate)

    @property
    def classes(self) -> Mapping[int, ClassFigure]:
        """Figures of all classes and of all causes of not being observed, by code."""
        return {c.code: self._of_class(c) for c in (*CLASSES, *MISSING_CLASSES)}

    def _of_class(self, one: LandCoverClass) -> ClassFigure:
        cells = self.by_class.get(one.code, 0) if self.by_class else None
        whole = self.observed if one in CLASSES else self.cells
        return ClassFigure(
            cells=cells,
            hectares=None if cells is None else indicators.hectares(cells),
            share=indicators.sealed_share(cells, whole),
        )

    def per_inhabitant(self, inhabitants: Mapping[int, int]) -> PerInhabitant | None:
        """Sealed area per inhabitant, with the population (by year) of the year nearest to the
        edition's; None where none is known."""
        year = nearest_year(inhabitants, self.edition.year)
        if year is None:
            return None
        people = inhabitants[year]
        return PerInhabitant(
            square_metres=indicators.square_metres_per_inhabitant(self.sealed, people),
            inhabitants=people,
            year=year,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TerritoryStatistics(StatusFigures):
    """A territory in one edition, as children, peers and rankings list them; with the newest number
    of inhabitants."""

    link: TerritoryLink
    rank: int | None = None
    """Among its layer, 1 for the highest sealed share; equal shares have one rank."""
