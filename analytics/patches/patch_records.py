"""Accepted patches as columns of a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from analytics.arrays import BoolArray, Float64Array, Int64Array
from analytics.nomenclature import SEALED
from analytics.patches import labels
from analytics.patches.labels import most_frequent_other
from analytics.patches.mask_codes import GAIN


@dataclass(frozen=True, slots=True)
class Patches:
    """Patches; each array has shape (patches,).

    ``id`` is the number of the first cell, row by row from 1: a patch has it whatever the filter.
    ``former`` and ``later`` are classes; of a patch's classes that are not *sealed*, the most
    frequent one counts, and of several the one with the smallest code. ``side`` is that of the
    largest square in the patch, in cells. ``confidence`` is the mean over the cells whose
    confidence is known, and NaN if it is known of none.
    """

    id: Int64Array
    kind: npt.NDArray[np.uint8]
    former: npt.NDArray[np.uint8]
    later: npt.NDArray[np.uint8]
    cells: Int64Array
    side: Int64Array
    confidence: Float64Array

    def __len__(self) -> int:
        return len(self.id)

    def __getitem__(self, chosen: BoolArray | Int64Array) -> Patches:
        return Patches(*(getattr(self, field.name)[chosen] for field in fields(self)))


def patches_of(numbers: Int64Array) -> Patches:
    """The table of patches from their numbers (analytics.patches.labels)."""
    kind = numbers[:, labels.KIND].astype(np.uint8)
    other, sealed = most_frequent_other(numbers), np.full(len(numbers), SEALED, dtype=np.uint8)
    known = numbers[:, labels.CONFIDENT_CELLS]
    confidence = np.full(len(numbers), np.nan)
    np.divide(numbers[:, labels.CONFIDENCE], known, out=confidence, where=known > 0)
    return Patches(
        id=numbers[:, labels.FIRST] + 1,
        kind=kind,
        former=np.where(kind == GAIN, other, sealed),
        later=np.where(kind == GAIN, sealed, other),
        cells=numbers[:, labels.CELLS],
        side=numbers[:, labels.SIDE],
        confidence=confidence,
    )


def together(parts: Iterable[Patches]) -> Patches:
    """Patches one part after the other."""
    parts = [patches_of(np.zeros((0, labels.NUMBERS), dtype=np.int64)), *parts]
    return Patches(
        *(
            np.concatenate([getattr(part, field.name) for part in parts])
            for field in fields(Patches)
        )
    )
