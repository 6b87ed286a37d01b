"""Agreement of two interpreters who labelled the same points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.estimation import Agreement, agreement_of
from analytics.nomenclature import SEALED
from clcplus.models import PointLabel, ReferenceSample


@dataclass(frozen=True, slots=True)
class EditionAgreement:
    """Agreement on the classes of one edition, and on sealed or not alone."""

    year: int
    classes: Agreement
    sealed: Agreement


def agreements(sample: ReferenceSample) -> list[EditionAgreement]:
    """Agreement of the first two labels of each point that has two, by edition, the earlier first;
    empty where no point has two."""
    labels = (
        PointLabel.objects.filter(point__sample=sample)
        .order_by("point", "pk")
        .values_list("point", "reference_earlier", "reference_later")
    )
    by_point: dict[int, list[tuple[int | None, int]]] = {}
    for point, earlier, later in labels.iterator(chunk_size=5000):
        by_point.setdefault(point, []).append((earlier, later))
    pairs = [found[:2] for found in by_point.values() if len(found) > 1]
    if not pairs:
        return []
    codes = np.array(
        [[[earlier or 0, later] for earlier, later in pair] for pair in pairs], dtype=np.intp
    )
    # Shape (points, interpreters, editions).
    editions = [sample.later] if sample.earlier is None else [sample.earlier, sample.later]
    found = []
    for place, edition in enumerate(editions, start=2 - len(editions)):
        first, second = codes[:, 0, place], codes[:, 1, place]
        sealed = [(one == SEALED).astype(np.intp) for one in (first, second)]
        found.append(
            EditionAgreement(edition.year, agreement_of(first, second), agreement_of(*sealed))
        )
    return found
