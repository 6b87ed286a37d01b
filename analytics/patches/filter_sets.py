"""Several filters in one pass: patches are the same for all of them, and each is a condition on a
patch's cells and width.

A *bit* stands for each filter, in the order of the set: bit 0 for the first. The bits of a patch
say which filters accept it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import numpy as np

from analytics.arrays import Int64Array
from analytics.grid import Window
from analytics.patches.accepted_change import Receiver, Strip
from analytics.patches.filters import ChangeFilter, InvalidFilter
from analytics.patches.mask_codes import GAIN, LOSS
from analytics.patches.patch_records import Patches
from analytics.patches.runs import Bytes, Runs

MOST_FILTERS = 6
"""Filters of a set: the codes of a raster (preset_mask) have no room for more."""

Prepared = TypeVar("Prepared")


@dataclass(frozen=True)
class FilterSet:
    """Filters by name. Raises InvalidFilter for none, for too many, and for filters that form
    different patches: of other connectivity or least confidence."""

    filters: Mapping[str, ChangeFilter]

    def __post_init__(self) -> None:
        if not 0 < len(self.filters) <= MOST_FILTERS:
            raise InvalidFilter(
                "filters", found=f"{len(self.filters)}", expected=f"1 to {MOST_FILTERS}"
            )
        if len({(f.connectivity, f.min_confidence) for f in self.filters.values()}) > 1:
            raise InvalidFilter(
                "filters",
                found="different connectivities or confidences",
                expected="filters that differ in area and width alone",
            )

    def __len__(self) -> int:
        return len(self.filters)

    @property
    def most_generous(self) -> ChangeFilter:
        """The filter that accepts every patch that one of the set accepts."""
        some = next(iter(self.filters.values()))
        return ChangeFilter(
            mmu_ha=min(f.mmu_ha for f in self.filters.values()),
            min_width_m=min(f.min_width_m for f in self.filters.values()),
            connectivity=some.connectivity,
            min_confidence=some.min_confidence,
        )

    def bits(self, patches: Patches, *, cell_size: float) -> Bytes:
        """The bits of patches, shape (patches,); ``cell_size`` is the side of a cell in metres."""
        found = np.zeros(len(patches), dtype=np.uint8)
        for place, chosen in enumerate(self.filters.values()):
            accepted = (patches.cells >= chosen.min_cells(cell_size**2)) & (
                patches.side >= chosen.min_side(cell_size)
            )
            found |= accepted.astype(np.uint8) << np.uint8(place)
        return found


class SetReceiver(Protocol[Prepared]):
    """What takes the change that filters of a set accept; its methods are those of a Receiver, with
    the bits of each run's patch, shape (runs,), in place of the patches."""

    def prepare(self, strip: Strip) -> Prepared:
        """What can be done with a strip before its patches are known."""

    def receive(self, window: Window, prepared: Prepared, *, runs: Runs, bits: Bytes) -> None:
        """Take a strip, and runs of patches that end in it."""

    def receive_late(self, runs: Runs, bits: Bytes) -> None:
        """Take further runs."""


@dataclass
class FilteredChange:
    """Gives what a set of filters accepts to several receivers (a Receiver of accepted_change, for
    the set's most generous filter).

    ``counters`` get runs with their bits, ``others`` the patches. A patch that no filter of the set
    accepts comes to none of them. In memory are the ids and bits of all accepted patches.

    ``totals`` has shape (filters, 2, 2): of gain and of loss, the accepted cells and patches.
    """

    chosen: FilterSet
    cell_size: float
    counters: Sequence[SetReceiver[Any]] = ()
    others: Sequence[Receiver[Any]] = ()
    _known: list[_Known] = field(default_factory=list)
    totals: Int64Array = field(init=False)

    def __post_init__(self) -> None:
        self.totals = np.zeros((len(self.chosen), 2, 2), dtype=np.int64)

    def prepare(self, strip: Strip) -> tuple[Any, ...]:
        """What each receiver prepares."""
        prepared: list[Any] = [counter.prepare(strip) for counter in self.counters]
        return (*prepared, *(other.prepare(strip) for other in self.others))

    def receive(
        self,
        window: Window,
        prepared: tuple[Any, ...],
        *,
        patches: Patches,
        runs: Runs,
        ids: Int64Array,
    ) -> None:
        """Take a strip."""
        bits = self.chosen.bits(patches, cell_size=self.cell_size)
        known = _Known.of(patches.id, bits)
        self._known.append(known)
        self._add_up(patches, bits)
        patches = patches[bits > 0]
        runs, ids, bits = _accepted(runs, ids, known.bits_of(ids))
        for counter, own in zip(self.counters, prepared, strict=False):
            counter.receive(window, own, runs=runs, bits=bits)
        for other, own in zip(self.others, prepared[len(self.counters) :], strict=True):
            other.receive(window, own, patches=patches, runs=runs, ids=ids)

    def receive_late(self, runs: Runs, ids: Int64Array) -> None:
        """Take further runs."""
        if len(self._known) > 1:
            self._known = [_Known.together(self._known)]
        runs, ids, bits = _accepted(runs, ids, self._known[0].bits_of(ids))
        if not len(runs):
            return
        for counter in self.counters:
            counter.receive_late(runs, bits)
        for other in self.others:
            other.receive_late(runs, ids)

    def _add_up(self, patches: Patches, bits: Bytes) -> None:
        for place, of_filter in enumerate(self.totals):
            accepted = bits >> np.uint8(place) & np.uint8(1) == 1
            for kind, total in zip((GAIN, LOSS), of_filter, strict=True):
                cells = patches.cells[accepted & (patches.kind == kind)]
                total += (cells.sum(), len(cells))


@dataclass(frozen=True, slots=True)
class _Known:
    """Patches that have come: their ids, ascending, and their bits."""

    ids: Int64Array
    bits: Bytes

    @classmethod
    def of(cls, ids: Int64Array, bits: Bytes) -> _Known:
        order = np.argsort(ids)
        return cls(ids[order], bits[order])

    @classmethod
    def together(cls, parts: Sequence[_Known]) -> _Known:
        return cls.of(
            np.concatenate([part.ids for part in parts]),
            np.concatenate([part.bits for part in parts]),
        )

    def bits_of(self, ids: Int64Array) -> Bytes:
        found: Bytes = self.bits[np.searchsorted(self.ids, ids)]
        return found


def _accepted(runs: Runs, ids: Int64Array, bits: Bytes) -> tuple[Runs, Int64Array, Bytes]:
    """Those runs that a filter of the set accepts."""
    if bits.all():
        return runs, ids, bits
    chosen = bits > 0
    return runs[chosen], ids[chosen], bits[chosen]
