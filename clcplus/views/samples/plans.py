"""Plans: how many points reach which half-width, from counts that are stored already."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from django.db.models import Min
from django.utils.translation import gettext as _

from analytics.errors import SampleError
from analytics.grid import CELL_AREA
from analytics.nomenclature import CODES, OBSERVED_CODES, SEALED
from analytics.sampling import allocation, sample_sizes
from clcplus.models import Edition, Layer, Zone, ZoneChange, ZoneStatistics

TOTALS = (100, 200, 300, 500, 1000, 2000, 5000)
SEALED_RIGHT, UNSEALED_WRONG = 0.9, 0.01
"""Expected shares of sealed cells among those that the map calls sealed, and among the others."""
CHANGE_RIGHT, CHANGE_MISSED = 0.5, 0.001
"""Expected shares of newly sealed cells among those of the map's gain, and among the unsealed."""


@dataclass(frozen=True, slots=True)
class Planned:
    """Half-widths that so many points are expected to reach, in square metres and as a part of the
    expected area; None where nothing is expected or a stratum has no point."""

    points: int
    asked: bool
    sealed_m2: float | None
    sealed_part: float | None
    gain_m2: float | None
    gain_part: float | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Half-widths by number of points, and the points of each stratum for the number asked for."""

    cells: int
    strata: list[tuple[str, int, int]]
    """Name, cells, points."""
    rows: list[Planned]
    trouble: str = ""


def plan(
    *,
    earlier: Edition | None,
    later: Edition,
    territory: Zone | None,
    points: int,
    stratified: bool,
    rule: str,
    minimum: int | None,
) -> Plan | None:
    """The plan for a territory; None where it is not counted in these editions.

    The buffer is not told apart from the other unsealed cells, whose number alone is stored.
    """
    names, sizes, sealed, gain = _strata(earlier, later, territory)
    total = sum(sizes)
    if not total:
        return None

    def allocate(n: int) -> list[int]:
        if not stratified:
            return [min(round(n * size / total), size) for size in sizes]
        return allocation.allocated(n, sizes, rule=rule, minimum=minimum, names=names)

    rows = []
    trouble = ""
    for n in sorted({*TOTALS, points}):
        if n > total:
            trouble = trouble or (_too_many(total) if n == points else "")
            continue
        try:
            of_strata = allocate(n)
        except SampleError as error:
            if n == points:
                trouble = str(error)
            continue
        if not stratified:
            shares = [sealed, gain] if gain else [sealed]
            widths = [_simple(n, sizes, share) for share in shares]
        else:
            widths = [_stratified(of_strata, sizes, share) for share in (sealed, gain) if share]
        widths += [(None, None)] * (2 - len(widths))
        rows.append(Planned(n, n == points, *widths[0], *widths[1]))
    chosen: list[int] = [0] * len(sizes)
    if not trouble:
        chosen = allocate(points)
    return Plan(total, list(zip(names, sizes, chosen, strict=True)), rows, trouble)


def _too_many(total: int) -> str:
    return _("There are no more than %(n)s cells here.") % {"n": f"{total:d}"}


def _stratified(
    points: list[int], sizes: list[int], expected: list[float]
) -> tuple[float | None, float | None]:
    width = sample_sizes.half_width(points, sizes, expected=expected)
    return _as_area(width, sizes, expected)


def _simple(
    points: int, sizes: list[int], expected: list[float]
) -> tuple[float | None, float | None]:
    share = sample_sizes.expected_share(sizes, expected=expected)
    return _as_area(
        sample_sizes.half_width([points], [sum(sizes)], expected=[share]), sizes, expected
    )


def _as_area(
    width: float, sizes: list[int], expected: list[float]
) -> tuple[float | None, float | None]:
    share = sample_sizes.expected_share(sizes, expected=expected)
    if not math.isfinite(width) or not share:
        return None, None
    return width * sum(sizes) * CELL_AREA, width / share


def _strata(
    earlier: Edition | None, later: Edition, territory: Zone | None
) -> tuple[list[str], list[int], list[float], list[float]]:
    """Names, sizes, and expected shares of sealed and of newly sealed cells."""
    if earlier is None:
        cells = _sum(ZoneStatistics.objects.filter(edition=later), "cells", territory)
        by_code = dict(zip(CODES, cells, strict=True))
        observed = sum(by_code[code] for code in OBSERVED_CODES)
        sizes = [by_code[SEALED], observed - by_code[SEALED]]
        return ["sealed", "unsealed"], sizes, [SEALED_RIGHT, UNSEALED_WRONG], []
    changes = ZoneChange.objects.filter(earlier=earlier, later=later)
    matrix = np.array(_sum(changes, "matrix", territory)).reshape(len(OBSERVED_CODES), -1)
    place = OBSERVED_CODES.index(SEALED)
    both, before, after = (
        int(matrix[place, place]),
        int(matrix[place].sum()),
        int(matrix[:, place].sum()),
    )
    gain, loss = after - both, before - both
    sizes = [both, gain, loss, int(matrix.sum()) - both - gain - loss]
    return (
        ["stable_sealed", "gain", "loss", "stable_unsealed"],
        sizes,
        [SEALED_RIGHT, CHANGE_RIGHT, 1 - CHANGE_RIGHT, UNSEALED_WRONG],
        [0.0, CHANGE_RIGHT, 0.0, CHANGE_MISSED],
    )


def _sum(rows: object, field: str, territory: Zone | None) -> list[int]:
    """The counts of a territory; of all territories of the highest level without one."""
    length = len(CODES) if field == "cells" else len(OBSERVED_CODES) ** 2
    if territory is not None:
        found = rows.filter(zone=territory)  # type: ignore[attr-defined]
    else:
        layers = Layer.objects.filter(active=True, level__custom=False)
        highest = layers.aggregate(rank=Min("level__rank"))["rank"]
        newest = layers.filter(level__rank=highest).order_by("-vintage").first()
        found = rows.filter(zone__layer=newest)  # type: ignore[attr-defined]
    counts = np.zeros(length, dtype=np.int64)
    for cells in found.values_list(field, flat=True):
        counts += np.array(cells)
    result: list[int] = counts.tolist()
    return result
