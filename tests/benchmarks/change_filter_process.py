"""The filter over France as a process: ``python -m tests.benchmarks.change_filter_process SIDE
ZONES BASE`` prints as JSON the seconds and the peak memory, what was found, and the seconds of a
plain pass right after it."""

from __future__ import annotations

import json
import sys

from tests.benchmarks import engine
from tests.benchmarks.country import country
from tests.benchmarks.landscape import pair
from tests.benchmarks.machine import peak_memory
from tests.benchmarks.partition import zones
from tests.benchmarks.race import timed


def main(side: int, count: int, base: int) -> None:
    """Compile on the small input, then measure."""
    engine.filtered_change(pair(1_024), zones(count=20, side=1_024))
    engine.pair_counts(pair(1_024), zones(count=20, side=1_024))
    editions = country(pair(base), side=side)
    geometries = zones(count=count, side=side)
    seconds, found = timed(lambda: engine.filtered_change(editions, geometries))
    peak = peak_memory()
    plain, _ = timed(lambda: engine.pair_counts(editions, geometries))
    print(
        json.dumps(
            {
                "seconds": seconds,
                "peak": peak,
                "pass": plain,
                "raw": found.totals.raw_cells,
                "raw_in_zones": found.raw.sum(axis=0).tolist(),
                "accepted": found.totals.accepted_cells,
                "accepted_in_zones": found.accepted.sum(axis=0).tolist(),
                "patches": sum(found.totals.patches),
            }
        )
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
