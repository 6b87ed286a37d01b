"""Labels from a file: CSV or GeoPackage, with the columns of the draw."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import transaction

from analytics.errors import LabelError
from analytics.grid import CELL_SIZE
from analytics.sampling import labels as sample_labels
from clcplus.actions.samples.labels import Seen, store_labels
from clcplus.models import PointLabel, ReferenceSample, SamplePoint

FORMATS = (".csv", ".gpkg")


def import_labels(
    *,
    sample: ReferenceSample,
    path: Path,
    interpreter: str,
    account: Any = None,
    crosswalk: Path | None = None,
    synthetic: bool = False,
) -> int:
    """Store the labels of a file, all or none; returns their number.

    Rows without a reference are left out, and rows that name an interpreter are his; the others are
    ``interpreter``'s. With a ``crosswalk`` (CSV ``code,class``) references are its codes.
    ``synthetic`` says that they come from a known truth. Raises LabelError and other errors of
    :mod:`analytics.sampling.labels`, and WrongState.
    """
    if path.suffix.lower() not in FORMATS:
        raise LabelError(path.name, found="another format", expected="a file .csv or .gpkg")
    labels = sample_labels.read_labels(
        path,
        drawn_points(sample),
        cell_width=CELL_SIZE,
        cell_height=CELL_SIZE,
        crosswalk=None if crosswalk is None else sample_labels.read_crosswalk(crosswalk),
    )
    if not labels:
        raise LabelError(path.name, found="no row with a reference", expected="labels")
    editions = 1 if sample.earlier_id is None else 2
    references = len(labels[0].reference)
    if references != editions:
        raise LabelError(
            path.name,
            found="references of one edition" if references == 1 else "references of two editions",
            expected=f"references of the sample's {editions}",
        )
    seen = [
        Seen(
            point=label.point.id,
            earlier=label.reference[0] if editions == 2 else None,
            later=label.reference[-1],
            confidence=label.confidence or PointLabel.Confidence.HIGH,
            note=label.note,
            interpreter=label.interpreter,
        )
        for label in labels
    ]
    with transaction.atomic():
        stored = store_labels(
            sample=sample,
            seen=seen,
            interpreter=interpreter,
            account=account,
            origin=PointLabel.Origin.FILE,
            subject=path.name,
        )
        if synthetic:
            ReferenceSample.objects.filter(pk=sample.pk).update(synthetic=True)
    return stored


def drawn_points(sample: ReferenceSample) -> dict[int, sample_labels.DrawnPoint]:
    """The points of a sample by their numbers."""
    rows = SamplePoint.objects.filter(sample=sample).values_list(
        "number", "stratum__name", "location"
    )
    return {
        number: sample_labels.DrawnPoint(number, stratum, location.x, location.y)
        for number, stratum, location in rows.iterator(chunk_size=5000)
    }
