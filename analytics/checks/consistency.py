"""Counts that must agree with each other, whatever the ground looks like."""

from __future__ import annotations

from itertools import permutations

import numpy as np

from analytics.checks.limits import Limits
from analytics.checks.records import (
    SEVERITY,
    CheckResult,
    Concerned,
    CountedEdition,
    Grade,
    named,
    observed_of,
    sealed_of,
)

BORDERS = Limits(warn=0.001, fail=0.01)
"""Share of a parent's cells by which it may differ from the sum of its children where both were
counted by themselves: boundaries of two sources differ along the border. A département of 6 000 km²
has a border of about 400 km; 10 m on each side of it are 0.13 % of its cells."""


def sums(edition: CountedEdition) -> CheckResult:
    """Children sum to their parents.

    d = max over classes of |Σ children − parent|, for each parent whose children have as many cells
    as it has. Where the parent's layer is the sum of its children (``aggregated``), d must be 0.
    Elsewhere d ÷ cells of the parent has the limits BORDERS.
    """
    grade, value, compared, number = Grade.NONE, 0.0, 0, 0
    wrong: list[Concerned] = []
    for parents, children in permutations(edition.layers, 2):
        place = {number: n for n, number in enumerate(parents.ids.tolist())}
        position = np.array([place.get(p, -1) for p in children.parents.tolist()], dtype=np.int64)
        inside = position >= 0
        if not inside.any():
            continue
        size, cells = np.zeros_like(parents.size), np.zeros_like(parents.cells)
        np.add.at(size, position[inside], children.size[inside])
        np.add.at(cells, position[inside], children.cells[inside])
        # Children that do not fill their parent say nothing of it.
        filled = np.flatnonzero(size == parents.size)
        apart = np.abs(cells - parents.cells).max(axis=1, initial=0) / np.maximum(parents.size, 1)
        compared += len(filled)
        if not len(filled):
            continue
        most = float(apart[filled].max())
        limits = Limits(0.0, 0.0) if parents.aggregated else BORDERS
        found = limits.grade(most)
        grade = max(grade, found, key=SEVERITY.index)
        value = max(value, most)
        bad = filled[apart[filled] > limits.warn]
        number += len(bad)
        wrong += named(parents, bad, apart)
    return CheckResult(
        check="sums",
        grade=grade,
        value=value if compared else None,
        warn_from=BORDERS.warn,
        fail_from=BORDERS.fail,
        compared=compared,
        concerned=number,
        named=wrong[:20],
    )


def cells(edition: CountedEdition) -> CheckResult:
    """Observed and not observed cells are the cells of the territory.

    d = |observed + not observed − cells of the territory|; it must be 0 in each.
    """
    compared, most = 0, 0
    wrong: list[Concerned] = []
    number = 0
    for layer in edition.layers:
        apart = np.abs(layer.cells.sum(axis=1) - layer.size)
        # Less than no cell is no count either.
        apart = np.maximum(apart, np.maximum(-layer.cells.min(axis=1, initial=0), 0))
        bad = np.flatnonzero(apart)
        compared, number = compared + len(layer.ids), number + len(bad)
        most = max(most, int(apart.max(initial=0)))
        wrong += named(layer, bad, apart)
    return _exact("cells", compared=compared, most=most, number=number, wrong=wrong)


def account(edition: CountedEdition) -> CheckResult:
    """The accounts of sealed cells balance.

    On the cells that both editions have observed: before + gain − loss = after. Beside that, the
    stock of each edition lies between its cells of the account, and these with all cells that the
    other edition has not observed: before ≤ sealed ≤ before + (observed − common). d is the number
    of cells by which one of the three is missed; it must be 0 in each territory.
    """
    compared, most = 0, 0
    wrong: list[Concerned] = []
    number = 0
    for layer in edition.layers:
        if layer.flows is None or layer.former is None:
            continue
        flows = layer.flows
        apart = np.abs(flows.before + flows.gain - flows.loss - flows.after)
        for stock, counts in ((flows.before, layer.former), (flows.after, layer.cells)):
            beyond = sealed_of(counts) - stock
            left = observed_of(counts) - flows.common
            apart = np.maximum(apart, np.maximum(-beyond, beyond - left))
        bad = np.flatnonzero(apart > 0)
        compared, number = compared + len(layer.ids), number + len(bad)
        most = max(most, int(apart.max(initial=0)))
        wrong += named(layer, bad, apart)
    return _exact("account", compared=compared, most=most, number=number, wrong=wrong)


def _exact(
    check: str, *, compared: int, most: int, number: int, wrong: list[Concerned]
) -> CheckResult:
    grade = Grade.NONE if not compared else Grade.FAIL if number else Grade.PASS
    return CheckResult(
        check=check,
        grade=grade,
        value=float(most) if compared else None,
        fail_from=0.0,
        compared=compared,
        concerned=number,
        named=wrong[:20],
    )
