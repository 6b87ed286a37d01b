"""A small SegFormer that sees each cell: a branch of full resolution beside it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from inference.networks.segformer import SegFormer
from inference.networks.sizes import DetailedShape


class DetailedSegFormer(nn.Module):
    """Where a cell lies, by a SegFormer at a quarter of the height and width; what it is made of,
    by convolutions at full size; and its label by both."""

    def __init__(self, shape: DetailedShape, *, bands: int, labels: int) -> None:
        super().__init__()
        self.context = SegFormer(shape.context, bands=bands, labels=shape.context_size)
        self.detail = nn.Sequential(
            nn.Conv2d(bands, shape.detail_size, kernel_size=3, padding=1),
            nn.GELU(),
            nn.Conv2d(shape.detail_size, shape.detail_size, kernel_size=1),
            nn.GELU(),
        )
        self.head = nn.Sequential(
            nn.Conv2d(shape.detail_size + shape.context_size, shape.detail_size, kernel_size=1),
            nn.GELU(),
            nn.Conv2d(shape.detail_size, labels, kernel_size=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, bands, H, W) → (N, labels, H, W)."""
        logits: Tensor = self.head(torch.cat((self.detail(x), self.context(x)), dim=1))
        return logits
