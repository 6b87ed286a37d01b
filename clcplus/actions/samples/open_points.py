"""The points that an interpreter has still to label, and how far the labelling is."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce, Least

from clcplus.models import PointLabel, ReferenceSample, SamplePoint

_KEPT_SECONDS = 180
"""How long a point that was offered to one interpreter is kept from the others."""
_LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class LabelProgress:
    """Labels that are there and that are wanted, and those of one interpreter."""

    done: int
    wanted: int
    own: int

    @property
    def percent(self) -> int:
        """Rounded down, so that 100 means all."""
        return 100 * self.done // self.wanted if self.wanted else 0


def progress(sample: ReferenceSample, *, interpreter: str = "") -> LabelProgress:
    """How far the labelling of a sample is. Labels beyond those that a point wants do not count."""
    of_points = PointLabel.objects.filter(point__sample=sample).order_by()
    by_point = of_points.values("point", "point__opinions").annotate(labels=Count("pk"))
    counted = Least("labels", "point__opinions", output_field=IntegerField())
    done = by_point.aggregate(done=Coalesce(Sum(counted), 0))["done"]
    points = SamplePoint.objects.filter(sample=sample)
    wanted = points.aggregate(wanted=Coalesce(Sum("opinions"), 0))["wanted"]
    own = of_points.filter(interpreter=interpreter).count()
    return LabelProgress(done=done, wanted=wanted, own=own)


def next_point(sample: ReferenceSample, *, interpreter: str, after: int = 0) -> SamplePoint | None:
    """The next point after a number, or from the beginning, that wants a label of this interpreter;
    None when nothing is left for him. A point is kept for him a while, so that two who work at the
    same time do not label the same points."""
    mine = PointLabel.objects.filter(point=OuterRef("pk"), interpreter=interpreter)
    of_point = (
        PointLabel.objects.filter(point=OuterRef("pk"))
        .order_by()
        .values("point")
        .annotate(labels=Count("pk"))
        .values("labels")
    )
    labelled = Coalesce(Subquery(of_point, output_field=IntegerField()), 0)
    left = (
        SamplePoint.objects.filter(sample=sample)
        .annotate(labelled=labelled)
        .filter(~Exists(mine), labelled__lt=F("opinions"))
        .order_by("number")
    )
    candidates = list(left.filter(number__gt=after)[:_LOOKED_AT])
    candidates += list(left.filter(number__lte=after)[: _LOOKED_AT - len(candidates)])
    if not candidates:
        return None
    for point in candidates:
        if cache.get_or_set(_key(point), interpreter, _KEPT_SECONDS) == interpreter:
            return point
    # All are kept for others: better a label too many than an interpreter who waits.
    return candidates[0]


def _key(point: SamplePoint) -> str:
    return f"sample-point-{point.pk}"
