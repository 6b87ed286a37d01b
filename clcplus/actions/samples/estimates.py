"""Estimates that follow from a labelled sample, for the territories in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from django.db import connection

from analytics.errors import SampleError
from analytics.estimation import (
    Clusters,
    Frame,
    ReferencePoints,
    TerritoryEstimate,
    cluster_estimates,
    cluster_level_estimates,
    level_estimates,
    whole_estimates,
)
from analytics.grid import CELL_AREA
from analytics.nomenclature import SEALED
from analytics.phrases import phrase as _
from clcplus.models import (
    AreaEstimate,
    PointLabel,
    ReferenceSample,
    SamplePoint,
    SampleStratum,
    ZoneStrata,
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """The labelled points of a sample."""

    numbers: Sequence[int]
    points: ReferencePoints
    clusters: Clusters | None
    """Primary units and weights of a two-stage sample."""


def compute(sample: ReferenceSample) -> int:
    """Store the estimates of a sample in place of earlier ones; returns their number. Part of the
    open transaction.

    The territory that the sample was drawn in has its own; others have those that
    :func:`analytics.estimation.level_estimates` finds, layer by layer, and for a two-stage sample
    those of :func:`analytics.estimation.cluster_level_estimates`. Raises SampleError for a stratum
    with fewer than two labelled points, too few primary units, or points without labels,
    except at the end of the sample: its beginning is a sample too, but points that an interpreter
    has passed over are not drawn at random.
    """
    remove(sample)
    strata = list(SampleStratum.objects.filter(sample=sample, cells__gt=0).order_by("place"))
    labelled = labelled_points(sample, strata)
    if labelled.clusters is None:
        whole = whole_estimates(labelled.points, cell_area=CELL_AREA)
    else:
        whole = cluster_estimates(labelled.points, labelled.clusters, cell_area=CELL_AREA)
    rows: list[AreaEstimate] = []
    places = [stratum.place for stratum in strata]
    sizes = [stratum.cells for stratum in strata]
    for zone_ids, counts in _layers(sample, places):
        parts = []
        for zone_id, cells in zip(zone_ids, counts, strict=True):
            if cells == sizes:  # all that the sample was drawn from
                rows += _rows(sample, zone_id, whole)
            else:
                parts.append((zone_id, cells))
        rows += _of_parts(sample, labelled, parts)
    return len(AreaEstimate.objects.bulk_create(rows, batch_size=2000))


def remove(sample: ReferenceSample) -> None:
    """Remove the estimates of a sample."""
    AreaEstimate.objects.filter(sample=sample).delete()


def labelled_points(sample: ReferenceSample, strata: Sequence[SampleStratum]) -> Labelled:
    """The labelled points, with what the first interpreter of each saw; second opinions tell of the
    interpreters alone.

    Raises SampleError for points without labels, as :func:`compute` does.
    """
    rows = list(
        PointLabel.objects.filter(point__sample=sample)
        .order_by("point__number", "pk")
        .distinct("point__number")
        .values_list(
            "point__number",
            "point__stratum__place",
            "reference_earlier",
            "reference_later",
            "point__unit",
            "point__probability",
        )
    )
    missing = next((n for n, row in enumerate(rows, start=1) if row[0] != n), None)
    if not rows or missing is not None:
        total = SamplePoint.objects.filter(sample=sample).count()
        raise SampleError(
            sample.name,
            found=_("no label of point %(n)s, but of later ones", n=missing)
            if rows
            else _("no label"),
            expected=_("labels of all %(n)s points, or of the first ones without a gap", n=total),
            hint=_("Points that were passed over are the hard ones: label them, as unsure"),
        )
    numbers, stratum, before, after, unit, probability = zip(*rows, strict=True)
    position = {one.place: n for n, one in enumerate(strata)}
    frame = Frame(
        names=tuple(one.name for one in strata),
        sizes=np.array([one.cells for one in strata], dtype=np.float64),
        measure="units",
    )
    pair = sample.earlier_id is not None
    points = ReferencePoints(
        frame=frame,
        stratum=np.array([position[place] for place in stratum], dtype=np.intp),
        sealed_before=np.array(before) == SEALED if pair else None,
        sealed_after=np.array(after) == SEALED,
    )
    clusters = None
    if sample.design == ReferenceSample.Design.TWO_STAGE:
        clusters = Clusters(unit=np.array(unit, dtype=np.intp), weight=1 / np.array(probability))
    return Labelled(numbers, points, clusters)


def _layers(
    sample: ReferenceSample, places: Sequence[int]
) -> Iterable[tuple[list[int], list[list[int]]]]:
    """Ids of the zones of each layer, and their cells by the strata of ``places``."""
    stored = ZoneStrata.objects.filter(sample=sample).order_by("zone__layer", "zone")
    by_layer: dict[int, tuple[list[int], list[list[int]]]] = {}
    for layer, zone_id, cells in stored.values_list("zone__layer", "zone", "cells"):
        ids, counts = by_layer.setdefault(layer, ([], []))
        ids.append(zone_id)
        counts.append([cells[place] for place in places])
    return by_layer.values()


def _of_parts(
    sample: ReferenceSample, labelled: Labelled, parts: Sequence[tuple[int, list[int]]]
) -> list[AreaEstimate]:
    """Estimates for zones of one layer, each a part of the sample's territory."""
    if not parts:
        return []
    zone_ids = [zone_id for zone_id, _ in parts]
    place = _zones_of_points(sample, labelled.numbers, zone_ids)
    cells = np.array([cells for _, cells in parts], dtype=np.intp)
    if labelled.clusters is None:
        found = level_estimates(labelled.points, place=place, cells=cells, cell_area=CELL_AREA)
    else:
        found = cluster_level_estimates(
            labelled.points,
            labelled.clusters,
            place=place,
            cells=cells.sum(axis=1),
            cell_area=CELL_AREA,
        )
    return [
        row
        for zone_id, of_zone in zip(zone_ids, found, strict=True)
        for row in _rows(sample, zone_id, of_zone)
    ]


def _zones_of_points(
    sample: ReferenceSample, numbers: Sequence[int], zone_ids: Sequence[int]
) -> npt.NDArray[np.intp]:
    """The position among ``zone_ids`` of the zone in which each point lies, −1 for none.

    A centre on a border belongs to the zone east of it, or south (analytics.counting.scanline): a
    point is looked for a hair to the east, and much less to the south.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (p.number) p.number, z.id"
            " FROM (SELECT number, ST_Translate(location, 1e-5, -1e-8) AS place"
            "  FROM clcplus_samplepoint WHERE sample_id = %s) p"
            " JOIN clcplus_zone z ON z.id = ANY(%s) AND ST_Intersects(z.geometry, p.place)"
            " ORDER BY p.number, z.id",
            [sample.pk, list(zone_ids)],
        )
        of_point: dict[int, int] = dict(cursor.fetchall())
    position = {zone_id: n for n, zone_id in enumerate(zone_ids)}
    return np.array([position.get(of_point.get(n, 0), -1) for n in numbers], dtype=np.intp)


def _rows(
    sample: ReferenceSample, zone_id: int, found: Iterable[TerritoryEstimate]
) -> list[AreaEstimate]:
    return [
        AreaEstimate(
            sample=sample,
            zone_id=zone_id,
            quantity=one.quantity,
            value=one.estimate.value,
            se=one.estimate.se,
            ci_low=one.estimate.ci_low,
            ci_high=one.estimate.ci_high,
            status=one.status,
            basis=one.basis,
            method=one.estimate.method,
            points=one.points,
            sealed_points=one.sealed_points,
        )
        for one in found
    ]
