"""Collapse of strata that have too few points for a variance, with a record of what was merged."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analytics.errors import SampleError
from analytics.estimation.frames import Floats, Frame, Positions, counts_in


@dataclass(frozen=True, slots=True)
class Collapse:
    """A stratum that was merged into another."""

    stratum: str
    points: int
    """Points of the stratum: fewer than a variance needs."""
    into: str
    """The stratum that took it up."""
    name: str
    """Name of both together."""


def collapse_strata(
    frame: Frame, stratum: Positions, *, least: int = 2
) -> tuple[Frame, Positions, tuple[Collapse, ...]]:
    """A frame in which each stratum has at least ``least`` points, the positions of the points in
    it, and what was merged, in order.

    A stratum with too few points is merged with the nearest: that of the nearest auxiliary mean if
    the frame has these, else its neighbour in the order of the frame; of two equally near ones, the
    smaller, then the earlier. The values of the sample have no say, since a choice by them would
    make the variance too small. Points of merged strata count alike. That shifts the estimate if
    their sampling fractions differ.

    Raises SampleError for a stratum without any point (nothing is known of it), or if all
    strata together have too few.
    """
    counts_in(frame, stratum, least=1)
    merged: list[Collapse] = []
    while True:
        counts = np.bincount(stratum, minlength=len(frame.names))
        short = np.flatnonzero(counts < least)
        if not len(short) or len(frame.names) == 1:
            break
        small = int(short[0])
        near = _nearest(frame, small)
        joined = _joined(frame, small, near)
        merged.append(
            Collapse(
                stratum=frame.names[small],
                points=int(counts[small]),
                into=frame.names[near],
                name=joined.names[min(small, near)],
            )
        )
        places = np.arange(len(frame.names))
        places[max(small, near)] = min(small, near)
        places[max(small, near) + 1 :] -= 1
        frame, stratum = joined, places[stratum]
    if len(short):
        raise SampleError(
            "the sample",
            found=f"{counts.sum()} point(s) in all",
            expected=f"{least} or more, since fewer have no variance",
        )
    return frame, stratum, tuple(merged)


def _nearest(frame: Frame, position: int) -> int:
    places: Floats = np.arange(len(frame.names), dtype=np.float64)
    scale = places if frame.auxiliary_means is None else frame.auxiliary_means
    distances = np.abs(scale - scale[position])
    others = [other for other in range(len(frame.names)) if other != position]
    return min(others, key=lambda other: (distances[other], frame.sizes[other], other))


def _joined(frame: Frame, one: int, other: int) -> Frame:
    """The frame with two strata as one, at the place of the first of them."""
    first, second = sorted((one, other))
    names = list(frame.names)
    names[first] = f"{names[first]}+{names.pop(second)}"
    sizes = frame.sizes.copy()
    sizes[first] += sizes[second]
    means = frame.auxiliary_means
    if means is not None:
        means = means.copy()
        pair = [first, second]
        means[first] = np.average(means[pair], weights=frame.sizes[pair])
        means = np.delete(means, second)
    return replace(frame, names=tuple(names), sizes=np.delete(sizes, second), auxiliary_means=means)
