"""SegFormer for any number of bands, from the layers of transformers, and a small variant."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from transformers import SegformerConfig, SegformerForSemanticSegmentation

from inference.networks.architectures import SegFormerShape

_CONTEXT_CHANNELS, _DETAIL_CHANNELS = 16, 32


class SegFormer(nn.Module):
    """Logits of each cell: the decoder's logits, enlarged to the input's size."""

    def __init__(self, shape: SegFormerShape, *, bands: int, labels: int) -> None:
        super().__init__()
        config = SegformerConfig(
            num_channels=bands,
            depths=list(shape.depths),
            hidden_sizes=list(shape.hidden_sizes),
            decoder_hidden_size=shape.decoder_size,
            num_attention_heads=list(shape.heads),
            mlp_ratios=[shape.mlp_ratio] * 4,
        )
        config.num_labels = labels
        self.net = SegformerForSemanticSegmentation(config)

    def forward(self, x: Tensor) -> Tensor:
        """(N, bands, H, W) → (N, labels, H, W)."""
        logits: Tensor = self.net(pixel_values=x).logits
        return nn.functional.interpolate(
            logits, size=x.shape[-2:], mode="bilinear", align_corners=False
        )


class DetailedSegFormer(nn.Module):
    """A SegFormer with a branch of full resolution that sees each cell.

    The SegFormer sees the surroundings of a cell at a quarter of the height and width, which is too
    coarse for roads one cell wide. Convolutions at full size see the cell. The label follows from
    both.
    """

    def __init__(self, context: SegFormerShape, *, bands: int, labels: int) -> None:
        super().__init__()
        self.context = SegFormer(context, bands=bands, labels=_CONTEXT_CHANNELS)
        self.detail = nn.Sequential(
            nn.Conv2d(bands, _DETAIL_CHANNELS, kernel_size=3, padding=1),
            nn.GELU(),
            nn.Conv2d(_DETAIL_CHANNELS, _DETAIL_CHANNELS, kernel_size=1),
            nn.GELU(),
        )
        self.head = nn.Sequential(
            nn.Conv2d(_DETAIL_CHANNELS + _CONTEXT_CHANNELS, _DETAIL_CHANNELS, kernel_size=1),
            nn.GELU(),
            nn.Conv2d(_DETAIL_CHANNELS, labels, kernel_size=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, bands, H, W) → (N, labels, H, W)."""
        logits: Tensor = self.head(torch.cat((self.detail(x), self.context(x)), dim=1))
        return logits


def adapt_first_layer(weight: Tensor, *, bands: tuple[str, ...]) -> Tensor:
    """Adapt the weights of a first layer for red, green and blue to ``bands``: (out, 3, k, k) →
    (out, bands, k, k).

    Red, green and blue keep their kernels. Other bands get the mean of the three. All are scaled by
    3 / bands, so that activations keep their size.
    """
    of_colour = {"B04": weight[:, 0], "B03": weight[:, 1], "B02": weight[:, 2]}
    mean = weight.mean(dim=1)
    kernels = [of_colour.get(band.rpartition(".")[2], mean) for band in bands]
    return torch.stack(kernels, dim=1) * (3 / len(bands))
