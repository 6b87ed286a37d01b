"""Estimates that follow from a labelled sample."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.errors import SampleError
from analytics.estimation import (
    Estimate,
    Frame,
    assess_labels,
    assess_proportions,
    status_of_area,
)
from analytics.grid import CELL_AREA
from analytics.nomenclature import SEALED
from clcplus.models import (
    AreaEstimate,
    PointLabel,
    ReferenceSample,
    SamplePoint,
    SampleStratum,
    ZoneStrata,
)

Quantity = AreaEstimate.Quantity
_LEAST = 2
"""Labelled points of a stratum: fewer have no variance."""


@dataclass(frozen=True, slots=True)
class LabelledPoints:
    """The labelled points of a sample, each array of shape (points,): place of the stratum, and
    whether the reference calls the cell sealed. ``before`` is None for one edition."""

    stratum: npt.NDArray[np.intp]
    before: npt.NDArray[np.bool_] | None
    after: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.stratum)


def compute(sample: ReferenceSample) -> int:
    """Store the estimates of a sample in place of earlier ones; returns their number. Part of the
    open transaction.

    Raises SampleError where points lack labels, except at the end of the sample: its beginning is
    a sample too, but points that an interpreter has passed over are not drawn at random.
    """
    remove(sample)
    if sample.design == ReferenceSample.Design.TWO_STAGE:
        raise SampleError(
            sample.name,
            found="a two-stage sample",
            expected="points that were drawn one by one",
            hint="Export it with its labels, and estimate from its primary units",
        )
    points = labelled_points(sample)
    strata = list(SampleStratum.objects.filter(sample=sample).order_by("place"))
    zone = ZoneStrata.objects.filter(sample=sample, zone=sample.territory).first()
    if zone is None:
        return 0
    rows = [
        AreaEstimate(
            sample=sample,
            zone_id=zone.zone_id,
            quantity=quantity,
            value=found.value * CELL_AREA,
            se=found.se * CELL_AREA,
            ci_low=found.ci_low * CELL_AREA,
            ci_high=found.ci_high * CELL_AREA,
            status="ok" if quantity == Quantity.NET else status_of_area(found),
            basis=AreaEstimate.Basis.OWN_SAMPLE,
            method=found.method,
            points=len(points),
            sealed_points=_sealed(points),
        )
        for quantity, found in _of_territory(strata, zone.cells, points)
    ]
    return len(AreaEstimate.objects.bulk_create(rows))


def remove(sample: ReferenceSample) -> None:
    """Remove the estimates of a sample."""
    AreaEstimate.objects.filter(sample=sample).delete()


def labelled_points(sample: ReferenceSample) -> LabelledPoints:
    """What the first interpreter of each point saw; second opinions tell of the interpreters alone.

    Raises SampleError as :func:`compute` does.
    """
    labels = (
        PointLabel.objects.filter(point__sample=sample)
        .order_by("point__number", "pk")
        .distinct("point__number")
        .values_list(
            "point__number", "point__stratum__place", "reference_earlier", "reference_later"
        )
    )
    rows = list(labels)
    total = SamplePoint.objects.filter(sample=sample).count()
    missing = next((n for n, row in enumerate(rows, start=1) if row[0] != n), None)
    if not rows or missing is not None:
        raise SampleError(
            sample.name,
            found="no label" if not rows else f"no label of point {missing}, but of later ones",
            expected=f"labels of all {total} points, or of the first ones without a gap",
            hint="Points that were passed over are the hard ones: label them, as unsure",
        )
    _, stratum, before, after = zip(*rows, strict=True)
    pair = sample.earlier_id is not None
    return LabelledPoints(
        stratum=np.array(stratum, dtype=np.intp),
        before=np.array(before) == SEALED if pair else None,
        after=np.array(after) == SEALED,
    )


def _of_territory(
    strata: list[SampleStratum], cells: list[int], points: LabelledPoints
) -> Iterator[tuple[str, Estimate]]:
    """Estimates in cells of the territory that the sample was drawn in, by quantity."""
    present = [place for place, size in enumerate(cells) if size]
    counts = np.bincount(points.stratum, minlength=len(cells))
    for place in present:
        if counts[place] < _LEAST:
            raise SampleError(
                f"stratum {strata[place].name}",
                found="1 labelled point" if counts[place] else "no labelled point",
                expected=f"{_LEAST} or more, since fewer have no variance",
                hint="Label more points, or draw a sample with more of the stratum",
            )
    position = np.full(len(cells), -1, dtype=np.intp)
    position[present] = np.arange(len(present))
    stratum = position[points.stratum]
    frame = Frame(
        names=tuple(strata[place].name for place in present),
        sizes=np.array([cells[place] for place in present], dtype=np.float64),
        measure="units",
    )

    def area(target: npt.NDArray[np.bool_]) -> Estimate:
        codes = (~target).astype(np.intp)
        found = assess_labels(
            frame, stratum, mapped=codes, reference=codes, classes=("target", "other")
        )
        return found.classes[0].area

    after = points.after
    yield Quantity.SEALED_AFTER, area(after)
    if points.before is None:
        return
    before = points.before
    yield Quantity.SEALED_BEFORE, area(before)
    yield Quantity.GAIN, area(after & ~before)
    yield Quantity.LOSS, area(before & ~after)
    net = after.astype(np.float64) - before.astype(np.float64)
    change = assess_proportions(frame, stratum, mapped=net, reference=net)
    yield Quantity.NET, change.classes[0].area


def _sealed(points: LabelledPoints) -> int:
    sealed = points.after if points.before is None else points.after | points.before
    return int(sealed.sum())
