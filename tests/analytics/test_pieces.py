"""Zones and squares counted together, against a count of every zone and square alone."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.counting.pieces import count_pieces, pieces_of
from analytics.counting.scanline import Spans
from analytics.grid import Window
from tests.squares import counts_of_squares

SIDE = 4
WINDOW = Window(8, 12, 3 * SIDE, 5 * SIDE)
VALUES = 6
Layer = npt.NDArray[np.int64]
"""The zone of each cell; −1 for none. Zones of two layers overlap."""


def spans_of_layers(layers: list[Layer]) -> Spans:
    found = [
        (zone, WINDOW.row + row, WINDOW.column + cells[0], WINDOW.column + cells[-1] + 1)
        for layer in layers
        for row, line in enumerate(layer.tolist())
        for zone, run in groupby(range(len(line)), key=line.__getitem__)
        if zone >= 0 and (cells := list(run))
    ]
    zone, row, start, stop = np.array(sorted(found), dtype=np.int64).reshape(-1, 4).T.copy()
    return Spans(row, start, stop, zone)


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Layer], int, np.random.Generator]:
    """Layers without any zone up to layers with another zone in every second cell."""
    random = np.random.default_rng(draw(st.integers(0, 2**31)))
    layers: list[Layer] = []
    zones = 0
    for _ in range(draw(st.integers(0, 3))):
        number, width = draw(st.integers(1, 40)), draw(st.sampled_from((1, 2, 7, 20)))
        labels = random.integers(-1, number, (WINDOW.height, WINDOW.width))
        labels = np.repeat(labels, width, axis=1)[:, : WINDOW.width]
        layers.append(np.where(labels < 0, -1, labels + zones))
        zones += number
    return layers, zones, random


@settings(max_examples=150, deadline=None)
@given(cases(), st.sampled_from((np.uint8, np.uint16)))
def test_zones_and_squares_have_what_each_has_alone(
    case: tuple[list[Layer], int, np.random.Generator], kind: Any
) -> None:
    layers, zones, random = case
    values = random.integers(0, VALUES, WINDOW.shape).astype(kind)
    squares = WINDOW.cells // SIDE**2
    counts = np.ones((zones + squares + 2, VALUES), dtype=np.int64)
    pieces = pieces_of(spans_of_layers(layers), WINDOW, side=SIDE)
    count_pieces(values, counts, pieces=pieces, zones=zones, first_square=1)
    counts -= 1
    for layer in layers:
        for zone in np.unique(layer[layer >= 0]).tolist():
            alone = np.bincount(values[layer == zone], minlength=VALUES)
            assert counts[zone].tolist() == alone.tolist()
    assert counts[:zones].sum() == sum(int((layer >= 0).sum()) for layer in layers)
    expected = counts_of_squares(values, side=SIDE, number=VALUES)
    assert counts[zones + 1 : -1].tolist() == expected.tolist()
    assert not counts[[zones, -1]].any()


@pytest.mark.parametrize("layers", [1, 2])
def test_cells_of_a_layer_are_not_read_again_for_its_zones(layers: int) -> None:
    halves = np.repeat([[0, 1]], WINDOW.height, axis=0).repeat(WINDOW.width // 2, axis=1)
    spans = spans_of_layers([halves + 2 * layer for layer in range(layers)])
    pieces = pieces_of(spans, WINDOW, side=SIDE)
    assert len(pieces.order) == 2 * WINDOW.height
    assert set(pieces.others.zone.tolist()) == set(range(2, 2 * layers))
