"""The labels of a sample as a table, a row for each, as the import of labels reads it."""

from __future__ import annotations

import csv
import io
from typing import BinaryIO

from analytics.files import harmless
from analytics.sampling import point_tables
from clcplus.actions.samples.sample_files import drawn_sample
from clcplus.models import PointLabel, ReferenceSample


def write_labels(sample: ReferenceSample, file: BinaryIO) -> None:
    """Write a CSV of the labels with all that is known of their points, by point and interpreter.

    Names and notes are texts of people: none of them is a formula to a program of tables. Raises
    WrongState before the points are drawn.
    """
    table = point_tables.point_table(drawn_sample(sample), blind=False)
    rows = list(zip(*table.columns.values(), strict=True))
    labels = (
        PointLabel.objects.filter(point__sample=sample)
        .order_by("point__number", "pk")
        .values_list(
            "point__number",
            "reference_earlier",
            "reference_later",
            "confidence",
            "interpreter",
            "note",
        )
    )
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.names)
    pair = sample.earlier_id is not None
    for number, earlier, later, confidence, interpreter, note in labels.iterator(chunk_size=5000):
        references = (earlier, later) if pair else (later,)
        said = (harmless(interpreter), harmless(note))
        writer.writerow((*rows[number - 1], *references, confidence, *said))
    text.flush()
    text.detach()
