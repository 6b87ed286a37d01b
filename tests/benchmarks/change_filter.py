"""Change between two editions filtered by patches, in all zones: against the plain pass, and over
France.

Over France the filter runs in a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from scipy import ndimage

from analytics.arrays import Int64Array
from analytics.counting.passes import ZoneCells
from analytics.patches.filters import DEFAULT_FILTER
from tests.benchmarks import engine
from tests.benchmarks.country import country
from tests.benchmarks.landscape import CELL, pair
from tests.benchmarks.partition import zones
from tests.benchmarks.race import race
from tests.benchmarks.rows import THREADS, Disagreement, Measured, Row, Scale, at_most
from tests.benchmarks.summary import of_ratios

_SMALL = 1_024


def against_the_pass(scale: Scale) -> Measured:
    """Our time in times of that of counting class pairs in the same zones."""
    editions = pair(scale.side)
    geometries = zones(count=scale.zones, side=scale.side)
    contest = race(
        lambda: engine.filtered_change(editions, geometries),
        lambda: engine.pair_counts(editions, geometries),
        repeats=scale.repeats,
    )
    found = contest.first_result
    if (found.raw != _raw(contest.second_result)).any():
        raise Disagreement("raw change of a zone differs from that of its class pairs")
    _check_accepted()
    return of_ratios(
        contest,
        names=("filter", "pass"),
        agreement="raw change of every zone equal to that of the pass; accepted cells of a pair of "
        f"{_SMALL}² cells equal to scipy.ndimage.label",
        inverse=True,
    )


def _raw(counts: ZoneCells) -> Int64Array:
    """Gain and loss of zones, from their class pairs, by the definition."""
    earlier, later = (np.array(codes) for codes in counts.codes)
    gain = np.ix_((earlier > 1) & (earlier < 12), later == 1)
    loss = np.ix_(earlier == 1, (later > 1) & (later < 12))
    cells = counts.cells[:, :-1, :-1]
    return np.column_stack([cells[:, *chosen].sum(axis=(1, 2)) for chosen in (gain, loss)])


@cache
def _check_accepted() -> None:
    """Compare accepted cells with those of a label of the whole, on a small pair: that of a large
    one takes gigabytes."""
    editions = pair(_SMALL)
    accepted = engine.filtered_change(editions, zones(count=20, side=_SMALL)).totals.accepted_cells
    least = DEFAULT_FILTER.min_cells(CELL**2)
    with rasterio.open(editions.earlier) as one, rasterio.open(editions.later) as two:
        former, later = one.read(1), two.read(1)
    for mine, (before, after) in zip(accepted, ((later, former), (former, later)), strict=True):
        labels, _ = ndimage.label((before == 1) & (after > 1) & (after < 12))
        sizes = np.bincount(labels.ravel())[1:]
        if mine != (expected := int(sizes[sizes >= least].sum())):
            raise Disagreement(f"{mine} cells accepted, {expected} by scipy.ndimage.label")


@cache
def _over_france(scale: Scale) -> dict[str, Any]:
    country(pair(scale.side), side=scale.large_side)
    zones(count=scale.large_zones, side=scale.large_side)
    sizes = (scale.large_side, scale.large_zones, scale.side)
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.change_filter_process", *map(str, sizes)],
        cwd=Path(__file__).resolve().parents[2],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    if report["raw"] != report["raw_in_zones"] or report["accepted"] != report["accepted_in_zones"]:
        raise Disagreement("zones that partition the raster do not have all of its change")
    return report


def time_over_france(scale: Scale) -> Measured:
    """Seconds on the clock, from geometries in memory to counts in memory."""
    report = _over_france(scale)
    gain, loss = report["raw"]
    words = (
        f"{scale.large_zones} zones, {THREADS} threads, {report['patches']} patches; the plain "
        f"pass {report['pass']:.0f} s in the same process"
    )
    return Measured(
        report["seconds"],
        report["seconds"],
        report["seconds"],
        words,
        f"all {gain + loss:,} cells of change and all accepted ones in one zone each".replace(
            ",", " "
        ),
    )


def memory_over_france(scale: Scale) -> Measured:
    """Peak resident memory of the process, with all its libraries and the layer, in GiB."""
    peak = _over_france(scale)["peak"]
    return Measured(peak, peak, peak, "before the pass", "the same run")


_FRANCE = "France: change of two editions of 100 000 × 100 000 cells, filtered, 35 000 zones"

ROWS = (
    Row(
        name="change-filter",
        work="gain and loss of two editions, raw and by patches of 0.25 ha, in 2 730 zones, "
        "20 480² cells, over the time for counting their class pairs",
        required=at_most(3),
        aim=at_most(1.5),
        run=against_the_pass,
    ),
    Row(
        name="change-france-time",
        work=f"{_FRANCE}; time",
        required=at_most(90, "s"),
        aim=None,
        run=time_over_france,
        unit="s",
    ),
    Row(
        name="change-france-memory",
        work=f"{_FRANCE}; peak memory of the process",
        required=at_most(1.5, "GiB"),
        aim=None,
        run=memory_over_france,
        unit="GiB",
    ),
)
