"""Networks by name, and how one is built.

Each takes (N, bands, H, W) float32, standardised, 0 where missing, and gives logits (N, labels, H,
W).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from inference.errors import ConfigurationError
from inference.networks.sizes import SEGFORMERS, SMALL_SHAPE

if TYPE_CHECKING:
    from torch import nn


SMALL = "segformer-small"
DEFAULT = "segformer-b2"
TEMPCNN = "tempcnn"
NAMES: tuple[str, ...] = (SMALL, *SEGFORMERS, TEMPCNN)


@dataclass(frozen=True, slots=True)
class Architecture:
    """A network without its weights.

    ``dates`` is the length of TempCNN's series. Its bands are ordered by date: all features of the
    first date, then those of the second.
    """

    name: str
    bands: int
    labels: int
    dates: int = 1

    def __post_init__(self) -> None:
        if self.name not in NAMES:
            raise ConfigurationError(
                "architecture", found=repr(self.name), expected=f"one of {', '.join(NAMES)}"
            )
        if self.bands < 1 or self.labels < 2:
            raise ConfigurationError(
                self.name,
                found=f"{self.bands} band(s) and {self.labels} label(s)",
                expected="at least one band and two labels",
            )
        if self.dates < 1 or self.bands % self.dates:
            raise ConfigurationError(
                self.name,
                found=f"{self.bands} bands for {self.dates} dates",
                expected="as many bands for each date",
            )


def build(architecture: Architecture) -> nn.Module:
    """Build the network with weights from torch's random generator. Imports torch."""
    if architecture.name == TEMPCNN:
        from inference.networks.tempcnn import TempCNNMap

        return TempCNNMap(
            dates=architecture.dates,
            features=architecture.bands // architecture.dates,
            labels=architecture.labels,
        )
    if architecture.name == SMALL:
        from inference.networks.detailed import DetailedSegFormer

        return DetailedSegFormer(SMALL_SHAPE, bands=architecture.bands, labels=architecture.labels)
    from inference.networks.segformer import SegFormer

    return SegFormer(
        SEGFORMERS[architecture.name], bands=architecture.bands, labels=architecture.labels
    )
