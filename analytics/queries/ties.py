"""Ranks with ties: figures that map noise alone could have told apart are not ranked apart.

The rule, one for all figures: each figure is taken as reaching half of its noise to either side,
and two territories whose reaches touch are tied. So two are ranked apart only where they differ by
more than the mean of their noises, which at equal shares is the yardstick by which change is judged
(:class:`analytics.estimation.NoiseVerdict`). A stress test, not an interval of confidence.

An estimate of a sample reaches as far as its 95 % interval: two whose intervals overlap are tied.
So does a sealed share, and what follows from it, where a sample tells its interval. One that is
borrowed says how well the map of the whole group of countries is known, and nothing of a single
place: such a share reaches at least as far as the stress test lets it, round the same middle.

The flicker rate is a property of the maps themselves, and exact: only equal rates are tied.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from analytics import indicators
from analytics.arrays import BoolArray, Float64Array, Int64Array
from analytics.estimation import COLUMNS, accuracy_of, noise_of_pair, noise_of_shares
from analytics.figures import Basis, borrowed_estimate
from analytics.queries.level_table import LevelTable, Names, ShareIntervals
from analytics.records import Edition

Measure = Literal["share", "sealed", "person", "flicker", "gain", "net", "estimate"]
MEASURES: tuple[Measure, ...] = get_args(Measure)
MEASURES_OF_CHANGE: frozenset[Measure] = frozenset({"gain", "net", "estimate"})
"""``gain`` and ``net`` as mapped; ``estimate`` is the net change by a reference sample."""


_MANY = 10**9
"""Observed cells beside one sealed: no estimate is cut off."""
_M2_IN_HA = indicators.square_metres(1) / indicators.hectares(1)


@dataclass(frozen=True, slots=True)
class Figures:
    """A figure of each territory of a level, and how far it may be taken to reach."""

    values: Float64Array
    low: Float64Array
    high: Float64Array
    outside: BoolArray
    """Where a change is told from noise: it is more than noise alone could make, or its interval
    does not hold 0."""
    basis: Names | None = None
    """Of a share: where the interval comes from that it reaches over; None for the stress test."""


def with_noise(values: Float64Array, noise: Float64Array) -> Figures:
    """Figures that reach half of what map noise alone could make of them to either side."""
    reach = noise / 2
    return Figures(values, values - reach, values + reach, outside=np.abs(values) > noise)


def _share_noise(table: LevelTable, edition: Edition) -> Float64Array:
    accuracy = accuracy_of(edition)[1]
    return noise_of_shares(table.sealed / table.observed, accuracy, COLUMNS).apparent_gain


def share_intervals(table: LevelTable, edition: Edition, country: str) -> ShareIntervals:
    """Intervals of the sealed share: those of samples, and where no sample tells the share those
    that follow from the accuracy published for the group of ``country``."""
    found = table.share
    # The estimate is in proportion to the mapped area, and so is its interval.
    unit = borrowed_estimate(edition, sealed=1, observed=_MANY, country=country)
    if unit is None or unit.interval_m2 is None:
        return found
    shares = table.sealed / table.observed
    lent = ~found.sampled & np.isfinite(shares)
    low, high = (
        np.where(lent, np.minimum(shares * (end / indicators.square_metres(1)), 1.0), own)
        for end, own in zip(unit.interval_m2, (found.low, found.high), strict=True)
    )
    return ShareIntervals(
        low,
        high,
        basis=np.where(lent, unit.basis, found.basis),
        method=np.where(lent, unit.method, found.method),
        sampled=found.sampled,
    )


def _share(table: LevelTable, edition: Edition, intervals: ShareIntervals) -> Figures:
    """The share as mapped, and how far it reaches."""
    by_noise = with_noise(table.sealed / table.observed, _share_noise(table, edition))
    low, high = intervals.low, intervals.high
    borrowed = intervals.basis == "borrowed"
    # Half of what noise alone could make of it, to either side.
    around, reach = (low + high) / 2, (by_noise.high - by_noise.low) / 2
    low = np.where(borrowed, np.fmin(low, around - reach), low)
    high = np.where(borrowed, np.fmax(high, around + reach), high)
    known = np.isfinite(low)
    return Figures(
        by_noise.values,
        np.where(known, low, by_noise.low),
        np.where(known, high, by_noise.high),
        outside=by_noise.outside,
        basis=intervals.basis,
    )


def _of_share(share: Figures, values: Float64Array, factor: Float64Array) -> Figures:
    """Exact values that are a ``factor`` times a share, which reach as far as that does."""
    return Figures(values, share.low * factor, share.high * factor, share.outside, share.basis)


def _change_noise(table: LevelTable, pair: Sequence[Edition]) -> Float64Array:
    """In cells: the worse of the two editions, at whichever share makes more of it."""
    after = table.before + table.gain - table.loss
    worst: Float64Array = noise_of_pair(
        table.before / table.common,
        after / table.common,
        accuracies=[accuracy_of(edition)[1] for edition in pair],
        arithmetic=COLUMNS,
    )
    return worst * table.common


def figures(
    table: LevelTable,
    measure: Measure,
    edition: Edition,
    pair: Sequence[Edition],
    *,
    intervals: ShareIntervals,
) -> Figures:
    """A measure of all territories: a fraction, square metres per inhabitant, hectares, or per cent
    of the cells ever sealed."""
    hectare = indicators.hectares(1)
    if measure in MEASURES_OF_CHANGE:
        if not pair:
            nothing = np.full(len(table.ids), np.nan)
            return with_noise(nothing, nothing)
        if measure == "estimate":
            values, low, high = (
                one / _M2_IN_HA for one in (table.net_estimate, table.net_low, table.net_high)
            )
            return Figures(values, low, high, outside=(low > 0) | (high < 0))
        cells = table.gain if measure == "gain" else table.gain - table.loss
        return with_noise(cells * hectare, _change_noise(table, pair) * hectare)
    if measure == "flicker":
        ever = np.where(table.ever_sealed > 0, table.ever_sealed, np.nan)
        rate = table.flickering / ever * 100
        return Figures(rate, rate, rate, outside=np.isfinite(rate))
    share = _share(table, edition, intervals)
    if measure == "share":
        return share
    if measure == "sealed":
        return _of_share(share, table.sealed * hectare, table.observed * hectare)
    people = np.where(table.inhabitants > 0, table.inhabitants, np.nan)
    metres = indicators.square_metres(1) / people
    return _of_share(share, table.sealed * metres, table.observed * metres)


@dataclass(frozen=True, slots=True)
class Ranks:
    """First and last rank that a territory may have; 1 for the highest, 0 for no rank."""

    first: Int64Array
    last: Int64Array
    ranked: int
    """How many have a rank."""


def ranks(found: Figures, among: BoolArray | None = None) -> Ranks:
    """Ranks of figures that are known, of those in ``among`` only."""
    known = np.isfinite(found.values) & np.isfinite(found.low) & np.isfinite(found.high)
    if among is not None:
        known &= among
    low, high = found.low[known], found.high[known]
    number = len(low)
    above = number - np.searchsorted(np.sort(low), high, side="right")
    below = np.searchsorted(np.sort(high), low, side="left")
    first, last = (np.zeros(len(known), dtype=np.int64) for _ in range(2))
    first[known], last[known] = above + 1, number - below
    return Ranks(first=first, last=last, ranked=number)


def order(
    found: Figures, *, among: BoolArray | None = None, lowest_first: bool = False
) -> Int64Array:
    """Rows of the table in order: those in ``among`` by figure, then the others that are known, and
    last those that are not, both in the order of the table, which is by name."""
    known = np.isfinite(found.values)
    chosen = known if among is None else known & among
    rows = np.flatnonzero(chosen)
    values = found.values[rows]
    sorted_rows = rows[np.argsort(values if lowest_first else -values, kind="stable")]
    rest = np.flatnonzero(known & ~chosen)
    together: Int64Array = np.concatenate((sorted_rows, rest, np.flatnonzero(~known)))
    return together


class Standing:
    """Figures, ranks and orders of a table, each worked out when it is first asked for.

    Two threads may work out the same one; they come to the same.
    """

    def __init__(
        self, table: LevelTable, edition: Edition, pair: Sequence[Edition], *, country: str = ""
    ) -> None:
        """``country`` is the one whose published accuracy shares may borrow."""
        self.table = table
        self._edition, self._pair, self._country = edition, tuple(pair), country
        self._figures: dict[Measure, Figures] = {}
        self._ranks: dict[Measure, Ranks] = {}
        self._orders: dict[tuple[Measure, bool], Int64Array] = {}

    @functools.cached_property
    def by_share(self) -> Int64Array:
        """Rows whose share is known, the highest first; of equal ones by code."""
        shares = self.table.sealed / self.table.observed
        known = np.flatnonzero(np.isfinite(shares))
        found: Int64Array = known[np.lexsort((self.table.place[known], -shares[known]))]
        return found

    @functools.cached_property
    def share_intervals(self) -> ShareIntervals:
        """Intervals of the sealed share."""
        return share_intervals(self.table, self._edition, self._country)

    def figures(self, measure: Measure) -> Figures:
        """The figures of a measure."""
        if measure not in self._figures:
            self._figures[measure] = figures(
                self.table, measure, self._edition, self._pair, intervals=self.share_intervals
            )
        return self._figures[measure]

    def told_by(self, measure: Measure) -> Mapping[Basis | None, int]:
        """How many territories of a measure of status reach as far as an interval of each basis
        does; None for the stress test."""
        found = self.figures(measure)
        if found.basis is None:
            return {}
        return Counter(found.basis[np.isfinite(found.values)].tolist())

    def told_apart(self, measure: Measure) -> BoolArray:
        """Rows that can be told from noise: of a change those that are ranked, of another figure
        those that share no rank."""
        ranks = self.ranks(measure)
        told: BoolArray = ranks.first > 0
        if measure not in MEASURES_OF_CHANGE:
            told &= ranks.first == ranks.last
        return told

    def _among(self, measure: Measure) -> BoolArray | None:
        """Those that may be ranked: by change only what stands out of the noise."""
        return self.figures(measure).outside if measure in MEASURES_OF_CHANGE else None

    def ranks(self, measure: Measure) -> Ranks:
        """The ranks by a measure."""
        if measure not in self._ranks:
            self._ranks[measure] = ranks(self.figures(measure), self._among(measure))
        return self._ranks[measure]

    def order(self, measure: Measure, *, lowest_first: bool) -> Int64Array:
        """Rows of the table in the order of a measure."""
        key = measure, lowest_first
        if key not in self._orders:
            self._orders[key] = order(
                self.figures(measure), among=self._among(measure), lowest_first=lowest_first
            )
        return self._orders[key]
