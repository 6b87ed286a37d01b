"""A sample of 100 000 points over France: the whole life of ``python -m analytics sample draw``."""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window

from tests.benchmarks.country import country
from tests.benchmarks.decode_time import decode
from tests.benchmarks.landscape import CELL, NORTH, WEST, Pair, pair
from tests.benchmarks.race import timed
from tests.benchmarks.rows import THREADS, Disagreement, Measured, Row, Scale, at_most

POINTS = 100_000
CHECKED = 300
"""Points whose stratum is computed once more, from the cells round them."""
_REACH = 3  # cells of the buffer


def run(scale: Scale) -> Measured:
    """Seconds of the command, and beside it those of only decoding both editions."""
    editions = country(pair(scale.side), side=scale.large_side)
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "sample.csv"
        command = [sys.executable, "-m", "analytics", "sample", "draw", *map(str, editions.paths)]
        options = ["--points", str(POINTS), "--seed", "7", "-j", str(THREADS), "-o", str(output)]
        seconds, _ = timed(
            lambda: subprocess.run(
                [*command, *options], cwd=Path(__file__).resolve().parents[2], check=True
            )
        )
        answer = _checked(editions, output)
    decoding, _ = timed(lambda: decode(editions))
    side = f"{scale.large_side:,}".replace(",", " ")
    return Measured(
        value=seconds,
        low=seconds,
        high=seconds,
        seconds=f"{side}² cells, two editions, {THREADS} threads; decoding them alone right "
        f"after: {decoding:.3g} s",
        agreement=answer,
    )


def _checked(editions: Pair, output: Path) -> str:
    with output.open(newline="") as file:
        rows = list(csv.DictReader(file))
    places = {(row["x"], row["y"]) for row in rows}
    if not len(rows) == len(places) == POINTS:
        raise Disagreement(f"{len(places)} different points of {POINTS}")
    chosen = np.random.default_rng(7).choice(POINTS, CHECKED, replace=False)
    with rasterio.open(editions.earlier) as one, rasterio.open(editions.later) as two:
        for n in chosen.tolist():
            found, expected = rows[n]["stratum"], _stratum(one, two, rows[n])
            if found != expected:
                raise Disagreement(f"point {n + 1} is in {expected}, not in {found}")
    return f"{POINTS} different cells; the strata of {CHECKED} computed once more"


def _stratum(one: rasterio.DatasetReader, two: rasterio.DatasetReader, row: dict[str, str]) -> str:
    column, line = int((float(row["x"]) - WEST) // CELL), int((NORTH - float(row["y"])) // CELL)
    left, top = max(column - _REACH, 0), max(line - _REACH, 0)
    window = Window(
        left,
        top,
        min(column + _REACH + 1, one.width) - left,
        min(line + _REACH + 1, one.height) - top,
    )
    sealed = [dataset.read(1, window=window) == 1 for dataset in (one, two)]
    before, after = (bool(cells[line - top, column - left]) for cells in sealed)
    if before or after:
        return "stable_sealed" if before and after else "gain" if after else "loss"
    return "buffer" if any(cells.any() for cells in sealed) else "stable_unsealed"


ROWS = (
    Row(
        name="france-sample",
        work="a sample of 100 000 points over that France, five strata; the command",
        required=at_most(30, "s"),
        aim=None,
        run=run,
        unit="s",
    ),
)
