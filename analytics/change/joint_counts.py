"""Cells of zones, or of 1 km squares, counted in several editions at once.

Each block is packed once, and counted in zones and in squares alike. An edition of a pair needs no
count of its own, since its cells are the pair's margin. A line of two editions whose pair is
counted needs none either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

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


@dataclass(frozen=True, slots=True)
class Plan:
    """What is counted: cells of editions, of pairs, and by pattern of the editions of each line.

    Every edition of a pair or a line is among ``edition_ids``.
    """

    edition_ids: Sequence[int]
    pairs: Sequence[Pair]
    lines: Sequence[Sequence[int]]

    @property
    def alone(self) -> list[int]:
        """Editions that are in no pair."""
        paired = {edition_id for pair in self.pairs for edition_id in pair}
        return [edition_id for edition_id in self.edition_ids if edition_id not in paired]

    @property
    def numbered(self) -> list[Sequence[int]]:
        """Lines whose patterns do not follow from the counts of editions and pairs."""
        return [line for line in self.lines if len(line) > 1 and not self._pair_of(line)]

    def pack(self, blocks: Mapping[int, Block]) -> PackedBlock:
        """Pack one block of each edition. Raises InvalidCodes for a code from 12 to 251."""
        return PackedBlock(
            alone={e: pack(blocks[e]) for e in self.alone},
            pairs={(a, b): pack_pairs(blocks[a], blocks[b]) for a, b in self.pairs},
            lines=[
                pattern_counts.number(
                    ((e, blocks[e]) for e in sorted(line)), shape=blocks[line[0]].shape
                )
                for line in self.numbered
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

    alone: dict[int, Block]
    pairs: dict[Pair, Block]
    lines: list[NumberedBlock]


@dataclass(slots=True)
class Tally:
    """Adds up blocks over ``areas`` zones or squares."""

    plan: Plan
    areas: int
    _alone: dict[int, Int64Array] = field(init=False)
    _pairs: dict[Pair, Int64Array] = field(init=False)
    _patterns: ByPattern = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._alone = {e: self._zeros(NIBBLES) for e in self.plan.alone}
        self._pairs = {pair: self._zeros(NIBBLES * NIBBLES) for pair in self.plan.pairs}

    def _zeros(self, values: int) -> Int64Array:
        return np.zeros((self.areas, values), dtype=np.int64)

    def add(self, block: PackedBlock, count: Count) -> None:
        """Count a block."""
        for edition_id, packed in block.alone.items():
            count(packed, self._alone[edition_id])
        for pair, packed in block.pairs.items():
            count(packed, self._pairs[pair])
        for numbered in block.lines:
            counts = self._zeros(len(numbered.patterns))
            count(numbered.numbers, counts)
            pattern_counts.add(self._patterns, pattern_counts.by_pattern(numbered.patterns, counts))

    def counts(self) -> JointCounts:
        """What was counted."""
        pairs = {
            pair: counts.reshape(self.areas, NIBBLES, NIBBLES)
            for pair, counts in self._pairs.items()
        }
        margins = {
            edition_id: matrix.sum(axis=2 if position == 0 else 1)
            for pair, matrix in pairs.items()
            for position, edition_id in enumerate(pair)
        }
        cells = self._alone | margins
        return JointCounts(cells, pairs, self._patterns | self.plan.patterns(cells, pairs))
