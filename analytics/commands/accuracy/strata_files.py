"""The file of strata of ``accuracy points`` and ``sample plan``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analytics.commands.accuracy.cells import SMALLEST, different_names, numbers
from analytics.errors import SampleError, UnreadableTable
from analytics.estimation import Frame
from analytics.files import read_strict_table


@dataclass(frozen=True, slots=True)
class Strata:
    """The strata of a sample."""

    frame: Frame
    names: tuple[str, ...]
    """All strata of the file, also those of 0 units, which no frame has: a map may show no gain at
    all."""

    @property
    def empty(self) -> frozenset[str]:
        """Strata of 0 units."""
        return frozenset(self.names) - {*self.frame.names}

    def units(self) -> list[int]:
        """Units of all strata. Raises SampleError for strata of area."""
        if self.frame.measure != "units":
            raise SampleError("strata", found="areas", expected="a column 'units'")
        of_name = dict(zip(self.frame.names, self.frame.sizes.tolist(), strict=True))
        return [int(of_name.get(name, 0)) for name in self.names]


def read_strata(path: Path, *, prefer_area: bool, auxiliary: bool) -> Strata:
    """Strata with their numbers of units, or their areas. Raises UnreadableTable.

    A file may have both columns: ``prefer_area`` says which of them counts. ``auxiliary``: whether
    the column auxiliary_mean must be there.
    """
    table = read_strict_table(path)
    names = different_names(table, "stratum")
    present = [column for column in ("units", "area") if column in table.header]
    if not present:
        raise UnreadableTable(
            table.name,
            found=f"columns {', '.join(table.header)}",
            expected="a column 'units' or 'area'",
        )
    if prefer_area and "area" not in present:
        table.column("area")
    by_area = "area" in present and (prefer_area or present == ["area"])
    sizes = np.array(
        numbers(table, "area", lowest=SMALLEST)
        if by_area
        else numbers(table, "units", lowest=0, whole=True)
    )
    has_means = auxiliary or "auxiliary_mean" in table.header
    means = np.array(numbers(table, "auxiliary_mean")) if has_means else None
    used = sizes > 0
    frame = Frame(
        names=tuple(name for name, is_used in zip(names, used, strict=True) if is_used),
        sizes=sizes[used],
        measure="area" if by_area else "units",
        auxiliary_means=None if means is None else means[used],
    )
    return Strata(frame, tuple(names))
