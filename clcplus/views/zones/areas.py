"""Areas of uploaded zones in the unit that suits their size."""

from __future__ import annotations

from analytics import indicators
from clcplus.presentation.numbers import hectares, square_kilometres, square_metres

_SMALL = 10_000
_LARGE = 10_000_000


def written_area(area: float) -> str:
    """Square metres of a shape as people say them: ``432 m²``, ``12.4 ha``, ``14.8 km²``."""
    if area < _SMALL:
        return square_metres(area)
    if area < _LARGE:
        return hectares(indicators.hectares_of_shape(area))
    return square_kilometres(indicators.square_kilometres_of_shape(area))
