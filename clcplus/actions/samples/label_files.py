"""Labels from a file: CSV, GeoPackage or GeoJSON, with the columns of the draw.

A GeoPackage or GeoJSON is read in a confined process, as an upload of zones is: it may come from
anybody.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import transaction

from analytics.errors import LabelError
from analytics.grid import CELL_SIZE
from analytics.phrases import phrase as _
from analytics.sampling import labels as sample_labels
from analytics.uploads import MEGABYTE, Limits, confinement
from clcplus.actions.samples.labels import MOST_AT_ONCE, Seen, store_labels
from clcplus.actions.zone_sets import sandbox
from clcplus.models import PointLabel, ReferenceSample, SamplePoint

MOST_MEGABYTES = 20
"""Size of a file of labels: a hundred times those of a large sample."""
_LIMITS = Limits(file_bytes=MOST_MEGABYTES * MEGABYTE, features=2 * MOST_AT_ONCE)
_GEOPACKAGE, _GEOJSON = b"SQLite format 3\0", b"{"
_MARK = b"\xef\xbb\xbf"
"""Of UTF-8, at the beginning of a file."""


def import_labels(
    *,
    sample: ReferenceSample,
    path: Path,
    interpreter: str,
    account: Any = None,
    crosswalk: Path | None = None,
    synthetic: bool = False,
    name: str = "",
) -> int:
    """Store the labels of a file, all or none; returns their number.

    Rows without a reference are left out, and rows that name an interpreter are his; the others are
    ``interpreter``'s. With a ``crosswalk`` (CSV ``code,class``) references are its codes.
    ``synthetic`` says that they come from a known truth. ``name`` is what messages call the file.
    Raises LabelError and other errors of :mod:`analytics.sampling.labels`, UploadError for a
    GeoPackage or GeoJSON that cannot be read, and WrongState.
    """
    name = name or path.name
    labels = sample_labels.labels_of(
        _rows(path),
        drawn_points(sample),
        name=name,
        cell_width=CELL_SIZE,
        cell_height=CELL_SIZE,
        crosswalk=None if crosswalk is None else sample_labels.read_crosswalk(crosswalk),
    )
    if not labels:
        raise LabelError(name, found=_("no row with a reference"), expected=_("labels"))
    editions = 1 if sample.earlier_id is None else 2
    references = len(labels[0].reference)
    if references != editions:
        raise LabelError(
            name,
            found=_("references of one edition")
            if references == 1
            else _("references of two editions"),
            expected=_("references of the sample's one edition")
            if editions == 1
            else _("references of both editions of the sample"),
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
            subject=name,
        )
        if synthetic:
            ReferenceSample.objects.filter(pk=sample.pk).update(synthetic=True)
    return stored


def _rows(path: Path) -> list[dict[str, str]]:
    """Rows of a file, whose content says what it is."""
    head = b""
    if path.is_file():
        with path.open("rb") as file:
            head = file.read(1024).removeprefix(_MARK)
    if not (head.startswith(_GEOPACKAGE) or head.lstrip().startswith(_GEOJSON)):
        return sample_labels.table_rows(path, ["id"])
    return confinement.read_points(path, limits=_LIMITS, confinement=sandbox.configured())


def drawn_points(sample: ReferenceSample) -> dict[int, sample_labels.DrawnPoint]:
    """The points of a sample by their numbers."""
    rows = SamplePoint.objects.filter(sample=sample).values_list(
        "number", "stratum__name", "location"
    )
    return {
        number: sample_labels.DrawnPoint(number, stratum, location.x, location.y)
        for number, stratum, location in rows.iterator(chunk_size=5000)
    }
