"""Points as a table: what stands in each column of a file of points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from analytics.sampling.samples import Sample

CONFIDENCES = ("high", "medium", "low")
"""How sure an interpreter can be of a label."""


@dataclass(frozen=True, slots=True)
class PointTable:
    """Columns of a file of points, in order, each a list with a value a point; and the columns that
    interpreters fill, which are empty."""

    columns: dict[str, list[Any]]
    labels: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All columns of the file."""
        return (*self.columns, *self.labels)


def label_columns(editions: int) -> tuple[str, ...]:
    """The columns that interpreters fill, for a sample from so many editions."""
    references = ("reference",) if editions == 1 else ("reference_earlier", "reference_later")
    return (*references, "confidence", "interpreter", "note")


def point_table(sample: Sample, *, blind: bool) -> PointTable:
    """The table of a sample; ``blind`` leaves out all that tells what the map shows: its classes,
    the stratum, and the probability and weight that follow from it."""
    x, y = sample.eastings_northings()
    longitude, latitude = sample.degrees()
    names = [stratum.name for stratum in sample.strata]
    columns: dict[str, list[Any]] = {"id": list(range(1, len(sample) + 1))}
    if not blind:
        columns["stratum"] = [names[n] for n in sample.stratum.tolist()]
    if sample.two_stage:
        columns["unit"] = sample.unit.tolist()
    columns |= {
        "x": x.tolist(),
        "y": y.tolist(),
        "lon": longitude.tolist(),
        "lat": latitude.tolist(),
    }
    if not blind:
        if sample.editions == 1:
            columns["map"] = sample.later.tolist()
        else:
            columns["map_earlier"] = sample.earlier.tolist()
            columns["map_later"] = sample.later.tolist()
        columns["inclusion_probability"] = sample.probability.tolist()
        columns["weight"] = (1 / sample.probability).tolist()
    return PointTable(columns, label_columns(sample.editions))
