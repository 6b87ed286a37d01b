"""Plans: how many points reach which half-width.

Sizes of strata are counts that are stored already; that of the buffer, which is not stored, is
estimated from some blocks of the rasters.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass

import numpy as np
from django.db.models import Min
from django.utils.translation import gettext as _

from analytics.errors import AnalyticsError, SampleError
from analytics.grid import CELL_AREA
from analytics.nomenclature import CODES, OBSERVED_CODES, SEALED
from analytics.sampling import allocation, buffer_share, expected_shares, sample_sizes, strata
from clcplus.actions.samples.buffer_size import share_in_buffer
from clcplus.models import Edition, Layer, Zone, ZoneChange, ZoneStatistics
from clcplus.presentation.refusals import refusal_text

logger = logging.getLogger(__name__)
TOTALS = (100, 200, 300, 500, 1000, 2000, 5000)


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
    buffer: buffer_share.BufferShare | None = None
    """How the size of the buffer is known; None without one."""
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
    buffer_m: float,
) -> Plan | None:
    """The plan for a territory; None where it is not counted in these editions."""
    of_strata = _of_pair(earlier, later, territory) if earlier else _of_one(later, territory)
    total = sum(of_strata.values())
    if not total:
        return None
    editions = [later] if earlier is None else [earlier, later]
    has_buffer = stratified and buffer_m > 0
    trouble, near = "", None
    try:
        width = buffer_m if has_buffer else strata.BUFFER
        near = share_in_buffer(editions, territory=territory, buffer_m=width)
    except SampleError as error:
        trouble = refusal_text(error)
    except AnalyticsError:  # rasters that cannot be read
        logger.warning("no share of the buffer", exc_info=True)
    has_buffer = has_buffer and near is not None
    share = expected_shares.NEAR if near is None else near.value
    if has_buffer:
        of_strata = _with_buffer(of_strata, share)
    names, sizes = [*of_strata], [*of_strata.values()]
    sealed, gain = (
        [
            expected_shares.expected_share(shares, name, near=share, has_buffer=has_buffer)
            for name in names
        ]
        for shares in (expected_shares.SEALED, expected_shares.GAIN)
    )

    def allocate(n: int) -> list[int]:
        if not stratified:
            return [min(round(n * size / total), size) for size in sizes]
        return allocation.allocated(n, sizes, rule=rule, minimum=minimum, names=names)

    rows = []
    for n in sorted({*TOTALS, points}):
        if n > total:
            trouble = trouble or (_too_many(total) if n == points else "")
            continue
        try:
            points_of = allocate(n)
        except SampleError as error:
            if n == points:
                trouble = refusal_text(error)
            continue
        widths = [
            _stratified(points_of, sizes, expected) if stratified else _simple(n, sizes, expected)
            for expected in (sealed, gain)
        ]
        rows.append(Planned(n, n == points, *widths[0], *widths[1]))
    chosen: list[int] = [0] * len(sizes)
    if not trouble:
        chosen = allocate(points)
    return Plan(
        total,
        list(zip(names, sizes, chosen, strict=True)),
        rows,
        near if has_buffer else None,
        trouble,
    )


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


def _of_one(edition: Edition, territory: Zone | None) -> dict[str, int]:
    """Cells by stratum of one edition, the buffer among the unsealed."""
    cells = _sum(ZoneStatistics.objects.filter(edition=edition), "cells", territory)
    by_code = dict(zip(CODES, cells, strict=True))
    observed = sum(by_code[code] for code in OBSERVED_CODES)
    return {"sealed": by_code[SEALED], "unsealed": observed - by_code[SEALED]}


def _of_pair(earlier: Edition, later: Edition, territory: Zone | None) -> dict[str, int]:
    """Cells by stratum of a pair, the buffer among those that are unsealed in both editions."""
    changes = ZoneChange.objects.filter(earlier=earlier, later=later)
    matrix = np.array(_sum(changes, "matrix", territory)).reshape(len(OBSERVED_CODES), -1)
    place = OBSERVED_CODES.index(SEALED)
    both, before, after = (
        int(matrix[place, place]),
        int(matrix[place].sum()),
        int(matrix[:, place].sum()),
    )
    gain, loss = after - both, before - both
    unsealed = int(matrix.sum()) - both - gain - loss
    return {"stable_sealed": both, "gain": gain, "loss": loss, "stable_unsealed": unsealed}


def _with_buffer(of_strata: dict[str, int], share: float) -> dict[str, int]:
    """The same cells with a buffer, which is a share of those that are sealed in no edition."""
    *others, far = of_strata
    near = round(share * of_strata[far])
    return {
        **{name: of_strata[name] for name in others},
        "buffer": near,
        far: of_strata[far] - near,
    }


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
