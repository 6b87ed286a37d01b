"""Counts by pattern equal those of a plain walk from cell to cell."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analytics.change.pattern_counts import (
    ByPattern,
    NumberedBlock,
    add,
    by_pattern,
    number,
    running_sums,
)
from analytics.change.patterns import Pattern
from analytics.counting.kernels import count_spans
from analytics.counting.scanline import Spans
from analytics.grid import Window
from analytics.nomenclature import CODES
from tests.squares import counts_of_squares

SHAPE = (4, 7)
SOME = arrays(np.uint8, SHAPE, elements=st.sampled_from((1, 2, 10, 253, 255)))


def naive(blocks: dict[int, Any], inside: Any) -> dict[Pattern, int]:
    """Cells by pattern, by the words of the glossary."""
    found: dict[Pattern, int] = {}
    for row, column in zip(*np.nonzero(inside), strict=True):
        pattern = []
        for edition in sorted(blocks):
            code = int(blocks[edition][row, column])
            if code <= 11:
                pattern.append(edition if code == 1 else -edition)
        if pattern:
            found[tuple(pattern)] = found.get(tuple(pattern), 0) + 1
    return found


def everything(shape: tuple[int, int]) -> Spans:
    rows = np.arange(shape[0])
    return Spans(rows, np.zeros_like(rows), np.full_like(rows, shape[1]), np.zeros_like(rows))


def in_zones(block: NumberedBlock, spans: Spans, *, window: Window, zones: int) -> ByPattern:
    counts = np.zeros((zones, len(block.patterns)), dtype=np.int64)
    count_spans(block.numbers, counts, spans=spans, window=window)
    return by_pattern(block.patterns, counts)


@settings(deadline=None, max_examples=60)
@given(st.lists(SOME, min_size=0, max_size=9), st.integers(1, 5))
def test_any_number_of_editions(blocks: list[Any], step: int) -> None:
    of_editions = {step * (n + 1): block for n, block in enumerate(blocks)}
    numbered = number(iter(of_editions.items()), shape=SHAPE)
    window = Window(0, 0, *SHAPE)
    counted = in_zones(numbered, everything(SHAPE), window=window, zones=1)
    expected = naive(of_editions, np.ones(SHAPE, bool))
    assert {pattern: counts.tolist() for pattern, counts in counted.items()} == {
        pattern: [cells] for pattern, cells in expected.items()
    }
    assert len(numbered.patterns) <= 3 * 3**5


def test_zones_are_counted_apart() -> None:
    random = np.random.default_rng(3)
    blocks = {n: random.choice(np.array(CODES, np.uint8), (20, 30)) for n in (2, 5, 7)}
    zone = random.integers(0, 3, (20, 30))
    row, column = (part.ravel() for part in np.indices((20, 30)))
    order = np.argsort(zone.ravel(), kind="stable")
    spans = Spans(row[order] + 40, column[order] + 7, column[order] + 8, zone.ravel()[order])
    window = Window(40, 7, 20, 30)
    counted = in_zones(number(blocks.items(), shape=(20, 30)), spans, window=window, zones=4)
    for n in range(4):
        of_zone = {pattern: int(counts[n]) for pattern, counts in counted.items() if counts[n]}
        assert of_zone == naive(blocks, zone == n)
    twice = {pattern: counts.copy() for pattern, counts in counted.items()}
    add(twice, counted)
    assert all((twice[pattern] == 2 * counts).all() for pattern, counts in counted.items())


def test_running_sums_along_rows_of_tiles() -> None:
    random = np.random.default_rng(4)
    blocks = {n: random.choice(np.array((1, 3, 254), np.uint8), (200, 300)) for n in (1, 2)}
    blocks[1][:, 200:] = 255
    window = Window(500, 1_000, 200, 300)
    block = number(blocks.items(), shape=(200, 300))
    counts = counts_of_squares(block.numbers, side=100, number=len(block.patterns))
    sums = list(running_sums(by_pattern(block.patterns, counts), window=window))
    assert {(s.row, s.first_column) for s in sums} == {(5, 10), (6, 10)}
    for row in (0, 1):
        for tile in (0, 1, 2):
            place = np.s_[100 * row : 100 * (row + 1), 100 * tile : 100 * (tile + 1)]
            part = {n: block[place] for n, block in blocks.items()}
            assert {
                s.pattern: int(s.sums[tile + 1] - s.sums[tile])
                for s in sums
                if s.row == 5 + row and s.sums[tile + 1] > s.sums[tile]
            } == naive(part, np.ones((100, 100), bool))
