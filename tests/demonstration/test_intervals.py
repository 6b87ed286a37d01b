"""On samples of the region's known truth, intervals and verdicts keep what they promise.

The region of these tests is small. docs/benchmarks.md has the figures of the whole one.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from analytics.estimation import (
    QUANTITIES,
    Frame,
    ReferencePoints,
    fit_for_change,
    verdict_of_interval,
    whole_estimates,
)
from analytics.nomenclature import SEALED
from demonstration.reference_sample import points_file, strata_file
from demonstration.truth_labels import PAIR

from .filtered_change import flows_of, nearer
from .simulation import GAIN, LOSS, Outcome, Population, population_of, simulated

SAMPLES = 800
PLACES = 5
LEAST, MOST = 0.93, 0.97
"""Shares of the intervals that may hold the truth."""


def error(intervals: int) -> float:
    """Two standard errors of a share of so many intervals of 95 %."""
    return float(2 * np.sqrt(0.95 * 0.05 / intervals))


@pytest.fixture(scope="session")
def communes(region: Path) -> Population:
    return population_of(region, PAIR)


@pytest.fixture(scope="session")
def population(communes: Population) -> Population:
    """Five groups of communes, as the whole region has five départements."""
    order = np.lexsort((communes.places, communes.parents))
    groups = np.empty(len(order), dtype=np.intp)
    groups[order] = np.arange(len(order)) * PLACES // len(order)
    return communes.grouped(groups)


@pytest.fixture(scope="session")
def outcome(population: Population) -> Outcome:
    return simulated(population, points=1500, samples=SAMPLES, seed=3)


def test_strata_are_those_that_a_draw_finds(region: Path, population: Population) -> None:
    """Cells beyond the communes are in no place; the draw has them too."""
    with strata_file(region).open(newline="") as file:
        sizes = {row["stratum"]: int(row["units"]) for row in csv.DictReader(file)}
    assert tuple(sizes) == population.names
    for name, size in zip(population.names, population.sizes, strict=True):
        assert 0 <= sizes[name] - size <= 0.15 * sizes[name]


def test_intervals_of_the_region_hold_the_truth_as_often_as_they_say(outcome: Outcome) -> None:
    shares = {key: share for key, share in outcome.coverage().items() if key[0] == "region"}
    assert {quantity for _, _, quantity in shares} == {*QUANTITIES}
    room = error(SAMPLES)
    assert all(LEAST - room <= share <= MOST + room for share in shares.values()), shares
    assert all(share <= 0.05 + room for share in outcome.misled().values())


def test_intervals_of_its_parts_do_too(outcome: Outcome) -> None:
    shares = {key: share for key, share in outcome.coverage().items() if key[1] == "assisted"}
    # Some 300 points do not tell of change.
    assert {quantity for _, _, quantity in shares} == {"sealed_before", "sealed_after"}
    assert all(LEAST <= share <= MOST for share in shares.values()), shares


def test_parts_with_points_enough_have_change(population: Population) -> None:
    found = simulated(population, points=10_000, samples=60, seed=4)
    held = [key for key in found.held if key[1] == "assisted"]
    assert {quantity for _, _, quantity in held} == {*QUANTITIES}
    room = error(len(found.held["part", "assisted", "net"]))
    shares = found.coverage()
    assert LEAST - room <= shares["part", "assisted", "net"] <= MOST + room
    assert LEAST - room <= shares["part", "assisted", "gain"] <= MOST + room
    balanced = simulated(population.balanced(), points=10_000, samples=60, seed=6)
    assert balanced.said("part", "not_distinguishable") >= 0.95 - room


def test_few_points_lean_on_the_whole_sample(population: Population) -> None:
    """Places of this region differ from each other more than they err, so intervals are wide."""
    found = simulated(population, points=300, samples=400, seed=5)
    shares = {key: share for key, share in found.coverage().items() if key[1] == "small-area"}
    assert {quantity for _, _, quantity in shares} == {"sealed_before", "sealed_after"}
    assert all(LEAST <= share <= 0.995 for share in shares.values()), shares


def test_verdicts_are_no_false_alarms(population: Population) -> None:
    unchanged = simulated(population.unchanged(), points=1500, samples=100, seed=1)
    balanced = simulated(population.balanced(), points=1500, samples=SAMPLES, seed=2)
    assert unchanged.said("region", "not_distinguishable") == 1
    # Where gain and loss are equal there is a net change of zero, and much to be wrong about.
    assert balanced.said("region", "not_distinguishable") >= 0.95 - error(SAMPLES)


def test_verdicts_see_the_growth_of_the_region(outcome: Outcome) -> None:
    assert outcome.said("region", "increase") >= 0.9
    assert outcome.said("region", "decrease") == 0


def test_the_shipped_sample_says_grows_where_the_map_shrinks(
    region: Path, population: Population
) -> None:
    with strata_file(region).open(newline="") as file:
        strata = list(csv.DictReader(file))
    with points_file(region).open(newline="") as file:
        points = list(csv.DictReader(file))
    names = [row["stratum"] for row in strata]
    sizes = np.array([float(row["units"]) for row in strata])
    sample = ReferencePoints(
        frame=Frame(names=tuple(names), sizes=sizes, measure="units"),
        stratum=np.array([names.index(point["stratum"]) for point in points]),
        sealed_before=np.array([point["reference_earlier"] == str(SEALED) for point in points]),
        sealed_after=np.array([point["reference_later"] == str(SEALED) for point in points]),
    )
    assert fit_for_change(sample)
    found = {one.quantity: one.estimate for one in whole_estimates(sample, cell_area=1.0)}
    assert sizes[names.index("gain")] < sizes[names.index("loss")]
    assert verdict_of_interval((found["net"].ci_low, found["net"].ci_high)) == "increase"
    assert population.truth("net").sum() > 0


def test_filtered_change_is_nearer_the_truth_than_raw_change(
    region: Path, communes: Population
) -> None:
    """Not so the net change: false gain and false loss of the raw one cancel out in part."""
    codes, raw, filtered = flows_of(region, PAIR)
    order = [communes.places.index(code) for code in codes]
    truth = communes.cells.sum(axis=1)[order][:, [GAIN, LOSS]]
    strata = communes.cells.sum(axis=2)[order]
    assert raw.tolist() == strata[:, 1:3].tolist()
    shares = nearer(raw, filtered, truth)
    assert shares["gain + loss"] >= 0.9
    assert shares["loss"] >= 0.9
