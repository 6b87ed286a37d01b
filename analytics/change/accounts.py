"""Sealed stock and its change as an account that balances: before + gain - loss = after.

All are cells that both editions have observed. The account of a filter has the same stock before;
its stock after is what the accepted patches alone would have left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.arrays import Int64Array
from analytics.nomenclature import OBSERVED_CODES, SEALED

_PLACE = OBSERVED_CODES.index(SEALED)


@dataclass(frozen=True, slots=True)
class Account:
    """Cells of zones, each array of shape (zones,). Raises ValueError where one does not balance,
    or is negative."""

    before: Int64Array
    gain: Int64Array
    loss: Int64Array
    after: Int64Array

    def __post_init__(self) -> None:
        if not (self.before + self.gain - self.loss == self.after).all():
            raise ValueError("before + gain - loss is not after")
        if any((cells < 0).any() for cells in (self.before, self.gain, self.loss, self.after)):
            raise ValueError("there are no cells below 0")


def raw_account(transitions: Int64Array) -> Account:
    """The account of all change, from cells by former and later class, shape (zones, 11, 11), in
    the order of OBSERVED_CODES."""
    before = transitions[..., _PLACE, :].sum(axis=-1)
    after = transitions[..., :, _PLACE].sum(axis=-1)
    stable = transitions[..., _PLACE, _PLACE]
    return Account(before, gain=after - stable, loss=before - stable, after=after)


def filtered_account(raw: Account, *, accepted: Int64Array) -> Account:
    """The account of a filter; ``accepted`` are the cells of gain and of loss that it accepts,
    shape (zones, 2). Raises ValueError where it accepts more than there is."""
    gain, loss = np.moveaxis(accepted, -1, 0)
    if (gain > raw.gain).any() or (loss > raw.loss).any():
        raise ValueError("a filter accepts more cells than have changed")
    return Account(raw.before, gain=gain, loss=loss, after=raw.before + gain - loss)
