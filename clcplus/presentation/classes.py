"""The classes of CLC+ Backbone on pages: names, colours, bars, and rows of the table of classes.

Names are in the reader's language. The API and the files of data keep the English names of
:mod:`analytics.nomenclature`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from analytics import indicators
from analytics.figures import ClassFigure, Statistics
from analytics.nomenclature import (
    BY_CODE,
    CLASSES,
    MISSING_CLASSES,
    NO_DATA,
    OUTSIDE,
    SEA_BUFFER,
    SEALED,
    WATER,
    LandCoverClass,
)
from clcplus.presentation.colours import hexadecimal

CLASS_NAMES: dict[int, str | Promise] = {
    SEALED: pgettext_lazy("class of land cover", "Sealed"),
    2: pgettext_lazy("class of land cover", "Woody, needle-leaved trees"),
    3: pgettext_lazy("class of land cover", "Woody, broadleaved deciduous trees"),
    4: pgettext_lazy("class of land cover", "Woody, broadleaved evergreen trees"),
    5: pgettext_lazy("class of land cover", "Low-growing woody plants"),
    6: pgettext_lazy("class of land cover", "Permanent herbaceous"),
    7: pgettext_lazy("class of land cover", "Periodically herbaceous"),
    8: pgettext_lazy("class of land cover", "Lichens and mosses"),
    9: pgettext_lazy("class of land cover", "Non- and sparsely vegetated"),
    WATER: pgettext_lazy("class of land cover", "Water"),
    11: pgettext_lazy("class of land cover", "Snow and ice"),
    SEA_BUFFER: pgettext_lazy("class of land cover", "Coastal seawater buffer"),
    OUTSIDE: pgettext_lazy("class of land cover", "Outside area"),
    NO_DATA: pgettext_lazy("class of land cover", "No data"),
}


def class_name(code: int) -> str:
    """The name of a class."""
    return str(CLASS_NAMES[code])


def colour_of(code: int) -> str:
    """The official colour of a class as ``#rrggbb``."""
    return hexadecimal(BY_CODE[code].colour)


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar with what it stands for; ``width`` is per cent of the longest."""

    code: int
    name: str
    colour: str
    cells: int
    width: float
    part: float
    """Fraction of the sum of all bars."""

    @property
    def hectares(self) -> float:
        """Area of the cells."""
        return indicators.hectares(self.cells)


def class_bars(cells_by_code: Mapping[int, int]) -> tuple[Bar, ...]:
    """Bars of the classes that have cells, the longest first."""
    present = {code: cells for code, cells in cells_by_code.items() if cells > 0}
    longest, total = max(present.values(), default=0), sum(present.values())
    return tuple(
        Bar(
            code=code,
            name=class_name(code),
            colour=colour_of(code),
            cells=cells,
            width=round(cells / longest * 100, 2),
            part=cells / total,
        )
        for code, cells in sorted(present.items(), key=lambda item: (-item[1], item[0]))
    )


@dataclass(frozen=True, slots=True)
class Slice:
    """A class in a bar of all classes."""

    name: str
    colour: str
    left: float
    width: float
    share: float


def composition(by_class: Mapping[int, int]) -> tuple[Slice, ...]:
    """The observed classes side by side, in the order of their codes, as per cent of their sum."""
    present = {c.code: by_class[c.code] for c in CLASSES if by_class.get(c.code)}
    total = sum(present.values())
    before = itertools.accumulate(present.values(), initial=0)
    return tuple(
        Slice(
            name=class_name(code),
            colour=colour_of(code),
            left=round(start / total * 100, 3),
            width=round(cells / total * 100, 3),
            share=cells / total,
        )
        for (code, cells), start in zip(present.items(), before, strict=False)
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
