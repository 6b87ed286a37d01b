"""The pass over France as a process: ``python -m tests.benchmarks.france_process SIDE ZONES BASE
COUNTS`` writes the counts to the file COUNTS and prints seconds and peak memory as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from tests.benchmarks import engine
from tests.benchmarks.country import country
from tests.benchmarks.landscape import pair
from tests.benchmarks.machine import peak_memory
from tests.benchmarks.partition import zones
from tests.benchmarks.race import timed


def main(side: int, count: int, base: int, counts: Path) -> None:
    """Compile on the small input, then measure."""
    engine.pair_counts(pair(1_024), zones(count=20, side=1_024))
    editions = country(pair(base), side=side)
    geometries = zones(count=count, side=side)
    seconds, found = timed(lambda: engine.pair_counts(editions, geometries))
    peak = peak_memory()
    np.savez(
        counts,
        cells=found.cells[:, :-1, :-1],
        earlier=found.codes[0],
        later=found.codes[1],
    )
    print(json.dumps({"seconds": seconds, "peak": peak}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
