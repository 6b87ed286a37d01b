"""An edition beside the last one of its product: what may change, and how much of it at once."""

from __future__ import annotations

import numpy as np

from analytics.arrays import Float64Array, Int64Array
from analytics.checks.limits import Limits
from analytics.checks.records import (
    SEVERITY,
    CheckResult,
    Concerned,
    CountedEdition,
    Grade,
    LayerCounts,
    named,
    observed_of,
    sealed_of,
)
from analytics.checks.robust import LEAST, patch_noise, scores
from analytics.nomenclature import OBSERVED_CODES

TURNOVER = Limits(warn=0.15, fail=0.30)
"""Share of cells that have another class. Errors that are independent, at the published overall
accuracies of 2018 and 2021 (91.9 and 93.7 %), alone make 1 − 0.919 · 0.937 = 13.9 %; errors of
editions that are calibrated against each other make fewer. Twice that is another map."""
SEALED_TURNOVER = Limits(warn=0.34, fail=1.0)
"""Gain and loss ÷ sealed stock. Independent errors at the accuracy of 2021 make a gain and a loss
of 16.7 % of the stock each, 33.4 % together. From 100 % on the editions share no stock."""
HISTOGRAM = Limits(warn=0.05, fail=0.15)
"""Total variation of the shares of classes. It is at most the share of cells that have another
class, and far below it where errors cancel: 5 % are a third of TURNOVER's first limit, and 15 % are
all of it in one direction."""
LOST_CLASS = 0.001
"""Share of the observed area from which on a class does not vanish, or appear, between editions."""
COVERAGE = Limits(warn=0.01, fail=0.05)
"""Share of the last edition's observed area that this one lacks. From 1 % on readers are told of a
territory that it is observed in part; 5 % of a country are a tile or more."""
OUTLIER = 6.0
"""Robust score from which on a territory stands out: of normal values one in five hundred millions,
of real ones, whose tails are longer, less than one in a hundred."""
OUTLIERS = Limits(warn=0.02, fail=0.10)
"""Share of territories that stand out. Growth at a few places is real; a tenth of all territories
at once is an edition whose parts do not fit together."""


def change(edition: CountedEdition) -> CheckResult:
    """Share of cells that changed since the last edition.

    t = cells of another class ÷ cells observed in both, with the limits TURNOVER, and
    s = (gain + loss) ÷ stock before, with the limits SEALED_TURNOVER. Named are those of the
    territories whose t is beyond the second limit.
    """
    layer, finest = edition.whole, edition.finest
    if layer is None or layer.flows is None or not layer.flows.common.sum():
        return CheckResult(check="change", grade=Grade.NONE)
    flows = layer.flows
    turnover = 1 - int(flows.kept.sum()) / int(flows.common.sum())
    moved, stock = int((flows.gain + flows.loss).sum()), int(flows.before.sum())
    sealed = moved / stock if stock else float(moved > 0)
    grade = max(TURNOVER.grade(turnover), SEALED_TURNOVER.grade(sealed), key=SEVERITY.index)
    positions, rates = np.zeros(0, np.int64), np.zeros(0)
    if finest is not None and finest.flows is not None:
        rates = 1 - finest.flows.kept / np.maximum(finest.flows.common, 1)
        rates[finest.flows.common == 0] = 0
        positions = np.flatnonzero(rates > TURNOVER.fail)
    return CheckResult(
        check="change",
        grade=grade,
        value=turnover,
        warn_from=TURNOVER.warn,
        fail_from=TURNOVER.fail,
        compared=len(rates),
        numbers={
            "sealed_turnover": sealed,
            "sealed_warn_from": SEALED_TURNOVER.warn,
            "sealed_fail_from": SEALED_TURNOVER.fail,
            "common": int(flows.common.sum()),
            "gain": int(flows.gain.sum()),
            "loss": int(flows.loss.sum()),
        },
        concerned=len(positions),
        named=named(finest, positions, rates) if finest is not None else (),
    )


def neighbours(edition: CountedEdition) -> CheckResult:
    """Change of a territory beside that of its neighbours.

    r = cells of another class ÷ cells observed in both. z is its robust score among the territories
    of the same parent, or of the whole layer where the parent has fewer than LEAST. A territory
    stands out where |z| > OUTLIER; the share of those that do has the limits OUTLIERS.
    """
    layer = edition.finest
    if layer is None or layer.flows is None:
        return CheckResult(check="neighbours", grade=Grade.NONE)
    common = layer.flows.common
    known = np.flatnonzero(common > 0)
    if len(known) < LEAST:
        return CheckResult(check="neighbours", grade=Grade.NONE, compared=len(known))
    rates = np.zeros(len(layer.ids))
    rates[known] = 1 - layer.flows.kept[known] / common[known]
    found = np.zeros(len(layer.ids))
    noise = patch_noise(float(np.median(rates[known])), common)
    found[known] = scores(rates[known], noise=noise[known])
    order = known[np.argsort(layer.parents[known], kind="stable")]
    starts = np.flatnonzero(np.diff(layer.parents[order], prepend=-1))
    for group in np.split(order, starts[1:]):
        if len(group) >= LEAST and layer.parents[group[0]]:
            noise = patch_noise(float(np.median(rates[group])), common[group])
            found[group] = scores(rates[group], noise=noise)
    return _outliers("neighbours", layer, found, known)


def shares(edition: CountedEdition) -> CheckResult:
    """Change of the sealed share.

    d = sealed ÷ observed − the same in the last edition. z is its robust score in the layer; a
    territory stands out where |z| > OUTLIER; the share of those that do has the limits OUTLIERS.
    """
    layer = edition.finest
    if layer is None or layer.former is None:
        return CheckResult(check="shares", grade=Grade.NONE)
    now, before = layer.observed, observed_of(layer.former)
    known = np.flatnonzero((now > 0) & (before > 0))
    if len(known) < LEAST:
        return CheckResult(check="shares", grade=Grade.NONE, compared=len(known))
    former = sealed_of(layer.former)[known] / before[known]
    apart = sealed_of(layer.cells)[known] / now[known] - former
    found = np.zeros(len(layer.ids))
    found[known] = scores(apart, noise=patch_noise(former, np.minimum(now, before)[known]))
    return _outliers("shares", layer, found, known)


def histogram(edition: CountedEdition) -> CheckResult:
    """Shares of the classes beside those of the last edition.

    v = ½ Σ |p − q| over the eleven classes, of the observed cells of each, with the limits
    HISTOGRAM. A class that has vanished or appeared, with a share above LOST_CLASS, is a failure.
    """
    layer = edition.whole
    if layer is None or layer.former is None:
        return CheckResult(check="histogram", grade=Grade.NONE)
    classes = len(OBSERVED_CODES)
    now = layer.cells[:, :classes].sum(axis=0)
    before = layer.former[:, :classes].sum(axis=0)
    if not now.sum() or not before.sum():
        return CheckResult(check="histogram", grade=Grade.NONE)
    p, q = now / now.sum(), before / before.sum()
    value = float(np.abs(p - q).sum() / 2)
    lost = np.flatnonzero((np.minimum(p, q) == 0) & (np.maximum(p, q) > LOST_CLASS))
    numbers = {}
    for code, share, former in zip(OBSERVED_CODES, p.tolist(), q.tolist(), strict=True):
        numbers[f"share_{code}"], numbers[f"former_{code}"] = share, former
    return CheckResult(
        check="histogram",
        grade=Grade.FAIL if len(lost) else HISTOGRAM.grade(value),
        value=value,
        warn_from=HISTOGRAM.warn,
        fail_from=HISTOGRAM.fail,
        compared=classes,
        numbers=numbers,
        concerned=len(lost),
        named=[Concerned("", str(OBSERVED_CODES[n]), "", float(p[n] - q[n])) for n in lost],
    )


def coverage(edition: CountedEdition) -> CheckResult:
    """Observed area beside that of the last edition.

    c = 1 − observed ÷ observed in the last edition, over all territories, with the limits COVERAGE.
    Named are the territories of the finest layer that lack more than the first limit.
    """
    layer, finest = edition.whole, edition.finest
    if layer is None or layer.former is None or not observed_of(layer.former).sum():
        return CheckResult(check="coverage", grade=Grade.NONE)
    before = int(observed_of(layer.former).sum())
    lacking = 1 - int(layer.observed.sum()) / before
    positions, lack = np.zeros(0, np.int64), np.zeros(0)
    if finest is not None and finest.former is not None:
        former = observed_of(finest.former)
        lack = 1 - finest.observed / np.maximum(former, 1)
        lack[former == 0] = 0
        positions = np.flatnonzero(lack > COVERAGE.warn)
    return CheckResult(
        check="coverage",
        grade=COVERAGE.grade(lacking),
        value=lacking,
        warn_from=COVERAGE.warn,
        fail_from=COVERAGE.fail,
        compared=len(lack),
        numbers={"observed": int(layer.observed.sum()), "former": before},
        concerned=len(positions),
        named=named(finest, positions, lack) if finest is not None else (),
    )


def _outliers(
    check: str, layer: LayerCounts, found: Float64Array, known: Int64Array
) -> CheckResult:
    apart = np.flatnonzero(np.abs(found) > OUTLIER)
    share = len(apart) / len(known)
    return CheckResult(
        check=check,
        grade=OUTLIERS.grade(share),
        value=share,
        warn_from=OUTLIERS.warn,
        fail_from=OUTLIERS.fail,
        compared=len(known),
        numbers={"score": OUTLIER},
        concerned=len(apart),
        named=named(layer, apart, found),
    )
