"""A small SegFormer with a branch of full resolution that sees each cell."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from inference.networks.segformer import SegFormer
from inference.networks.sizes import DetailedShape


class DetailedSegFormer(nn.Module):
    """A SegFormer sees the surroundings of a cell at a quarter of the height and width.
    Convolutions at full size see the cell. The label follows from both."""

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
