"""The ranks of territories, with ties where map noise alone could have told them apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.queries import Standing


@dataclass(frozen=True, slots=True)
class TiedRank:
    """The ranks by sealed share that a territory may have, 1 for the highest."""

    first: int
    last: int
    ranked: int
    """How many of the level have a rank."""

    @property
    def tied(self) -> bool:
        """Whether map noise alone could have told it apart from others."""
        return self.last > self.first


def tied_ranks(standing: Standing, zone_ids: Sequence[int]) -> dict[int, TiedRank]:
    """Ranks of territories by id, as the ranking shows them; without those that have none."""
    ranks = standing.ranks("share")
    return {
        int(standing.table.ids[row]): TiedRank(
            first=int(ranks.first[row]), last=int(ranks.last[row]), ranked=ranks.ranked
        )
        for row in np.flatnonzero(np.isin(standing.table.ids, np.array(zone_ids, dtype=np.int64)))
        if ranks.first[row]
    }
