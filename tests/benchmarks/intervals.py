"""Intervals, verdicts and filtered change on the demonstration region, whose truth is known.

The rows of one run share their samples.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

from analytics.estimation import LEAST_POINTS_OF_CHANGE
from demonstration.build import build
from demonstration.truth_labels import PAIR
from tests.benchmarks.inputs import built
from tests.benchmarks.rows import FULL, Measured, Row, Scale, at_least, at_most
from tests.demonstration.filtered_change import QUANTITIES, flows_of, nearer
from tests.demonstration.simulation import (
    GAIN,
    LOSS,
    Outcome,
    Population,
    by_departement,
    population_of,
    simulated,
)

PAIRS = (PAIR, (2018, 2021), (2021, 2023))
SIZES = (300, 1500, 3000, 10_000)
SHIPPED = 3000
"""Points of the sample that the demonstration ships."""
NAMES = {
    "sealed_before": "sealed before",
    "sealed_after": "sealed after",
    "gain": "gain",
    "loss": "loss",
    "net": "net",
}
LEVELS = {("region", "own"): "region", ("part", "assisted"): "départements, own points",
          ("part", "small-area"): "départements, small-area model"}  # fmt: skip
SMALLEST = 200
"""Intervals of a kind, from which their share is told."""


def _region(scale: Scale) -> Path:
    kilometres = 60 if scale == FULL else 8

    def fill(folder: Path) -> None:
        build(folder=folder / "region", size_km=kilometres)

    return built(f"demonstration-{kilometres}-2018", fill) / "region"


@cache
def _communes(scale: Scale, pair: tuple[int, int]) -> Population:
    return population_of(_region(scale), pair)


@cache
def _outcome(scale: Scale, pair: tuple[int, int], points: int, truth: str) -> Outcome:
    population = by_departement(_communes(scale, pair))
    changed: dict[str, Callable[[Population], Population]] = {
        "as it is": lambda one: one,
        "unchanged": Population.unchanged,
        "balanced": Population.balanced,
    }
    return simulated(
        changed[truth](population), points=points, samples=_samples(scale), seed=points
    )


def _samples(scale: Scale) -> int:
    return 1000 if scale == FULL else 100


def _shares(outcome: Outcome) -> dict[tuple[str, str, str], float]:
    return {
        key: 100 * share
        for key, share in outcome.coverage().items()
        if len(outcome.held[key]) >= SMALLEST
    }


def coverage(scale: Scale, *, highest: bool) -> Measured:
    """Lowest or highest share of intervals that hold the truth, of the sample that is shipped."""
    shares = _shares(_outcome(scale, PAIR, SHIPPED, "as it is"))
    values = list(shares.values())
    return Measured(
        value=max(values) if highest else min(values),
        low=min(values),
        high=max(values),
        seconds=f"{_samples(scale)} samples of {SHIPPED} points, {PAIR[0]}–{PAIR[1]}, region and "
        f"départements; {len(values)} kinds of intervals",
        agreement="the truth is that of every cell",
        table="" if highest else _table_of_coverage(scale),
    )


def alarms(scale: Scale, *, truth: str) -> Measured:
    """Verdicts *increase* or *decrease* where there is no net change."""
    levels = ("region", "part")
    found = [
        100 * (1 - _outcome(scale, PAIR, points, truth).said(level, "not_distinguishable"))
        for points in SIZES
        for level in levels
        if level in _outcome(scale, PAIR, points, truth).verdicts
    ]
    return Measured(
        value=max(found),
        low=min(found),
        high=max(found),
        seconds=f"{_samples(scale)} samples each of {', '.join(map(str, SIZES))} points, region "
        "and départements; the highest share counts",
        agreement="the truth is that of every cell, with its change "
        + ("taken back" if truth == "unchanged" else "made half gain and half loss"),
    )


def power(scale: Scale) -> Measured:
    """Verdicts *increase* for the growth that there is, from samples of 1 500 points."""
    value = 100 * _outcome(scale, PAIR, LEAST_POINTS_OF_CHANGE, "as it is").said(
        "region", "increase"
    )
    return Measured(
        value=value,
        low=value,
        high=value,
        seconds=f"{_samples(scale)} samples of {LEAST_POINTS_OF_CHANGE} points of the region, "
        f"{PAIR[0]}–{PAIR[1]}",
        agreement="none said decrease"
        if not _outcome(scale, PAIR, LEAST_POINTS_OF_CHANGE, "as it is").said("region", "decrease")
        else "some said decrease",
        table=_table_of_power(scale),
    )


def filtered(scale: Scale) -> Measured:
    """Communes whose filtered gain + loss is nearer the truth than the raw one."""
    rows = []
    for pair in PAIRS:
        communes = _communes(scale, pair)
        codes, raw, kept = flows_of(_region(scale), pair)
        order = [communes.places.index(code) for code in codes]
        truth = communes.cells.sum(axis=1)[order][:, [GAIN, LOSS]]
        shares = nearer(raw, kept, truth)
        cells = " | ".join(f"{100 * shares[name]:.1f}" for name in QUANTITIES)
        flows = " | ".join(_flows(one.sum(axis=0)) for one in (truth, raw, kept))
        rows.append((shares, f"| {pair[0]}–{pair[1]} | {cells} | {flows} |"))
    of_change = [100 * shares["gain + loss"] for shares, _ in rows]
    head = " | ".join(QUANTITIES)
    return Measured(
        value=min(of_change),
        low=min(of_change),
        high=max(of_change),
        seconds=f"{len(codes)} communes, three pairs of editions, preset 0.25ha; the lowest counts",
        agreement="on the cells that both editions have observed",
        table="**Communes whose filtered change is nearer the truth than raw change**, in %; gain "
        "and loss of the region in cells. The net change is not the filter's business: of raw "
        "change, false gain and false loss cancel out in part, and in a quarter of the communes "
        "they do so better than what the filter leaves. Other units (0.05 to 0.5 ha), the other "
        "connectivity and a width of 30 m gave 62 to 78 %.\n\n"
        f"| pair | {head} | true gain, loss | raw | filtered |\n|---|---|---|---|---|---|---|---|\n"
        + "\n".join(row for _, row in rows),
    )


def _flows(pair: np.ndarray[tuple[int], np.dtype[np.int64]]) -> str:
    return ", ".join(f"{n:,}".replace(",", " ") for n in pair.tolist())


def _misled(scale: Scale) -> float:
    """The highest share of samples that published a wrong interval of a kind, in %."""
    outcomes = [_outcome(scale, pair, points, "as it is") for pair in PAIRS for points in SIZES]
    return 100 * max(
        share
        for outcome in outcomes
        for key, share in outcome.misled().items()
        if len(outcome.held[key]) >= SMALLEST
    )


def _table_of_coverage(scale: Scale) -> str:
    lines = []
    for pair in PAIRS:
        for points in SIZES:
            shares = _shares(_outcome(scale, pair, points, "as it is"))
            for (level, basis), name in LEVELS.items():
                cells = [shares.get((level, basis, quantity)) for quantity in NAMES]
                if any(cell is not None for cell in cells):
                    texts = " | ".join("" if cell is None else f"{cell:.1f}" for cell in cells)
                    lines.append(f"| {pair[0]}–{pair[1]} | {points} | {name} | {texts} |")
    return (
        "**Intervals that hold the truth**, in % of "
        f"{_samples(scale)} samples (allocation *buffer*; standard error of a share of the "
        f"region: {100 * (0.95 * 0.05 / _samples(scale)) ** 0.5:.1f} %). Change has "
        f"intervals in territories with {LEAST_POINTS_OF_CHANGE} points of their own or more. A "
        "gain or a loss whose coefficient of variation is above 30 % is suppressed, and is in the "
        "table all the same: those that are published alone would tell of the samples that happen "
        f"to show much of it. At most {_misled(scale):.1f} of 100 samples published an interval "
        f"without the truth. A share is told where there are {SMALLEST} intervals or more.\n\n"
        f"| pair | points | estimates | {' | '.join(NAMES.values())} |\n"
        "|---|---|---|---|---|---|---|---|\n" + "\n".join(lines)
    )


def _table_of_power(scale: Scale) -> str:
    lines = []
    for pair in PAIRS:
        growth = by_departement(_communes(scale, pair)).truth("net").sum()
        for level, name in (("region", "region"), ("part", "départements")):
            cells = []
            for points in SIZES:
                outcome = _outcome(scale, pair, points, "as it is")
                known = len(outcome.verdicts.get(level, ())) >= SMALLEST
                cells.append(f"{100 * outcome.said(level, 'increase'):.1f}" if known else "–")
            lines.append(f"| {pair[0]}–{pair[1]} | {growth} | {name} | {' | '.join(cells)} |")
    head = " | ".join(f"{points} points" for points in SIZES)
    return (
        "**Power**: samples whose verdict is *increase*, in %, for the true growth (cells of "
        "the region).\n\n"
        f"| pair | growth | level | {head} |\n|{'---|' * (3 + len(SIZES))}\n" + "\n".join(lines)
    )


ROWS = (
    Row(
        name="intervals-lowest",
        work="95 % intervals of sealed area, gain, loss and net change on the demonstration "
        "region: share that holds the truth, lowest of all kinds",
        required=at_least(93, "%"),
        aim=None,
        run=lambda scale: coverage(scale, highest=False),
        unit="%",
    ),
    Row(
        name="intervals-highest",
        work="the same, highest of all kinds",
        required=at_most(97, "%"),
        aim=None,
        run=lambda scale: coverage(scale, highest=True),
        unit="%",
    ),
    Row(
        name="verdicts-unchanged",
        work="verdicts of change where nothing has changed",
        required=at_most(5, "%"),
        aim=None,
        run=lambda scale: alarms(scale, truth="unchanged"),
        unit="%",
    ),
    Row(
        name="verdicts-balanced",
        work="verdicts of change where gain and loss are equal",
        required=None,
        aim=at_most(5, "%"),
        run=lambda scale: alarms(scale, truth="balanced"),
        unit="%",
        why="The ends of both intervals are exact, but the variances behind them are estimated "
        "from few points.",
    ),
    Row(
        name="verdicts-power",
        work="verdicts of increase for the region's true growth, from samples of 1 500 points",
        required=None,
        aim=None,
        run=power,
        unit="%",
    ),
    Row(
        name="filtered-change",
        work="communes of the demonstration region whose filtered gain + loss is nearer the truth "
        "than the raw one",
        required=at_least(90, "%"),
        aim=None,
        run=filtered,
        unit="%",
    ),
)
