"""Schemes of strata: which cells are alike, and the names of their groups."""

from __future__ import annotations

import math
from dataclasses import dataclass

from analytics.errors import SampleError
from analytics.phrases import phrase as _

BUFFER = 30.0
"""Width of the buffer round sealed cells, in metres, unless one is named."""
WIDEST = 100
"""Cells that a buffer may be wide."""

_ROUNDING = 1e-9  # of a cell: 30 m are three cells of 10 m, however the division is rounded


@dataclass(frozen=True, slots=True)
class Scheme:
    """Strata of a raster or of a pair of them.

    ``numbers`` are those that analytics.sampling.strata_kernels gives to the cells of each stratum;
    ``reach`` are the rows and columns that the buffer is wide, None where only observed and not
    observed cells are told apart.
    """

    names: tuple[str, ...]
    numbers: tuple[int, ...]
    reach: tuple[int, int] | None


OBSERVED = Scheme(("observed",), (1,), None)
"""All cells that are observed in every edition: no strata."""

_OF_PAIR = {"stable_sealed": 1, "gain": 2, "loss": 3, "buffer": 4, "stable_unsealed": 5}
_OF_ONE = {"sealed": 1, "buffer": 4, "unsealed": 5}


def scheme_of(editions: int, *, buffer: float, cell_width: float, cell_height: float) -> Scheme:
    """The strata of one edition (sealed, buffer, unsealed) or of two (stable sealed, gain, loss,
    buffer, stable unsealed).

    The buffer holds the cells that are sealed in no edition and lie at most ``buffer`` (metres, as
    the sizes of a cell are) from a cell that is sealed in one of them: as many whole rows and
    columns away, in all directions (Chebyshev distance). A buffer of 0 is left out. Raises
    SampleError for one that is narrower than a cell or wider than WIDEST cells.
    """
    if not (math.isfinite(buffer) and buffer >= 0):
        raise SampleError(_("buffer"), found=f"{buffer} m", expected=_("metres, 0 or more"))
    reach = _cells(buffer, cell_height), _cells(buffer, cell_width)
    if buffer and not 0 < min(reach) <= max(reach) <= WIDEST:
        raise SampleError(
            _("buffer"),
            found=_(
                "%(buffer)s m on cells of %(width)s by %(height)s m",
                buffer=f"{buffer:g}",
                width=f"{cell_width:g}",
                height=f"{cell_height:g}",
            ),
            expected=_("0, or from 1 to %(n)s cells", n=WIDEST),
        )
    numbers = dict(_OF_PAIR if editions == 2 else _OF_ONE)
    if not buffer:
        del numbers["buffer"]
    return Scheme(tuple(numbers), tuple(numbers.values()), reach)


def _cells(buffer: float, size: float) -> int:
    return int(min(buffer / size + _ROUNDING, WIDEST + 1.0))
