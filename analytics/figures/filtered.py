"""What a filter of change leaves of gain and loss."""

from __future__ import annotations

from dataclasses import dataclass

from analytics import indicators
from analytics.patches import DEFAULT_FILTER, PRESETS, ChangeFilter

DEFAULT_PRESET = next(name for name, one in PRESETS.items() if one == DEFAULT_FILTER)
"""The filter that outputs show first: 0.25 ha."""


@dataclass(frozen=True, slots=True)
class FilteredFlows:
    """Cells of a zone that belong to patches of change which a filter accepts."""

    preset: str
    """A name in :data:`analytics.patches.PRESETS`."""
    gain: int
    loss: int

    @property
    def filter(self) -> ChangeFilter:
        """Its thresholds."""
        return PRESETS[self.preset]

    @property
    def is_default(self) -> bool:
        """Whether outputs show it first."""
        return self.preset == DEFAULT_PRESET

    @property
    def net(self) -> int:
        """Gain minus loss, in cells."""
        return self.gain - self.loss

    @property
    def gain_m2(self) -> int:
        """Newly sealed area."""
        return indicators.square_metres(self.gain)

    @property
    def loss_m2(self) -> int:
        """Area that is no longer sealed."""
        return indicators.square_metres(self.loss)

    @property
    def net_m2(self) -> int:
        """Gain minus loss."""
        return indicators.square_metres(self.net)

    @property
    def gain_ha(self) -> float:
        """Newly sealed area."""
        return indicators.hectares(self.gain)

    @property
    def loss_ha(self) -> float:
        """Area that is no longer sealed."""
        return indicators.hectares(self.loss)

    @property
    def net_ha(self) -> float:
        """Gain minus loss."""
        return indicators.hectares(self.net)
