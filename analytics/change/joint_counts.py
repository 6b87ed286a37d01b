"""Cells of zones, or of 1 km squares, counted in several editions at once.

Each block is packed once, and counted in zones and in squares alike. An edition of a pair needs no
count of its own, since its cells are the pair's margin. A line of two editions whose pair is
counted needs none either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analytics.arrays import Int64Array
from analytics.change import pattern_counts
from analytics.change.pattern_counts import ByPattern, NumberedBlock
from analytics.change.patterns import Pair
from analytics.counting.kernels import (
    NIBBLES,
    Block,
    Values,
    by_code,
    observed_pairs,
    pack,
    pack_pairs,
)

Together = tuple[int, ...]
"""Ids of an edition that is counted alone, or of a pair of editions."""
Count = Callable[[Values, Int64Array], None]
"""Adds a block's values to counts of shape (areas, values)."""


@dataclass(frozen=True, slots=True)
class JointCounts:
    """Cells of areas: of an edition by packed class, shape (areas, 16); of a pair of editions by
    packed classes, shape (areas, 16, 16); and by pattern."""

    cells: dict[int, Int64Array]
    pairs: dict[Pair, Int64Array]
    patterns: ByPattern

    def classes(self, edition_id: int) -> Int64Array:
        """Cells of an edition by class, in the order of CODES, shape (areas, 14). Raises
        InvalidCodes where a value was counted that stands for no code."""
        return by_code(self.cells[edition_id])

    def changes(self, pair: Pair) -> Int64Array:
        """Cells observed in both editions of a pair by former and later class, shape (areas, 11,
        11)."""
        return observed_pairs(self.pairs[pair])

    def split(self, first: int) -> tuple[JointCounts, JointCounts]:
        """Counts of the ``first`` areas, and of the others."""
        return self._part(slice(first)), self._part(slice(first, None))

    def _part(self, areas: slice) -> JointCounts:
        return JointCounts(
            {ids: counts[areas] for ids, counts in self.cells.items()},
            {pair: counts[areas] for pair, counts in self.pairs.items()},
            {pattern: counts[areas] for pattern, counts in self.patterns.items()},
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What is counted: cells of editions, of pairs, and by pattern of the editions of each line.

    Every edition of a pair or a line is among ``edition_ids``.
    """

    edition_ids: Sequence[int]
    pairs: Sequence[Pair]
    lines: Sequence[Sequence[int]]

    @property
    def together(self) -> list[Together]:
        """The pairs, and the editions that are in no pair."""
        paired = {edition_id for pair in self.pairs for edition_id in pair}
        return [*((e,) for e in self.edition_ids if e not in paired), *self.pairs]

    def pack(self, blocks: Mapping[int, Block]) -> PackedBlock:
        """Pack one block of each edition. Raises InvalidCodes for a code from 12 to 251."""
        packed: dict[Together, Block] = {}
        for ids in self.together:
            of_ids = [blocks[edition_id] for edition_id in ids]
            packed[ids] = pack(*of_ids) if len(ids) == 1 else pack_pairs(*of_ids)
        # Patterns of other lines follow from the counts of editions and pairs.
        numbered = [line for line in self.lines if len(line) > 1 and not self._pair_of(line)]
        return PackedBlock(
            packed,
            lines=[
                pattern_counts.number(
                    ((e, blocks[e]) for e in sorted(line)), shape=blocks[line[0]].shape
                )
                for line in numbered
            ],
        )

    def patterns(
        self, cells: Mapping[int, Int64Array], pairs: Mapping[Pair, Int64Array]
    ) -> ByPattern:
        """Cells by pattern of the lines that are not numbered."""
        found: ByPattern = {}
        for line in self.lines:
            pair = self._pair_of(line)
            if pair:
                found |= pattern_counts.of_pair(pair, pairs[pair])
            elif len(line) == 1:
                found |= pattern_counts.of_edition(line[0], cells[line[0]])
        return found

    def _pair_of(self, line: Sequence[int]) -> Pair | None:
        return next((pair for pair in self.pairs if sorted(pair) == sorted(line)), None)


@dataclass(frozen=True, slots=True)
class PackedBlock:
    """A block of each edition, packed as a plan asks for."""

    packed: dict[Together, Block]
    lines: list[NumberedBlock]


class Tally:
    """Adds up blocks over ``areas`` zones or squares."""

    def __init__(self, plan: Plan, areas: int) -> None:
        self._plan = plan
        self._areas = areas
        self._packed = {ids: self._zeros(NIBBLES ** len(ids)) for ids in plan.together}
        self._patterns: ByPattern = {}

    def _zeros(self, values: int) -> Int64Array:
        return np.zeros((self._areas, values), dtype=np.int64)

    def add(self, block: PackedBlock, count: Count) -> None:
        """Count a block."""
        for ids, packed in block.packed.items():
            count(packed, self._packed[ids])
        for numbered in block.lines:
            counts = self._zeros(len(numbered.patterns))
            count(numbered.numbers, counts)
            pattern_counts.add(self._patterns, pattern_counts.by_pattern(numbered.patterns, counts))

    def counts(self) -> JointCounts:
        """What was counted."""
        cells: dict[int, Int64Array] = {}
        pairs: dict[Pair, Int64Array] = {}
        for ids, counts in self._packed.items():
            if len(ids) == 1:
                cells[ids[0]] = counts
            else:
                earlier, later = ids
                matrix = counts.reshape(self._areas, NIBBLES, NIBBLES)
                pairs[earlier, later] = matrix
                cells |= {earlier: matrix.sum(axis=2), later: matrix.sum(axis=1)}
        return JointCounts(cells, pairs, self._patterns | self._plan.patterns(cells, pairs))
