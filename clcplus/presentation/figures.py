"""Counts as a page shows them: areas, shares, change with its verdict. Nothing here is stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from analytics import indicators
from analytics.estimation import STAND_IN_YEAR, NoiseVerdict, accuracy_of, verdict
from analytics.nomenclature import CLASSES, MISSING_CLASSES, SEALED, LandCoverClass
from analytics.records import BulkChange, Change, Edition, Statistics, Status
from clcplus.presentation.charts import Bar, Slice, class_bars, colour_of, composition
from clcplus.presentation.class_names import class_name


@dataclass(frozen=True, slots=True)
class ClassFigure:
    """A class, or a cause of not being observed, in one edition."""

    cells: int | None
    hectares: float | None
    share: float | None
    """Of the observed area; of the whole territory where the class is one that is missing."""


@dataclass(frozen=True, slots=True)
class EditionFigures:
    """A territory in one edition."""

    edition: Edition
    status: Status
    sealed: int | None
    observed: int
    not_observed: int
    share: float | None
    sealed_ha: float | None
    observed_ha: float
    not_observed_ha: float
    not_observed_share: float
    slices: tuple[Slice, ...]
    classes: dict[int, ClassFigure]
    partly: bool
    """Whether another edition has observed clearly more of the territory."""


def edition_figures(counts: Statistics) -> EditionFigures:
    """The figures of one edition's counts."""
    seen = counts.status != "not_observed"
    everything = counts.observed + counts.not_observed
    classes = {}
    for c in (*CLASSES, *MISSING_CLASSES):
        cells = counts.by_class.get(c.code, 0) if counts.by_class else None
        whole = counts.observed if c in CLASSES else everything
        classes[c.code] = ClassFigure(
            cells=cells,
            hectares=None if cells is None else indicators.hectares(cells),
            share=indicators.sealed_share(cells, whole),
        )
    return EditionFigures(
        edition=counts.edition,
        status=counts.status,
        sealed=counts.sealed,
        observed=counts.observed,
        not_observed=counts.not_observed,
        share=indicators.sealed_share(counts.sealed, counts.observed),
        sealed_ha=indicators.hectares(counts.sealed) if counts.sealed is not None else None,
        observed_ha=indicators.hectares(counts.observed),
        not_observed_ha=indicators.hectares(counts.not_observed),
        not_observed_share=counts.not_observed / everything if everything else 0.0,
        slices=composition(counts.by_class) if seen else (),
        classes=classes,
        partly=counts.partly,
    )


@dataclass(frozen=True, slots=True)
class ChangeFigures:
    """Change of a territory between two editions."""

    earlier: Edition
    later: Edition
    status: Status
    across_origins: bool
    years: float | None
    observed_ha: float
    gain_ha: float | None
    loss_ha: float | None
    net_ha: float | None
    gain_a_year: float | None
    loss_a_year: float | None
    net_a_year: float | None
    gain_points: float | None
    loss_points: float | None
    net_points: float | None
    per_cent: float | None
    per_cent_status: Status
    verdict: NoiseVerdict | None
    noise_ha: float | None
    gain_bars: tuple[Bar, ...]
    loss_bars: tuple[Bar, ...]

    @property
    def stand_in_year(self) -> int:
        """Year of the edition whose accuracy stands in for one that is not published."""
        return STAND_IN_YEAR

    @property
    def without_accuracy(self) -> tuple[int, ...]:
        """Years of those of its editions of which no accuracy is published."""
        return tuple(e.year for e in (self.earlier, self.later) if accuracy_of(e)[2])


def change_figures(change: Change) -> ChangeFigures:
    """The figures of a change."""
    years = indicators.years_apart(change.earlier, change.later)
    found = verdict(change)

    def area(cells: int | None) -> float | None:
        return None if cells is None else indicators.hectares(cells)

    def a_year(cells: int | None) -> float | None:
        return indicators.annualised(area(cells), years)

    def points(cells: int | None) -> float | None:
        if cells is None or not change.observed:
            return None
        return indicators.percentage_points(0.0, cells / change.observed)

    return ChangeFigures(
        earlier=change.earlier,
        later=change.later,
        status=change.status,
        across_origins=change.across_origins,
        years=years,
        observed_ha=indicators.hectares(change.observed),
        gain_ha=area(change.gain),
        loss_ha=area(change.loss),
        net_ha=area(change.net),
        gain_a_year=a_year(change.gain),
        loss_a_year=a_year(change.loss),
        net_a_year=a_year(change.net),
        gain_points=points(change.gain),
        loss_points=points(change.loss),
        net_points=points(change.net),
        per_cent=indicators.per_cent_change(change.sealed_before, change.sealed_after),
        per_cent_status=indicators.per_cent_change_status(change.sealed_before),
        verdict=found,
        noise_ha=indicators.hectares(found.noise) if found else None,
        gain_bars=class_bars(change.gain_by_former_class),
        loss_bars=class_bars(change.loss_by_later_class),
    )


def change_of_row(row: BulkChange, *, earlier: Edition, later: Edition) -> ChangeFigures:
    """The figures of a row of the bulk table, which has no classes."""
    return change_figures(
        Change(
            earlier=earlier,
            later=later,
            status=row.status,
            observed=row.observed,
            gain=row.gain,
            loss=row.loss,
            sealed_before=row.sealed_before,
            sealed_after=row.sealed_after,
            gain_by_former_class={},
            loss_by_later_class={},
            matrix=(),
        )
    )


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A row of the table of classes: one figure an edition."""

    code: int
    name: str
    colour: str
    sealed: bool
    figures: tuple[ClassFigure, ...]

    @property
    def empty(self) -> bool:
        """Whether no edition has a cell of it."""
        return not any(figure.cells for figure in self.figures)


def class_rows(
    editions: Iterable[EditionFigures],
) -> tuple[tuple[ClassRow, ...], tuple[ClassRow, ...]]:
    """Rows of the observed classes, and rows of what is not observed, by cause."""
    columns = tuple(editions)

    def rows(classes: Iterable[LandCoverClass]) -> tuple[ClassRow, ...]:
        return tuple(
            ClassRow(
                code=c.code,
                name=class_name(c.code),
                colour=colour_of(c.code),
                sealed=c.code == SEALED,
                figures=tuple(column.classes[c.code] for column in columns),
            )
            for c in classes
        )

    return rows(CLASSES), rows(MISSING_CLASSES)
