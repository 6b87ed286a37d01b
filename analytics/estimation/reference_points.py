"""Labelled points of a stratified sample, and what they say of sealed area and its change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from analytics.estimation.frames import Floats, Frame, Positions

Quantity = Literal["sealed_before", "sealed_after", "gain", "loss", "net"]
"""What is estimated: area sealed at the earlier and at the later date, newly sealed, no longer
sealed, and gain − loss."""
QUANTITIES: tuple[Quantity, ...] = get_args(Quantity)
SEALED_QUANTITIES: tuple[Quantity, ...] = ("sealed_before", "sealed_after")

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ReferencePoints:
    """Points with their strata and labels, each array of shape (points,).

    The points of a stratum are a simple random sample of its cells, also where only a part of them
    is labelled, as long as chance alone decided which. ValueError for arrays of other shapes, a
    stratum that the frame has not, or a frame of areas.
    """

    frame: Frame
    """The strata of the sample's whole territory, with their sizes in cells."""
    stratum: Positions
    """Position among the frame's strata."""
    sealed_before: Flags | None
    """Whether the reference calls the point sealed at the earlier date; None for a sample from one
    edition."""
    sealed_after: Flags
    """The same at the later date."""

    def __post_init__(self) -> None:
        if self.frame.measure != "units":
            raise ValueError("strata of area; expected strata of cells")
        shape = self.stratum.shape
        for flags in (self.sealed_before, self.sealed_after):
            if flags is not None and (flags.shape != shape or flags.dtype != np.bool_):
                raise ValueError(f"labels {flags.dtype} {flags.shape}; expected bool {shape}")
        if (
            self.stratum.ndim != 1
            or not ((self.stratum >= 0) & (self.stratum < len(self.frame.names))).all()
        ):
            raise ValueError("stratum: expected positions among the frame's strata")

    def __len__(self) -> int:
        return len(self.stratum)

    @property
    def sealed(self) -> Flags:
        """Whether the reference calls a point sealed at either date."""
        if self.sealed_before is None:
            return self.sealed_after
        return self.sealed_before | self.sealed_after

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """What can be estimated: without an earlier date, the area sealed at the later one."""
        return QUANTITIES if self.sealed_before is not None else ("sealed_after",)

    def values(self, quantity: Quantity) -> Floats:
        """The quantity at each point: 0 or 1 of a cell, −1, 0 or 1 for *net*."""
        after = self.sealed_after.astype(np.float64)
        if quantity == "sealed_after":
            return after
        if self.sealed_before is None:
            raise ValueError(f"{quantity} of a sample from one edition")
        before = self.sealed_before.astype(np.float64)
        if quantity == "sealed_before":
            return before
        if quantity == "net":
            return after - before
        return after * (1 - before) if quantity == "gain" else before * (1 - after)
