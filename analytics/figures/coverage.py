"""Small zones by the rule *coverage*: each cell counts by the part of it that lies inside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics import indicators
from analytics.nomenclature import OBSERVED_CODES, SEALED

_CLASSES = len(OBSERVED_CODES)
_SEALED = OBSERVED_CODES.index(SEALED)


@dataclass(frozen=True, slots=True)
class CoverageFigures:
    """A small zone in one edition. They stand beside the figures by the centre rule, which are the
    published ones."""

    cells: Sequence[float]
    """Sums of fractions of cells, in the order of CODES."""

    @property
    def observed(self) -> float:
        """Cells with a class from 1 to 11."""
        return sum(self.cells[:_CLASSES])

    @property
    def not_observed(self) -> float:
        """Cells without a class."""
        return sum(self.cells[_CLASSES:])

    @property
    def sealed(self) -> float | None:
        """Sealed cells; None where nothing is observed."""
        return self.cells[_SEALED] if self.observed > 0 else None

    @property
    def share(self) -> float | None:
        """Sealed part of the observed area, 0..1; None where nothing is observed."""
        return None if self.sealed is None else self.sealed / self.observed

    @property
    def sealed_ha(self) -> float | None:
        """Sealed area; None where nothing is observed."""
        return None if self.sealed is None else indicators.hectares(self.sealed)

    @property
    def observed_ha(self) -> float:
        """Observed area."""
        return indicators.hectares(self.observed)
