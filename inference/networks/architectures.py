"""Networks by name, and how one is built.

Each takes (N, bands, H, W) float32, standardised, 0 where missing, and gives logits (N, labels, H,
W).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inference.errors import ConfigurationError

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, slots=True)
class SegFormerShape:
    """Sizes of a SegFormer's four stages and of its decoder."""

    depths: tuple[int, int, int, int]
    hidden_sizes: tuple[int, int, int, int]
    decoder_size: int
    heads: tuple[int, int, int, int] = (1, 2, 5, 8)
    mlp_ratio: int = 4


_WIDE = (64, 128, 320, 512)
SEGFORMERS: Mapping[str, SegFormerShape] = {
    "segformer-b0": SegFormerShape((2, 2, 2, 2), (32, 64, 160, 256), 256),
    "segformer-b1": SegFormerShape((2, 2, 2, 2), _WIDE, 256),
    "segformer-b2": SegFormerShape((3, 4, 6, 3), _WIDE, 768),
    "segformer-b3": SegFormerShape((3, 4, 18, 3), _WIDE, 768),
    "segformer-b4": SegFormerShape((3, 8, 27, 3), _WIDE, 768),
    "segformer-b5": SegFormerShape((3, 6, 40, 3), _WIDE, 768),
}
"""Sizes of Xie et al. 2021, table 6."""
SMALL_CONTEXT = SegFormerShape((1, 1, 1, 1), (24, 32, 64, 96), 48, heads=(1, 2, 4, 8), mlp_ratio=2)
"""Sizes of the small network's SegFormer. Not from the paper; two cores train it in minutes."""

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
    from inference.networks import segformer

    if architecture.name == SMALL:
        return segformer.DetailedSegFormer(
            SMALL_CONTEXT, bands=architecture.bands, labels=architecture.labels
        )
    return segformer.SegFormer(
        SEGFORMERS[architecture.name], bands=architecture.bands, labels=architecture.labels
    )
