"""Sizes of the networks. Those of the SegFormers: Xie et al. 2021, table 6."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SegFormerShape:
    """Sizes of a SegFormer's four stages and of its decoder."""

    depths: tuple[int, int, int, int]
    hidden_sizes: tuple[int, int, int, int]
    decoder_size: int
    heads: tuple[int, int, int, int] = (1, 2, 5, 8)
    mlp_ratio: int = 4
    first_patch: int = 7
    first_stride: int = 4
    """Logits have 1 / ``first_stride`` of the input's height and width."""


@dataclass(frozen=True, slots=True)
class DetailedShape:
    """Sizes of a SegFormer with a branch of full resolution."""

    context: SegFormerShape
    context_size: int
    """Channels that the SegFormer gives in place of logits."""
    detail_size: int
    """Channels of the branch."""


_WIDE = (64, 128, 320, 512)
SEGFORMERS: Mapping[str, SegFormerShape] = {
    "segformer-b0": SegFormerShape((2, 2, 2, 2), (32, 64, 160, 256), 256),
    "segformer-b1": SegFormerShape((2, 2, 2, 2), _WIDE, 256),
    "segformer-b2": SegFormerShape((3, 4, 6, 3), _WIDE, 768),
    "segformer-b3": SegFormerShape((3, 4, 18, 3), _WIDE, 768),
    "segformer-b4": SegFormerShape((3, 8, 27, 3), _WIDE, 768),
    "segformer-b5": SegFormerShape((3, 6, 40, 3), _WIDE, 768),
}
SMALL_SHAPE = DetailedShape(
    # Not from the paper. A quarter of the height and width is too coarse for roads one cell wide.
    # The branch sees those. Two cores train both in minutes.
    context=SegFormerShape(
        depths=(1, 1, 1, 1),
        hidden_sizes=(24, 32, 64, 96),
        decoder_size=48,
        heads=(1, 2, 4, 8),
        mlp_ratio=2,
    ),
    context_size=16,
    detail_size=32,
)
