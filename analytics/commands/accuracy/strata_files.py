"""The file of strata of ``accuracy points``."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from analytics.commands.accuracy.cells import SMALLEST, different_names, numbers
from analytics.errors import UnreadableTable
from analytics.estimation import Frame
from analytics.files import read_strict_table


def read_frame(path: Path, *, prefer_area: bool, auxiliary: bool) -> Frame:
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
    if "area" in present and (prefer_area or present == ["area"]):
        measure, sizes = "area", numbers(table, "area", lowest=SMALLEST)
    else:
        measure, sizes = "units", numbers(table, "units", lowest=1, whole=True)
    has_means = auxiliary or "auxiliary_mean" in table.header
    return Frame(
        names=tuple(names),
        sizes=np.array(sizes),
        measure="area" if measure == "area" else "units",
        auxiliary_means=np.array(numbers(table, "auxiliary_mean")) if has_means else None,
    )
