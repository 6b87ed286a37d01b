"""Samples of the demonstration region, drawn again and again and estimated from.

The points of a stratum are a simple random sample of its cells, and the cells of a place with one
course of the truth are alike. A draw is therefore one of numbers, from a multivariate
hypergeometric distribution; the cells need not be read again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyogrio.raw
import rasterio
import shapely
from rasterio import features
from rasterio.merge import merge

from analytics.estimation import (
    LEAST_POINTS_OF_CHANGE,
    Frame,
    Quantity,
    ReferencePoints,
    TerritoryEstimate,
    level_estimates,
    verdict_of_interval,
    whole_estimates,
)
from analytics.nomenclature import SEALED
from analytics.sampling.allocation import allocated
from analytics.sampling.strata import BUFFER, scheme_of
from analytics.sampling.strata_kernels import pack_observed, strata_of

UNSEALED, GAIN, LOSS, SEALED_TWICE = range(4)
"""Courses of the truth of a cell from the earlier year to the later one."""

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Population:
    """Cells of places by stratum and course of the truth, shape (places, strata, courses)."""

    names: tuple[str, ...]
    """Names of the strata."""
    places: tuple[str, ...]
    """Codes of the places."""
    parents: tuple[str, ...]
    """Codes of what they belong to."""
    cells: Counts

    @property
    def sizes(self) -> list[int]:
        """Cells of each stratum."""
        return [int(size) for size in self.cells.sum(axis=(0, 2))]

    def truth(self, quantity: Quantity) -> Counts:
        """The true number of cells of a quantity in each place."""
        courses = self.cells.sum(axis=1)
        before, after = (courses[:, [k, SEALED_TWICE]].sum(axis=1) for k in (LOSS, GAIN))
        return {
            "sealed_before": before,
            "sealed_after": after,
            "gain": courses[:, GAIN],
            "loss": courses[:, LOSS],
            "net": after - before,
        }[quantity]

    def grouped(self, groups: npt.NDArray[np.intp]) -> Population:
        """The same with several places as one; ``groups`` (places,) counts from 0."""
        cells = np.zeros((int(groups.max()) + 1, *self.cells.shape[1:]), dtype=np.int64)
        np.add.at(cells, groups, self.cells)
        names = tuple(map(str, range(len(cells))))
        return replace(self, cells=cells, places=names, parents=names)

    def unchanged(self) -> Population:
        """A truth in which nothing has changed: the later year is as the earlier one was."""
        cells = self.cells.copy()
        cells[..., UNSEALED] += cells[..., GAIN]
        cells[..., SEALED_TWICE] += cells[..., LOSS]
        cells[..., [GAIN, LOSS]] = 0
        return replace(self, cells=cells)

    def balanced(self) -> Population:
        """A truth with as much change, half of it gain and half loss in each stratum."""
        cells = self.cells.copy()
        change = cells[..., GAIN] + cells[..., LOSS]
        cells[..., GAIN] = change // 2
        cells[..., LOSS] = change - change // 2
        return replace(self, cells=cells)


def population_of(folder: Path, pair: tuple[int, int]) -> Population:
    """The communes of a region, their strata between two editions, and their truth."""
    earlier, later = (_edition(folder, year) for year in pair)
    packed = pack_observed(earlier, later)
    assert packed is not None
    scheme = scheme_of(2, buffer=BUFFER, cell_width=10, cell_height=10)
    assert scheme.reach is not None
    stratum = strata_of(packed, rows=range(len(packed)), reach=scheme.reach)
    before, after = (_read(folder / f"truth/{year}.tif") == SEALED for year in pair)
    course = 2 * before.astype(np.int64) + after
    with rasterio.open(folder / f"truth/{pair[0]}.tif") as file:
        transform = file.transform
    meta, _, wkb, columns = pyogrio.raw.read(folder / "zones/communes_2024.gpkg")
    named = dict(zip(meta["fields"], columns, strict=True))
    place = features.rasterize(
        [(shape, n) for n, shape in enumerate(shapely.from_wkb(wkb), start=1)],
        out_shape=packed.shape,
        transform=transform,
        dtype=np.uint16,
    )
    shape = len(wkb) + 1, len(scheme.names) + 1, 4
    key = np.ravel_multi_index((place.astype(np.int64), stratum, course), shape)
    cells = np.bincount(key.ravel(), minlength=int(np.prod(shape))).reshape(shape)
    return Population(
        names=scheme.names,
        places=tuple(named["code"].tolist()),
        parents=tuple(named["departement"].tolist()),
        cells=cells[1:, 1:],
    )


def by_departement(population: Population) -> Population:
    """The départements of communes."""
    _, groups = np.unique(population.parents, return_inverse=True)
    return population.grouped(groups)


def drawn(
    population: Population, *, points: int, samples: int, seed: int
) -> Iterator[tuple[ReferencePoints, npt.NDArray[np.intp]]]:
    """Samples by the rule *buffer*, each with the positions of the places that its points lie
    in."""
    random = np.random.default_rng(seed)
    sizes = population.sizes
    shares = allocated(points, sizes, rule="buffer", names=population.names)
    frame = Frame(names=population.names, sizes=np.array(sizes, dtype=np.float64), measure="units")
    places, strata, courses = population.cells.shape
    place, stratum, course = np.indices((places, strata, courses))
    for _ in range(samples):
        counts = np.stack(
            [
                random.multivariate_hypergeometric(population.cells[:, h].ravel(), n).reshape(
                    places, courses
                )
                for h, n in enumerate(shares)
            ],
            axis=1,
        ).ravel()
        of_points = np.repeat(course.ravel(), counts)
        yield (
            ReferencePoints(
                frame=frame,
                stratum=np.repeat(stratum.ravel(), counts),
                sealed_before=of_points >= LOSS,
                sealed_after=of_points % 2 == 1,
            ),
            np.repeat(place.ravel(), counts),
        )


@dataclass
class Outcome:
    """How often intervals held the truth, and what was said of net change.

    Keys are the level (``region`` or ``part``), the basis and the quantity. ``held`` has every
    interval of a territory with points enough, ``wrong`` whether it was published and did not hold
    the truth. A gain or a loss that few points show is suppressed: those that are published alone
    would tell of samples that happen to show much of it.
    """

    held: dict[tuple[str, str, str], list[bool]] = field(default_factory=dict)
    wrong: dict[tuple[str, str, str], list[bool]] = field(default_factory=dict)
    verdicts: dict[str, list[str]] = field(default_factory=dict)

    def note(self, level: str, found: TerritoryEstimate, truth: float) -> None:
        """Take one estimate."""
        of_change = found.quantity in ("gain", "loss", "net")
        if of_change and found.points < LEAST_POINTS_OF_CHANGE:
            return
        key = level, found.basis, found.quantity
        interval = found.estimate.ci_low, found.estimate.ci_high
        holds = interval[0] <= truth <= interval[1]
        self.held.setdefault(key, []).append(holds)
        self.wrong.setdefault(key, []).append(found.status != "suppressed" and not holds)
        if found.quantity == "net":
            self.verdicts.setdefault(level, []).append(verdict_of_interval(interval))

    def coverage(self) -> dict[tuple[str, str, str], float]:
        """Share of the intervals that held the truth."""
        return {key: float(np.mean(held)) for key, held in self.held.items()}

    def misled(self) -> dict[tuple[str, str, str], float]:
        """Share of the samples that published an interval without the truth."""
        return {key: float(np.mean(wrong)) for key, wrong in self.wrong.items()}

    def said(self, level: str, verdict: str) -> float:
        """Share of the verdicts of a level that were this one."""
        return self.verdicts[level].count(verdict) / len(self.verdicts[level])


def simulated(population: Population, *, points: int, samples: int, seed: int) -> Outcome:
    """Draw, estimate for the whole and for every place, and compare with the truth."""
    quantities: tuple[Quantity, ...] = ("sealed_before", "sealed_after", "gain", "loss", "net")
    truth = {quantity: population.truth(quantity) for quantity in quantities}
    cells = population.cells.sum(axis=2)
    outcome = Outcome()
    for sample, place in drawn(population, points=points, samples=samples, seed=seed):
        for one in whole_estimates(sample, cell_area=1.0):
            outcome.note("region", one, float(truth[one.quantity].sum()))
        parts = level_estimates(sample, place=place, cells=cells, cell_area=1.0)
        for n, found in enumerate(parts):
            for one in found:
                outcome.note("part", one, float(truth[one.quantity][n]))
    return outcome


def _edition(folder: Path, year: int) -> npt.NDArray[np.uint8]:
    cells: npt.NDArray[np.uint8] = merge(sorted((folder / f"editions/{year}").glob("*.tif")))[0][0]
    return cells


def _read(path: Path) -> npt.NDArray[np.uint8]:
    with rasterio.open(path) as file:
        cells: npt.NDArray[np.uint8] = file.read(1)
    return cells
