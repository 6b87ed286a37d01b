"""Rows of the table of classes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from analytics.figures import ClassFigure, Statistics
from analytics.nomenclature import CLASSES, MISSING_CLASSES, SEALED, LandCoverClass
from clcplus.presentation.charts import colour_of
from clcplus.presentation.class_names import class_name


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
    editions: Iterable[Statistics],
) -> tuple[tuple[ClassRow, ...], tuple[ClassRow, ...]]:
    """Rows of the observed classes, and rows of what is not observed, by cause."""
    columns = [item.classes for item in editions]

    def rows(classes: Iterable[LandCoverClass]) -> tuple[ClassRow, ...]:
        return tuple(
            ClassRow(
                code=c.code,
                name=class_name(c.code),
                colour=colour_of(c.code),
                sealed=c.code == SEALED,
                figures=tuple(column[c.code] for column in columns),
            )
            for c in classes
        )

    return rows(CLASSES), rows(MISSING_CLASSES)
