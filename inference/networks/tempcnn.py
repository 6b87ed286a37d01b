"""TempCNN (Pelletier, Webb and Petitjean 2019): a cell's class from its time series only."""

from __future__ import annotations

from torch import Tensor, nn

_FILTERS, _KERNEL, _DENSE, _DROPOUT = 64, 5, 256, 0.5


class TempCNN(nn.Module):
    """(N, features, dates) → logits (N, labels): convolutions along time and a dense layer."""

    def __init__(self, *, dates: int, features: int, labels: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before in (features, _FILTERS, _FILTERS):
            layers += [
                nn.Conv1d(before, _FILTERS, _KERNEL, padding="same"),
                nn.BatchNorm1d(_FILTERS),
                nn.ReLU(),
                nn.Dropout(_DROPOUT),
            ]
        self.along_time = nn.Sequential(*layers)
        self.dense = nn.Sequential(
            nn.Flatten(),
            nn.Linear(_FILTERS * dates, _DENSE),
            nn.BatchNorm1d(_DENSE),
            nn.ReLU(),
            nn.Dropout(_DROPOUT),
            nn.Linear(_DENSE, labels),
        )

    def forward(self, series: Tensor) -> Tensor:
        """Logits of each series."""
        logits: Tensor = self.dense(self.along_time(series))
        return logits


class TempCNNMap(nn.Module):
    """TempCNN for every cell of a window whose bands are ordered by date."""

    def __init__(self, *, dates: int, features: int, labels: int) -> None:
        super().__init__()
        self.dates, self.features = dates, features
        self.net = TempCNN(dates=dates, features=features, labels=labels)

    def forward(self, x: Tensor) -> Tensor:
        """(N, dates × features, H, W) → (N, labels, H, W)."""
        n, _, height, width = x.shape
        series = x.view(n, self.dates, self.features, height, width)
        series = series.permute(0, 3, 4, 2, 1).reshape(-1, self.features, self.dates)
        logits: Tensor = self.net(series)
        return logits.view(n, height, width, -1).permute(0, 3, 1, 2)
