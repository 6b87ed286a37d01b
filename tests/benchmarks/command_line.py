"""The command line on a small input, start-up included: the whole life of a process."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from statistics import median

import numpy as np
import pyogrio
import shapely

from tests.benchmarks.inputs import built
from tests.benchmarks.landscape import pair
from tests.benchmarks.partition import zones
from tests.benchmarks.race import timed
from tests.benchmarks.rows import Disagreement, Measured, Row, Scale, Skipped, at_most

ROOT = Path(__file__).resolve().parents[2]
SIDE, ZONES = 1_024, 20


def run(scale: Scale) -> Measured:
    """Median seconds of ``python -m analytics zonal``, after a run that does not count."""
    if importlib.util.find_spec("analytics.__main__") is None:
        raise Skipped("there is no `python -m analytics` yet")
    raster = pair(SIDE).earlier

    def whole_process() -> str:
        command = [sys.executable, "-m", "analytics", "zonal", str(_layer()), str(raster)]
        done = subprocess.run(
            [*command, "--id-field", "code", "--missing", "255"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Skipped(f"`python -m analytics zonal` fails: {done.stderr.strip()[-200:]}")
        return done.stdout

    table = whole_process()
    seconds = sorted(timed(whole_process)[0] for _ in range(max(scale.repeats, 5)))
    return Measured(
        value=median(seconds),
        low=seconds[0],
        high=seconds[-1],
        seconds=f"{ZONES} zones, {SIDE}² cells, one edition",
        agreement=_whole(table),
    )


def _layer() -> Path:
    def build(folder: Path) -> None:
        geometries = zones(count=ZONES, side=SIDE)
        pyogrio.raw.write(
            folder / "zones.gpkg",
            geometry=shapely.to_wkb(geometries),
            field_data=[np.array([f"Z{n:02d}" for n in range(ZONES)], dtype=object)],
            fields=["code"],
            geometry_type="Polygon",
            crs="EPSG:3035",
        )

    return built(f"layer-{ZONES}-{SIDE}", build) / "zones.gpkg"


def _whole(table: str) -> str:
    """Zones partition the raster: their cells add up to its cells."""
    header, *lines = table.splitlines()
    place = header.split(",").index("cells")
    cells = sum(int(line.split(",")[place]) for line in lines)
    if cells != SIDE * SIDE:
        raise Disagreement(f"the command counts {cells} cells of {SIDE * SIDE}")
    return "every cell of the raster counted once"


ROWS = (
    Row(
        name="command-line",
        work="the command line on a small input, start-up included",
        required=at_most(1, "s"),
        aim=at_most(0.4, "s"),
        run=run,
        why="Importing Numba and loading the compiled kernels take 0.3 s. To save them, "
        "the rule would need a second implementation without Numba.",
        unit="s",
    ),
)
